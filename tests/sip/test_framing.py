"""A stream cut into messages, however its bytes arrive."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipway.sip.framing import DEFAULT_LIMIT, Framer

HEAD = b"OPTIONS sip:x@a.example SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1\r\n"


def message(length: bytes, body: bytes = b"", line_end: bytes = b"\r\n") -> bytes:
    return (HEAD + length + b"\r\n\r\n").replace(b"\r\n", line_end) + body


PLAIN = message(b"Content-Length: 0")
BODY = message(b"Content-Length: 4", b"abcd")


@pytest.mark.parametrize(
    "data",
    [
        message(b"Content-Length: 4", b"abcd"),
        message(b"l: 4", b"abcd"),
        message(b"L:4", b"\r\n\r\n"),
        message(b"content-LENGTH  :  4 ", b"abcd"),
        message(b"Content-Length:\r\n  4", b"abcd"),
        message(b"Content-Length: 0000000000000000004", b"abcd"),
        message(b"Content-Length: 4\r\nl: 4", b"abcd"),
        message(b"Content-Length: 4", b"abcd", line_end=b"\n"),
        message(b"X-Content-Length: 9\r\nl: 4", b"abcd"),
    ],
)
def test_forms_of_content_length(data: bytes) -> None:
    framer = Framer()
    assert framer.feed(data + PLAIN) == [data, PLAIN]
    assert (framer.fault, framer.partial) == ("", False)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (message(b"Content-Length: 4x"), "a message whose Content-Length is no number"),
        (message(b"Content-Length: -1"), "a message whose Content-Length is no number"),
        (message(b"Content-Length: "), "a message whose Content-Length is no number"),
        (message(b"Content-Length: 4\r\n 5"), "a message whose Content-Length is no number"),
        (message(b"X: y"), "a message without Content-Length"),
        (b"hello\r\n\r\n", "a message without Content-Length"),
        (message(b"l: 4\r\nContent-Length: 0"), "a message with two Content-Lengths that differ"),
        (message(b"l: 0\r\nl: 4"), "a message with two Content-Lengths that differ"),
        (message(b"l: 66000"), "a message of more than 65535 bytes"),
        (message(b"l: " + b"9" * 5000), "a message of more than 65535 bytes"),
        (HEAD + b"X: " + b"x" * 65_536, "a message of more than 65535 bytes"),
        (b"\x16\x03\x01\x02", "something else than SIP"),
        (b"\0" * 80, "something else than SIP"),
    ],
)
def test_after_a_fault_nothing_more_is_read(data: bytes, fault: str) -> None:
    framer = Framer()
    assert framer.feed(PLAIN + data) == [PLAIN]
    assert framer.fault == fault
    assert framer.feed(PLAIN) == []
    assert not framer.partial


def test_a_message_may_do_without_content_length_if_that_is_accepted() -> None:
    framer = Framer(accept_no_length=True)
    assert framer.feed(message(b"X: y") + PLAIN) == [message(b"X: y"), PLAIN]


@pytest.mark.parametrize(
    ("data", "pongs"),
    [
        (b"\r\n", 0),
        (b"\r\n\r\n", 1),
        (b"\r\n\r\n\r\n", 1),
        (b"\r\n\r\n\r\n\r\n", 2),
        (b"\n\n", 0),
        (b"\r\n\r\n" + PLAIN, 1),
        (PLAIN + b"\r\n\r\n" + PLAIN, 1),
        (PLAIN + b"\r\n" + PLAIN + b"\r\n", 0),
    ],
)
def test_pings_as_kamailio_counts_them(data: bytes, pongs: int) -> None:
    whole, single = Framer(), Framer()
    whole.feed(data)
    for each in data:
        single.feed(bytes((each,)))
    assert whole.answer == single.answer == b"\r\n" * pongs
    silent = Framer(answer_pings=False)
    silent.feed(data)
    assert silent.answer == b""


_PIECES = st.lists(
    st.one_of(
        st.sampled_from([PLAIN, BODY, b"\r\n", b"\r\n\r\n", b"\n", message(b"l: 2", b"\r\n")]),
        st.binary(max_size=12).map(lambda body: message(b"l: %d" % len(body), body)),
        st.sampled_from([message(b"X: y"), b"\x80", message(b"l: x"), HEAD]),
    ),
    max_size=8,
)


@given(_PIECES, st.lists(st.integers(0, 1000), max_size=20))
def test_any_split_gives_the_same(pieces: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(pieces)
    whole, split = Framer(), Framer()
    expected = whole.feed(stream)
    at = 0
    found = []
    for cut in [*sorted(cuts), len(stream)]:
        found += split.feed(stream[at:cut])
        at = max(at, cut)
    assert found == expected
    assert (split.fault, split.answer, split.partial) == (whole.fault, whole.answer, whole.partial)


@given(st.lists(st.binary(max_size=300), max_size=30))
def test_what_is_kept_is_bounded(pieces: list[bytes]) -> None:
    limit = 200
    framer = Framer(limit)
    for piece in pieces:
        framer.feed(b"A" + piece)
        assert len(framer._kept) <= limit + len(piece) + 1
        if framer.fault:
            assert not framer.partial


def test_a_message_of_the_limit_is_taken_and_one_byte_more_is_not() -> None:
    rest = DEFAULT_LIMIT - len(message(b"l: 00000"))
    fits = message(b"l: %05d" % rest, bytes(rest))
    assert Framer().feed(fits) == [fits]
    framer = Framer()
    assert framer.feed(message(b"l: %05d" % (rest + 1))) == []
    assert framer.fault == "a message of more than 65535 bytes"


def test_a_message_that_comes_a_byte_at_a_time_costs_no_more_than_its_bytes() -> None:
    """Each byte is looked at once: the end of the headers is not searched from their start."""
    framer = Framer()
    data = message(b"X: " + b"x" * 20_000 + b"\r\nl: 30000", bytes(30_000))
    found = [each for byte in data for each in framer.feed(bytes((byte,)))]
    assert found == [data]


@pytest.mark.parametrize(
    ("data", "written"),
    [
        (b"A b\r\nX: 1\r\n\r\n", b"A b\r\nX: 1\r\nContent-Length: 0\r\n\r\n"),
        (b"A b\r\nX: 1\r\n\r\nabc", b"A b\r\nX: 1\r\nContent-Length: 3\r\n\r\nabc"),
        (b"A b\nX: 1\n\nabc", b"A b\nX: 1\nContent-Length: 3\r\n\nabc"),
        # One that stands in the body is none.
        (
            b"A b\r\nX: 1\r\n\r\nC d\r\nContent-Length: 0\r\n\r\n",
            b"A b\r\nX: 1\r\nContent-Length: 26\r\n\r\nC d\r\nContent-Length: 0\r\n\r\n",
        ),
    ],
)
def test_what_goes_out_has_a_content_length(data: bytes, written: bytes) -> None:
    assert Framer().encode([data]) == written
    assert Framer().feed(written) == [written]


@pytest.mark.parametrize(
    "data",
    [
        b"A b\r\nContent-Length: 0\r\n\r\n",
        b"A b\r\ncontent-length : 1\r\n\r\nx",
        b"A b\r\nl:0\r\nX: 1\r\n\r\n",
        b"A b\nL: 0\n\n",
        b"\r\n\r\n",
        b"A b",
        b"",
    ],
)
def test_what_has_one_goes_out_as_it_is(data: bytes) -> None:
    assert Framer().encode([data]) == data
