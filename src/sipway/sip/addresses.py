"""The address of a peer: a raw sockaddr, and its text for whoever asks.

Sources and destinations travel through sipway as the bytes the kernel gave or takes (``struct
sockaddr_in`` or ``struct sockaddr_in6`` as Linux lays them out), so a message that is only
answered never has its peer's address turned into text. They compare and hash as bytes do.

=========  =======================  =========================
bytes      ``sockaddr_in`` (16)     ``sockaddr_in6`` (28)
=========  =======================  =========================
0-1        family, native order     family, native order
2-3        port, network order      port, network order
4-7        address                  flow label
8-23       (8-15) zero              address
24-27                               scope, native order
=========  =======================  =========================

Compiled (see ``addresses.pxd``); the same file runs uncompiled.
"""

from __future__ import annotations

import socket
import struct
import sys
from functools import lru_cache
from typing import Final

__all__ = ["family", "ip_text", "port", "sockaddr", "with_port"]

_LITTLE_ENDIAN = sys.byteorder == "little"
_IPV4: Final = struct.Struct("=H2s4s8x")
_IPV6: Final = struct.Struct("=H2s4x16s4x")


def family(address: bytes) -> int:
    """``socket.AF_INET`` or ``socket.AF_INET6``, the numbers in the address itself."""
    if _LITTLE_ENDIAN:
        return address[1] << 8 | address[0]
    return address[0] << 8 | address[1]


def port(address: bytes) -> int:
    """The port, 0 to 65535."""
    return address[2] << 8 | address[3]


def ip_text(address: bytes) -> str:
    """The IP address as text, IPv6 in the short form of RFC 5952 and without brackets.

    Raises ``ValueError`` for what is neither IPv4 nor IPv6.
    """
    if len(address) == 16 and family(address) == socket.AF_INET:
        return _ip_text(socket.AF_INET, address[4:8])
    number = family(address)
    if number == socket.AF_INET6:
        return _ip_text(socket.AF_INET6, address[8:24])
    raise ValueError(f"address family {number} is neither IPv4 nor IPv6")


# The same peers write again and again; the bound keeps a flood of forged ones harmless.
_ip_text = lru_cache(maxsize=1024)(socket.inet_ntop)


def with_port(address: bytes, new_port: int) -> bytes:
    """The same address with another port (0 to 65535), as ``rport`` and ``received`` need it."""
    return address[:2] + new_port.to_bytes(2, "big") + address[4:]


def sockaddr(ip: str, port: int) -> bytes:
    """The raw address of ``ip`` (IPv4, or IPv6 with or without brackets) and ``port``.

    Raises ``ValueError`` when ``ip`` is not an IP address (a name, say, that must be resolved
    first) or the port is not within 0 to 65535.
    """
    if not 0 <= port <= 0xFFFF:
        raise ValueError(f"port {port} is not within 0 to 65535")
    wire_port = port.to_bytes(2, "big")
    try:
        if ":" not in ip:
            return _IPV4.pack(socket.AF_INET, wire_port, socket.inet_pton(socket.AF_INET, ip))
        bare = ip[1:-1] if ip.startswith("[") and ip.endswith("]") else ip
        return _IPV6.pack(socket.AF_INET6, wire_port, socket.inet_pton(socket.AF_INET6, bare))
    except OSError:
        raise ValueError(f"{ip!r} is not an IP address") from None
