"""The addresses of this machine, for `listen=eth0` and for scripts that name no address."""

from __future__ import annotations

import fcntl
import ipaddress
import socket
import struct
from pathlib import Path
from typing import Final

_SIOCGIFADDR: Final = 0x8915
_IF_INET6: Final = Path("/proc/net/if_inet6")
_LINK_LOCAL: Final = "20"


def interface_names() -> list[str]:
    """The network interfaces, in the system's order."""
    return [name for _, name in socket.if_nameindex()]


def is_multicast(host: str) -> bool:
    """Whether a host is the address of a multicast group."""
    try:
        return ipaddress.ip_address(host).is_multicast
    except ValueError:
        return False


def is_link_local(host: str) -> bool:
    """Whether a host is an IPv6 address that holds on one link only."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.version == 6 and address.is_link_local


def interface_of(ip: str) -> int:
    """The number of the interface that has an IPv6 address, 0 if none has."""
    wanted = ipaddress.IPv6Address(ip).packed.hex()
    if _IF_INET6.exists():
        for line in _IF_INET6.read_text().splitlines():
            raw, number, *_ = line.split()
            if raw == wanted:
                return int(number, 16)
    return 0


def interface_addresses(name: str, *, ipv6: bool = False) -> list[str]:
    """The IPv4 address of an interface, with `ipv6` its IPv6 addresses too.

    Link-local addresses are left out: they cannot be used without naming the interface.
    An interface without addresses gives an empty list.
    """
    found: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        request = struct.pack("256s", name.encode()[:15])
        try:
            answer = fcntl.ioctl(probe, _SIOCGIFADDR, request)
        except OSError:
            pass  # no IPv4 address
        else:
            found.append(socket.inet_ntoa(answer[20:24]))
    if ipv6 and _IF_INET6.exists():
        for line in _IF_INET6.read_text().splitlines():
            raw, _, _, scope, _, interface = line.split()
            if interface == name and scope != _LINK_LOCAL:
                found.append(socket.inet_ntop(socket.AF_INET6, bytes.fromhex(raw)))
    return found
