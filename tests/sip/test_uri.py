"""URIs: RFC 3261 section 19.1, RFC 3966."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipway.errors import SipParseError
from sipway.sip.uri import Uri, parse_uri, routable_uri


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        ("sip:h", Uri("sip", host="h")),
        ("SIP:a@h", Uri("sip", "a", host="h")),
        ("sips:a:pw@h:5061;lr;x=y?A=b&c", Uri("sips", "a", "pw", "h", 5061, "lr;x=y", "A=b&c")),
        ("sip:a:@h", Uri("sip", "a", "", "h")),
        ("sip:a;b=c?d@h", Uri("sip", "a;b=c?d", host="h")),
        ("sip:[2001:db8::1]:99", Uri("sip", host="[2001:db8::1]", port=99)),
        ("sip:a@[::1];x", Uri("sip", "a", host="[::1]", params="x")),
        ("sip:h:", Uri("sip", host="h")),
        ("sip:b@h:;x", Uri("sip", "b", host="h", params="x")),
        ("sip:h?x", Uri("sip", host="h", headers="x")),
        ("sip:h;x?y;z", Uri("sip", host="h", params="x", headers="y;z")),
        ("sip:%61%00@h", Uri("sip", "%61%00", host="h")),
        ("tel:+1-201-555-0123", Uri("tel", "+1-201-555-0123")),
        ("tel:7042;phone-context=a", Uri("tel", "7042", params="phone-context=a")),
        ("urn:service:sos", Uri("urn", host="service:sos")),
        ("isbn:2983792873", Uri("isbn", host="2983792873")),
    ],
)  # fmt: skip
def test_parts(text: str, uri: Uri) -> None:
    assert parse_uri(text) == uri
    assert hash(parse_uri(text)) == hash(uri)


@pytest.mark.parametrize(
    "text",
    [
        "", "sip", ":", "1sip:h", "sip:", "sip:@h", "sip:a@", "sip:a@b@c", "sip:a@:5060", "sip:h:x",
        "sip:h:65536", "sip:h:123456", "sip:h:-1", "sip:h h", "sip:<h>", "sip:[::1", "sip:[::1]x",
        "sip:;x", "sip:?x", "tel:", "tel:;x", 'sip:"h"', "sip:a@h,b", "sip:h:5 ",
    ],
)  # fmt: skip
def test_what_is_no_uri(text: str) -> None:
    with pytest.raises(SipParseError, match="URI"):
        parse_uri(text)


def test_parameters() -> None:
    uri = parse_uri("sip:h;Transport=TCP;lr; x = y ;lr=2")
    assert [uri.param(name) for name in ("transport", "TRANSPORT", "lr", "x", "none")] == [
        "TCP",
        "TCP",
        "",
        "y",
        None,
    ]
    assert parse_uri("sip:h").param("lr") is None


def test_host_and_port_as_text() -> None:
    assert parse_uri("sip:a@h:99").host_port == "h:99"
    assert parse_uri("sip:a@[::1]").host_port == "[::1]"


@pytest.mark.parametrize(
    ("text", "user", "host"),
    [("sip:a@h", "a", "h"), ("tel:1", "1", ""), ("urn:service:sos", "service", "sos"),
     ("urn:x", None, "x")],
)  # fmt: skip
def test_uris_to_route_by(text: str, user: str | None, host: str) -> None:
    uri = routable_uri(text)
    assert uri is not None
    assert (uri.user, uri.host) == (user, host)
    assert routable_uri(text) is uri


@pytest.mark.parametrize("text", ["", "nonsense", "http://h", "sip:", "soap.beep://192.0.2.103"])
def test_uris_not_to_route_by(text: str) -> None:
    assert routable_uri(text) is None
    assert routable_uri(text) is None


def test_what_is_remembered_is_bounded() -> None:
    from sipway.sip import uri as room

    for number in range(3_000):
        routable_uri(f"sip:{number}@h")
    remembered = getattr(room, "_routable", None)  # out of reach when it is compiled
    assert remembered is None or len(remembered) <= 1_024


@given(st.text(max_size=60))
def test_noise_raises_nothing_else(text: str) -> None:
    for made in (text, f"sip:{text}", f"sip:a@{text}"):
        try:
            uri = parse_uri(made)
        except SipParseError:
            continue
        assert uri.host or uri.user is not None or uri.scheme not in ("sip", "sips")
