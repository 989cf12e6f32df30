"""Raw sockaddrs and their text."""

from __future__ import annotations

import ipaddress
import socket
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipway.sip import addresses

_IPS = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))
_PORTS = st.integers(0, 65_535)


@settings(max_examples=50)
@given(ip=_IPS, port=_PORTS, other=_PORTS)
def test_an_address_survives_the_round_trip(
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int, other: int
) -> None:
    raw = addresses.sockaddr(str(ip), port)
    assert len(raw) == (16 if ip.version == 4 else 28)
    assert addresses.family(raw) == (socket.AF_INET if ip.version == 4 else socket.AF_INET6)
    assert ipaddress.ip_address(addresses.ip_text(raw)) == ip
    assert addresses.port(raw) == port
    assert addresses.with_port(raw, other) == addresses.sockaddr(str(ip), other)


def test_the_layout_is_the_kernels() -> None:
    native_family = socket.AF_INET.to_bytes(2, sys.byteorder)
    assert addresses.sockaddr("192.0.2.1", 5060) == (
        native_family + b"\x13\xc4" + b"\xc0\x00\x02\x01" + bytes(8)
    )


def test_ipv6_is_short_and_its_brackets_are_optional() -> None:
    raw = addresses.sockaddr("[2001:0db8:0:0:0:0:0:1]", 5060)
    assert raw == addresses.sockaddr("2001:db8::1", 5060)
    assert addresses.ip_text(raw) == "2001:db8::1"


@pytest.mark.parametrize(
    "text", ["", "example.com", "1.2.3", "1.2.3.4.5", "256.1.1.1", "[1.2.3.4]", "::g", "[::1"]
)
def test_what_is_no_ip_address_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match="is not an IP address"):
        addresses.sockaddr(text, 5060)


@pytest.mark.parametrize("port", [-1, 65_536])
def test_a_port_has_sixteen_bits(port: int) -> None:
    with pytest.raises(ValueError, match="not within 0 to 65535"):
        addresses.sockaddr("127.0.0.1", port)


def test_another_family_has_no_ip_text() -> None:
    with pytest.raises(ValueError, match="neither IPv4 nor IPv6"):
        addresses.ip_text(socket.AF_UNIX.to_bytes(2, sys.byteorder) + b"/run/x")
