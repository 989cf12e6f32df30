"""Via values: RFC 3261 section 20.42 and RFC 3581."""

from __future__ import annotations

import pytest

from sipway.errors import SipParseError
from sipway.sip.via import Via, parse_via


def via(text: str) -> Via:
    return parse_via(text.encode(), 0, len(text.encode()))


@pytest.mark.parametrize(
    ("text", "protocol", "host", "port", "branch"),
    [
        ("SIP/2.0/UDP h", "UDP", "h", 0, None),
        ("SIP/2.0/udp h:5060;branch=z9hG4bK1", "UDP", "h", 5060, "z9hG4bK1"),
        ("SIP / 2.0 / TCP  h : 99 ; branch = x ", "TCP", "h", 99, "x"),
        ("sip/2.0/TLS [2001:db8::1]:5061;BRANCH=x", "TLS", "[2001:db8::1]", 5061, "x"),
        ("SIP/2.0/UDP [::1]", "UDP", "[::1]", 0, None),
        ("SIP/2.0/WSS h.invalid;branch=a;branch=b", "WSS", "h.invalid", 0, "a"),
        ("SIP\r\n /2.0/UDP\r\n h\r\n ;branch=x", "UDP", "h", 0, "x"),
        ("SIP/7.0/UNKNOWN h;branch", "UNKNOWN", "h", 0, None),
    ],
)
def test_parts(text: str, protocol: str, host: str, port: int, branch: str | None) -> None:
    read = via(text)
    assert (read.protocol, read.host, read.port, read.branch) == (protocol, host, port, branch)


def test_a_value_ends_at_a_comma_outside_of_quotes() -> None:
    text = 'SIP/2.0/UDP a;x="1,2";branch=y , SIP/2.0/UDP b'
    first = via(text)
    assert text[first.start : first.end] == 'SIP/2.0/UDP a;x="1,2";branch=y'
    assert first.params == {"x": '"1,2"', "branch": "y"}


@pytest.mark.parametrize(
    ("text", "has_rport", "rport", "received"),
    [
        ("SIP/2.0/UDP a", False, 0, None),
        ("SIP/2.0/UDP a;rport", True, 0, None),
        ("SIP/2.0/UDP a;RPORT=7;received=1.2.3.4", True, 7, "1.2.3.4"),
        ("SIP/2.0/UDP a;rport=x;received=", True, 0, ""),
        ("SIP/2.0/UDP a;rport=123456", True, 0, None),
        ("SIP/2.0/UDP a;rports=1;xrport", False, 0, None),
    ],
)
def test_rport_and_received(text: str, has_rport: bool, rport: int, received: str | None) -> None:
    read = via(text)
    assert (read.has_rport, read.rport_number, read.received) == (has_rport, rport, received)


def test_names_of_parameters_are_in_small_letters_and_the_first_holds() -> None:
    assert via('SIP/2.0/UDP a;X=1;x=2;Y;;z="a;b"').params == {"x": "1", "y": None, "z": '"a;b"'}


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "SIP", "SIP/2.0", "SIP/2.0/", "SIP/2.0/UDP", "SIP/2/UDP h", "HTTP/1.1/UDP h",
        "SIP/2.0/UDP ;x", "SIP/2.0/UDP :5060", "SIP/2.0/UDP h:", "SIP/2.0/UDP h:x",
        "SIP/2.0/UDP h:65536", "SIP/2.0/UDP h:1234567", "SIP/2.0/UDP [::1", "SIP/2.0/UDP h x",
        "SIP/2.0/UDP <h>", "SIP/2.0/UDP a@h",
    ],
)  # fmt: skip
def test_what_is_no_via(text: str) -> None:
    with pytest.raises(SipParseError, match=r"^Via "):
        via(text)
