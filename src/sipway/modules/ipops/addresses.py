"""Questions about addresses."""

from __future__ import annotations

from sipway.core.arguments import WritableName
from sipway.core.context import Context
from sipway.modules.ipops._module import mod
from sipway.modules.ipops.kinds import RFC1918, kind, networks, packed, packed_reference


def _any(text: str) -> bytes | None:
    return packed_reference(text) if text[:1] == "[" else packed(text)


@mod.function("is_ip")
def is_ip(ctx: Context, ip: str) -> int:
    """1 if that is an IPv4 address or an IPv6 address, in brackets or not; else -1."""
    del ctx
    return -1 if _any(ip) is None else 1


@mod.function("is_pure_ip")
def is_pure_ip(ctx: Context, ip: str) -> int:
    """1 if that is an address without brackets, else -1."""
    del ctx
    return -1 if packed(ip) is None else 1


@mod.function("is_ipv4")
def is_ipv4(ctx: Context, ip: str) -> int:
    """1 if that is an IPv4 address, else -1."""
    del ctx
    return 1 if len(packed(ip) or b"") == 4 else -1


@mod.function("is_ipv6")
def is_ipv6(ctx: Context, ip: str) -> int:
    """1 if that is an IPv6 address without brackets, else -1."""
    del ctx
    return 1 if len(packed(ip) or b"") == 16 else -1


@mod.function("is_ipv6_reference")
def is_ipv6_reference(ctx: Context, ip: str) -> int:
    """1 if that is an IPv6 address in brackets, else -1."""
    del ctx
    return -1 if packed_reference(ip) is None else 1


@mod.function("ip_type")
def ip_type(ctx: Context, ip: str) -> int:
    """1 for IPv4, 2 for IPv6, 3 for IPv6 in brackets, -1 for what is no address."""
    del ctx
    if packed_reference(ip) is not None:
        return 3
    found = packed(ip)
    if found is None:
        return -1
    return 1 if len(found) == 4 else 2


@mod.function("detailed_ip_type")
def detailed_ip_type(ctx: Context, ip: str, result: WritableName) -> int:
    """Put into a variable what the address is for (`PRIVATE`, `LOOPBACK` ...).

    Returns 1; -1 for what is no address, and the variable stays.
    """
    return _detailed(ctx, _any(ip), result)


@mod.function("detailed_ipv4_type")
def detailed_ipv4_type(ctx: Context, ip: str, result: WritableName) -> int:
    """As detailed_ip_type(), of IPv4 addresses only."""
    found = packed(ip)
    return _detailed(ctx, found if len(found or b"") == 4 else None, result)


@mod.function("detailed_ipv6_type")
def detailed_ipv6_type(ctx: Context, ip: str, result: WritableName) -> int:
    """As detailed_ip_type(), of IPv6 addresses only, in brackets or not."""
    found = _any(ip)
    return _detailed(ctx, found if len(found or b"") == 16 else None, result)


def _detailed(ctx: Context, address: bytes | None, result: WritableName) -> int:
    if address is None or result.set is None:
        return -1
    result.set(ctx, kind(address))
    return 1


@mod.function("compare_ips")
def compare_ips(ctx: Context, first: str, second: str) -> int:
    """1 if two texts are the same address, in brackets or not; else -1."""
    del ctx
    address = _any(first)
    return 1 if address is not None and address == _any(second) else -1


@mod.function("compare_pure_ips")
def compare_pure_ips(ctx: Context, first: str, second: str) -> int:
    """1 if two texts without brackets are the same address, else -1."""
    del ctx
    address = packed(first)
    return 1 if address is not None and address == packed(second) else -1


@mod.function("is_ip_rfc1918")
def is_ip_rfc1918(ctx: Context, ip: str) -> int:
    """1 if that is a private IPv4 address of RFC 1918, else -1."""
    del ctx
    address = packed(ip)
    return 1 if address is not None and any(each.has(address) for each in RFC1918) else -1


@mod.function("is_in_subnet")
def is_in_subnet(ctx: Context, ip: str, subnets: str) -> int:
    """1 if the address, without brackets, is in one of the networks of a list with commas.

    A network is written `10.0.0.0/8` or as one address; what is neither is passed over. Else -1.
    """
    del ctx
    address = packed(ip)
    if address is None:
        return -1
    return 1 if any(each.has(address) for each in networks(subnets)) else -1
