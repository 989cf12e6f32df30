"""Messages: what is read of them, and that nothing is lost."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipway.errors import SipParseError
from sipway.sip import headers
from sipway.sip.headers import COMPACT, KINDS, NAMES, header_kind
from sipway.sip.message import Message, parse
from sipway.sip.methods import ACK, INVITE, METHODS, OTHER, method_id
from tests.fakes import reply, request


def test_a_request() -> None:
    message = parse(request("INVITE", "sip:bob@h;x?y=z", body="hello"))
    assert message.is_request
    assert (message.method, message.method_id, message.uri) == ("INVITE", INVITE, "sip:bob@h;x?y=z")
    assert (message.status, message.reason, message.version) == (0, "", "SIP/2.0")
    assert (message.body, message.body_length, message.content_length) == (b"hello", 5, 5)
    assert (message.cseq_number, message.cseq_method, message.call_id) == (1, "INVITE", "call-1")


def test_a_reply() -> None:
    message = parse(reply(486, "Busy Here", method="INVITE"))
    assert not message.is_request
    assert (message.status, message.reason, message.uri) == (486, "Busy Here", "")
    assert (message.method, message.method_id, message.cseq_method) == ("INVITE", INVITE, "INVITE")
    assert [via.host for via in message.vias()] == ["192.0.2.9", "192.0.2.7"]


@pytest.mark.parametrize(
    ("line", "status", "reason"),
    [
        ("SIP/2.0 200 OK", 200, "OK"),
        ("SIP/2.0 200 ", 200, ""),
        ("SIP/2.0 200", 200, ""),
        ("sip/2.0 699 a  b ", 699, "a  b "),
    ],
)
def test_status_lines(line: str, status: int, reason: str) -> None:
    message = parse(reply().replace(b"SIP/2.0 200 OK", line.encode()))
    assert (message.status, message.reason) == (status, reason)


@pytest.mark.parametrize(
    "line", ["SIP/2.0 20 OK", "SIP/2.0 2000 OK", "SIP/2.0 99 x", "SIP/2.0 700 x"]
)
def test_status_lines_that_are_none(line: str) -> None:
    with pytest.raises(SipParseError, match="status code"):
        parse(reply().replace(b"SIP/2.0 200 OK", line.encode()))


@pytest.mark.parametrize("name", METHODS)
def test_known_methods(name: str) -> None:
    message = parse(request(name))
    assert (message.method, message.method_id) == (name, METHODS[name])
    assert method_id(name) == METHODS[name]


@pytest.mark.parametrize("name", ["DANCE", "invite", "INVITE2", "x", "!%_*+`'~.-"])
def test_other_methods(name: str) -> None:
    message = parse(request(name))
    assert (message.method, message.method_id, message.cseq_method) == (name, OTHER, name)


def test_empty_lines_before_the_first_are_skipped() -> None:
    assert parse(b"\r\n\n\r\n" + request("ACK")).method_id == ACK


def test_lines_may_end_with_a_line_feed_alone() -> None:
    message = parse(request(extra="X-A: 1\r\n", body="b").replace(b"\r\n", b"\n"))
    assert (message.named("x-a"), message.body, message.call_id) == ("1", b"b", "call-1")


# --- header fields ------------------------------------------------------------------------


def _parsed(data: bytes) -> Message:
    """Also what is refused for a field that is there twice."""
    try:
        return parse(data)
    except SipParseError as error:
        message: Message = error.request
        return message


@pytest.mark.parametrize("name", [*NAMES.values(), *COMPACT])
def test_known_names_in_any_case(name: str) -> None:
    kind = KINDS[name.lower()]
    for spelled in (name, name.upper(), name.lower()):
        assert header_kind(spelled) == kind
        message = _parsed(request(extra=f"{spelled}: x\r\n"))
        assert message.kind(message.header_count - 2) == kind


def test_names_that_share_a_slot_with_known_ones_are_not_them() -> None:
    message = parse(request(extra="Vib: 1\r\nZz: 2\r\nViaa: 3\r\nV\u00efa: 4\r\n"))
    assert message.count(headers.VIA) == 1
    assert message.count(headers.OTHER) == 4


def test_values_are_trimmed_and_names_keep_their_spelling() -> None:
    message = parse(request(extra="X-oDd \t:  a  b \t\r\nEmpty:\r\nx-odd:2\r\n"))
    assert message.named_values("X-ODD") == ["a  b", "2"]
    assert (message.named("x-odd", 1), message.named("X-Odd", -1), message.named("X-Odd", 2)) == (
        "2",
        "2",
        None,
    )
    assert message.named("empty") == ""
    assert [each.name for each in message.headers()][-4:-1] == ["X-oDd", "Empty", "x-odd"]


def test_folded_lines_belong_to_the_field_above() -> None:
    message = parse(request(extra="Subject: one\r\n two\r\n\tthree\r\nX: 1\r\n"))
    assert message.value(headers.SUBJECT) == "one\r\n two\r\n\tthree"
    assert message.named("x") == "1"


def test_compact_and_long_forms_are_the_same_field() -> None:
    data = request().replace(b"Call-ID:", b"i:").replace(b"From:", b"F :").replace(b"Via", b"v")
    message = parse(data)
    assert (message.call_id, message.from_.tag, message.via.port) == ("call-1", "a1", 5070)
    assert message.named("i") == message.named("Call-ID") == "call-1"


def test_several_vias_on_lines_and_in_a_line() -> None:
    message = parse(
        request(via="SIP/2.0/UDP a;branch=1, SIP/2.0/TCP b:99\r\nv:SIP/2.0/TLS [::1]:7")
    )
    assert [(via.protocol, via.host, via.port) for via in message.vias()] == [
        ("UDP", "a", 0),
        ("TCP", "b", 99),
        ("TLS", "[::1]", 7),
    ]
    assert message.via_count == 3


def test_vias_that_cannot_be_read_end_the_list() -> None:
    message = parse(request(via="SIP/2.0/UDP a\r\nVia: nonsense\r\nVia: SIP/2.0/UDP c"))
    assert [via.host for via in message.vias()] == ["a"]


def test_text_that_is_no_utf_8_survives() -> None:
    message = parse(request(extra="X: a").replace(b"X: a", b"X: \xff\xe9\r\n"))
    value = message.named("x")
    assert value is not None
    assert value.encode("utf-8", "surrogateescape") == b"\xff\xe9"


def test_what_scripts_ask_most() -> None:
    message = parse(request(extra="User-Agent: a/1\r\n", from_='"A" <sip:al:pw@h:1;x>;tag=1'))
    assert (message.from_uri, message.from_user, message.from_host) == (
        "sip:al:pw@h:1;x",
        "al",
        "h",
    )
    assert (message.to_uri, message.to_user, message.to_host) == (
        "sip:bob@callee.example",
        "bob",
        "callee.example",
    )
    assert message.user_agent == "a/1"


def test_of_what_is_no_address_there_is_no_user() -> None:
    message = parse(request(from_="nonsense", to="<>"))
    assert (message.from_uri, message.from_user, message.from_host) == ("nonsense", None, None)
    assert (message.to_uri, message.to_user, message.user_agent) == (None, None, None)


def test_the_fingerprint_is_that_of_branch_and_call_id() -> None:
    one = parse(request()).fingerprint()
    assert parse(request(extra="X: 1\r\n", from_="<sip:x@y>")).fingerprint() == one
    assert parse(request(call_id="call-2")).fingerprint() != one
    assert parse(request(via="SIP/2.0/UDP a;branch=z9hG4bK-2")).fingerprint() != one


# --- the body -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("length", "body"),
    [("3", b"abc"), ("0", b""), ("6", b"abcdef"), (" 3 ", b"abc"), ("0003", b"abc")],
)
def test_content_length_cuts_the_body(length: str, body: bytes) -> None:
    data = request(body="abcdef").replace(b"Content-Length: 6", f"l:{length}".encode())
    assert parse(data).body == body


def test_without_content_length_the_body_is_all_that_follows() -> None:
    data = request(body="abcdef").replace(b"Content-Length: 6\r\n", b"")
    assert (parse(data).content_length, parse(data).body) == (-1, b"abcdef")


# --- faults ---------------------------------------------------------------------------------

_PLAIN = request()
FAULTS = [
    # what is wrong with it, the message, can it be answered?
    ("Missing Via header field", _PLAIN.replace(b"Via:", b"Wia:"), False),
    ("Missing From header field", _PLAIN.replace(b"From:", b"Frm:"), False),
    ("Missing To header field", _PLAIN.replace(b"To:", b"Tp:"), False),
    ("Missing Call-ID header field", _PLAIN.replace(b"Call-ID:", b"Call:"), False),
    ("Missing CSeq header field", _PLAIN.replace(b"CSeq:", b"C:"), False),
    ("More than one From header field", request(extra="f: <sip:x@y>\r\n"), True),
    ("More than one To header field", request(extra="t: <sip:x@y>\r\n"), True),
    ("More than one Call-ID header field", request(extra="i: 1\r\n"), True),
    ("More than one CSeq header field", request(extra="CSeq: 1 OPTIONS\r\n"), True),
    ("More than one Content-Length header field", request(extra="l: 0\r\n"), True),
    ("CSeq is not a number and a method", request(cseq="OPTIONS"), True),
    ("CSeq is not a number and a method", request(cseq="1"), True),
    ("CSeq is not a number and a method", request(cseq="1 OPTIONS x"), True),
    ("CSeq is not a number and a method", request(cseq="-1 OPTIONS"), True),
    ("CSeq number is too large", request(cseq="4294967296 OPTIONS"), True),
    ("CSeq number is too large", request(cseq="9" * 40 + " OPTIONS"), True),
    ("CSeq method does not match the request method", request(cseq="1 options"), True),
    ("CSeq method does not match the request method", request("DANCE", cseq="1 SING"), True),
    ("Content-Length is not a number", _PLAIN.replace(b"Length: 0", b"Length:"), True),
    ("Content-Length is not a number", _PLAIN.replace(b"Length: 0", b"Length: 0x1"), True),
    ("Content-Length is larger than the body", _PLAIN.replace(b"gth: 0", b"gth: 1"), True),
    ("The headers have no end", _PLAIN[:-2], True),
    ("A header line has no name and colon", request(extra="what\r\n"), True),
    ("A header line has no name and colon", request(extra=": what\r\n"), True),
    ("A continued line without a header field", _PLAIN.replace(b"Via:", b" x\r\nVia:"), True),
    ("The Request-URI is empty", request(uri=""), True),
    ("The Request-URI has blanks or brackets in it", request(uri="<sip:a@b>"), True),
    ("The first line has blanks at its end", _PLAIN.replace(b"2.0\r\nVia", b"2.0 \r\nVia"), True),
    ("SIP version not supported", _PLAIN.replace(b"2.0\r\nVia", b"1.0\r\nVia"), True),
    ("The first line is not that of a SIP message", b"GET / HTTP/1.1\r\n\r\n", False),
    ("The first line has no end", b"OPTIONS", False),
    ("The method is not a token", _PLAIN.replace(b"OPTIONS sip", b"OPT<IONS sip"), False),
    ("Via does not begin with SIP/2.0", request(via="nonsense"), False),
    ("Via has no host", request(via="SIP/2.0/UDP ;branch=1"), False),
    ("Via has no transport", request(via="SIP/2.0/ "), False),
    ("Via has a port that is none", request(via="SIP/2.0/UDP h:65536"), False),
    ("Via has no closing bracket", request(via="SIP/2.0/UDP [::1"), False),
    ("Via has a host that is none", request(via='SIP/2.0/UDP "h"'), False),
    (
        "Via has something behind its host that is no parameter",
        request(via="SIP/2.0/UDP a b"),
        False,
    ),
]


@pytest.mark.parametrize(("reason", "data", "answerable"), FAULTS)
def test_faults_are_named(reason: str, data: bytes, answerable: bool) -> None:
    with pytest.raises(SipParseError) as caught:
        parse(data)
    assert caught.value.reason == reason
    assert (caught.value.request is not None) == answerable
    assert caught.value.status == (505 if "version" in reason else 400)


def test_a_reply_with_a_fault_is_not_answerable() -> None:
    with pytest.raises(SipParseError) as caught:
        parse(reply(extra="CSeq: 1 X\r\n"))
    assert caught.value.request is None


def test_of_several_faults_the_first_is_named() -> None:
    with pytest.raises(SipParseError, match="no name and colon"):
        parse(request(extra="what\r\n", cseq="x"))


# --- whatever comes ---------------------------------------------------------------------------

_value = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=40)
_name = st.from_regex(r"X-[A-Za-z0-9-]{1,12}", fullmatch=True)


@given(st.lists(st.tuples(_name, _value), max_size=20), st.binary(max_size=60))
def test_fields_and_body_come_back_as_they_were(fields: list[tuple[str, str]], body: bytes) -> None:
    extra = "".join(f"{name}: {value}\r\n" for name, value in fields)
    head, _, _ = request(extra=extra).partition(b"Content-Length")
    message = parse(head + b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    assert message.body == body
    got = [(each.name, each.value) for each in message.headers() if each.name.startswith("X-")]
    blanks = "".join(map(chr, range(33)))
    assert got == [(name, value.strip(blanks)) for name, value in fields]


@given(st.binary(max_size=300))
def test_noise_raises_nothing_else(data: bytes) -> None:
    with suppress(SipParseError):
        parse(data)
