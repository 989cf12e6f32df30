"""Pieces of messages: the same from the compiled file and from its twin, and as their rules say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipway.sip._bytes import Writer, bracket, little, piece, plain_host, plain_parameters, same
from sipway.sip.digest import parse_fields
from sipway.sip.nameaddr import parse_name_addr
from sipway.sip.uri import routable_uri

_CHARACTERS = b"sip:aZ09-._~!'*+&=$%;?@:<>[]\",\\/ \r\n\t\x00\xc3\xa9"
_TEXTS = st.lists(st.sampled_from(list(_CHARACTERS)), max_size=30).map(bytes)
_URIS = st.one_of(
    _TEXTS.map(lambda rest: b"sip:" + rest),
    st.builds(
        lambda user, host, port, rest: b"sip:" + user + host + port + rest,
        st.sampled_from([b"", b"alice@", b"+49@", b"@", b"a b@", b"a%20@", b"a:b@"]),
        st.sampled_from([b"example.org", b"192.0.2.1", b"", b"[::1]", b"a_b"]),
        st.sampled_from([b"", b":5060", b":", b":65535", b":65536", b":000001"]),
        st.sampled_from([b"", b";lr", b";x=@y", b"?a=b", b" ", b";a\xff"]),
    ),
)


@given(_URIS, st.binary(max_size=3), st.binary(max_size=3))
def test_a_plain_uri_can_be_routed_by_and_ends_its_user_where_it_says(
    uri: bytes, before: bytes, behind: bytes
) -> None:
    data = before + uri + behind
    host = plain_host(data, len(before), len(before) + len(uri))
    if host:
        found = routable_uri(uri.decode())
        assert found is not None
        assert found.scheme == "sip"
        host -= len(before)
        assert uri[host:].decode().startswith(found.host)
        assert (found.user or "").encode() == uri[4 : max(4, host - 1)]
        assert (host > 4) == (found.user is not None)


@pytest.mark.parametrize(
    ("uri", "host"),
    [
        (b"sip:example.org", 4),
        (b"sip:alice@example.org", 10),
        (b"sip:+49-30@192.0.2.1:5060;transport=udp;x", 11),
        (b"sips:a@b", 0),
        (b"SIP:a@b", 0),
        (b"sip:a%20@b", 0),
        (b"sip:a:b@c", 0),
        (b"sip:@b", 0),
        (b"sip:a@b:65536", 0),
        (b"sip:a@b:", 0),
        (b"sip:a@b?x=y", 0),
        (b"sip:b;x=@y", 0),
        (b"sip:a@b;x=@y", 0),
        (b"sip:a@[::1]", 0),
        (b"sip:", 0),
        (b"si", 0),
    ],
)
def test_what_is_plain(uri: bytes, host: int) -> None:
    assert plain_host(uri, 0, len(uri)) == host
    assert plain_host(uri, 0, len(uri) + 1) == 0


@given(_TEXTS)
def test_a_bracket_is_where_an_address_begins(value: bytes) -> None:
    at = bracket(value, 0, len(value))
    if at < len(value):
        assert value[at : at + 1] == b"<"
        close = value.find(b">", at)
        if close >= 0:
            text = value.decode("utf-8", "surrogateescape")
            uri = value[at + 1 : close].decode("utf-8", "surrogateescape")
            assert parse_name_addr(text).uri == uri


@pytest.mark.parametrize(
    ("value", "at"),
    [(b"<sip:a>", 0), (b'"A; <b>, c" <x>', 12), (b"A B <x>", 4), (b"a;b<c>", 6), (b'"\\"" <x>', 8),
     (b"sip:a", 5), (b'"a', 2), (b"a, <b>", 6), (b"", 0)],
)  # fmt: skip
def test_where_a_bracket_is(value: bytes, at: int) -> None:
    assert bracket(value, 0, len(value)) == at


@given(st.binary(max_size=20), st.integers(0, 25), st.integers(0, 25))
def test_pieces(data: bytes, start: int, end: int) -> None:
    assert piece(data, start, end) == data[start:end]


@given(st.binary(max_size=10), st.binary(max_size=10), st.integers(0, 12), st.data())
def test_the_same_bytes_elsewhere(one: bytes, other: bytes, at: int, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(one)))
    end = data.draw(st.integers(start, len(one)))
    fits = at + end - start <= len(other)
    wanted = fits and other[at : at + end - start] == one[start:end]
    assert same(one, start, end, other, at) == wanted


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(0, 3))
def test_numbers_come_back(number: int, size: int, before: int) -> None:
    writer = Writer()
    writer.add(bytes(before))
    writer.add_little(number, size)
    writer.add_number(number)
    data = writer.take()
    assert little(data, before, size) == number % (1 << 8 * size)
    assert data[before + size :] == b"%d" % number
    with pytest.raises(IndexError):
        little(data, len(data) - size + 1, size)


_COMMON = [b'username="a b"', b"qop=auth", b'Realm="\xc3\xa9\xff"', b"nc=00000001", b'x="a;b,c"']
_UNCOMMON = [b"", b" ", b",", b'x="a\\"b"', b"a =b", b"a=", b'="', b"qop", b"\r\n ", b"\t", b"a;c"]
_PARAMETERS = st.lists(st.sampled_from(_COMMON + _UNCOMMON), max_size=8).map(b",".join)


@given(st.one_of(_PARAMETERS, _TEXTS), st.binary(max_size=3), st.binary(max_size=3))
def test_plain_parameters_are_what_the_grammar_makes_of_them(
    value: bytes, before: bytes, behind: bytes
) -> None:
    found = plain_parameters(before + value + behind, len(before), len(before) + len(value))
    if found is not None:
        (fields,) = parse_fields("Digest " + value.decode("utf-8", "surrogateescape"))
        assert fields.parameters == found
        assert not fields.repeated


@pytest.mark.parametrize(
    ("value", "parameters"),
    [
        (b'username="bob", nc=1', {"username": "bob", "nc": "1"}),
        (b'\t USERNAME="",qop=auth \t', {"username": "", "qop": "auth"}),
        (b'x-y="a=b, c"', {"x-y": "a=b, c"}),
        (b"nonce=a=b", {"nonce": "a=b"}),
        (b'a="1", a="2"', None),
        (b'a="1", A="2"', None),
        (b'a="\\1"', None),
        (b'a="1', None),
        (b'a="1" b="2"', None),
        (b'a="1",', None),
        (b'a="1",,b="2"', None),
        (b"a = 1", None),
        (b"a=", None),
        (b"a", None),
        (b"", None),
        (b'a="1",\r\n b="2"', None),
        (b"a=1;b=2", None),
        (b'a="\0"', None),
    ],
)
def test_plain_parameters(value: bytes, parameters: dict[str, str] | None) -> None:
    assert plain_parameters(value, 0, len(value)) == parameters
    assert plain_parameters(value, 0, len(value) + 1) is None
    assert plain_parameters(value, -1, len(value)) is None


def test_plain_parameters_are_bounded() -> None:
    most = b",".join(b"a%d=1" % at for at in range(64))
    assert len(plain_parameters(most, 0, len(most)) or ()) == 64
    more = most + b",b=1"
    assert plain_parameters(more, 0, len(more)) is None
