"""Addresses that are of use within one network only, and the place that a message came from."""

from __future__ import annotations

import ipaddress
import socket
from functools import lru_cache
from typing import Final

from sipway.core.context import Context

_PRIVATE: Final = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "10.0.0.0/8",  # RFC 1918
            "172.16.0.0/12",
            "192.168.0.0/16",
            "100.64.0.0/10",  # RFC 6598
            "192.0.0.0/29",  # RFC 7335
        ),
    )
)
_RESERVED: Final = (ipaddress.IPv4Network("192.0.0.0/24"),)
"""As RFC 6890 has it; counted with `nat_addr_mode` 1 only."""

_FIRST: Final = "1"  # all of them begin so: most hosts need no more than a look


@lru_cache(maxsize=1024)
def _is_private(host: str, with_reserved: bool) -> bool:
    try:
        address = ipaddress.IPv4Address(host)
    except ipaddress.AddressValueError:
        return False
    networks = _PRIVATE + _RESERVED if with_reserved else _PRIVATE
    return any(address in each for each in networks)


def is_private(host: str, with_reserved: bool) -> bool:
    """Whether that is an IPv4 address for use within a network."""
    return host[:1] == _FIRST and _is_private(host, with_reserved)


def packed(host: str) -> bytes | None:
    """An address of either family as bytes, IPv6 with or without brackets; None for others."""
    host = host.strip("[]")
    try:
        return socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host)
    except (OSError, ValueError):
        return None


def is_source(ctx: Context, host: str) -> bool:
    """Whether the message came from this address."""
    source = ctx.source_ip
    if host == source:
        return True
    return ":" in source and packed(host) == packed(source)


def source_host(ctx: Context) -> str:
    """The address that the message came from, as it stands in a URI."""
    source = ctx.source_ip
    return f"[{source}]" if ":" in source else source
