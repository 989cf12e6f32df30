"""Questions to DNS. They wait for the answer, and the server goes on with other messages."""

from __future__ import annotations

import ipaddress

from sipway.core.context import Context
from sipway.core.locating import by_priority
from sipway.modules.ipops._module import mod
from sipway.modules.ipops.kinds import packed, packed_reference
from sipway.modules.ipops.results import Found, columns, keep


async def _addresses(ctx: Context, name: str) -> list[str]:
    """The addresses of a name, IPv6 first, as getaddrinfo(3) has them; an address is its own."""
    if packed(name) is not None:
        return [name]
    names = ctx.program.names
    return [*await names.query(name, "AAAA"), *await names.query(name, "A")]


@mod.function("dns_query", may_wait=True)
async def dns_query(ctx: Context, hostname: str, container: str) -> int:
    """Put the addresses of a name into `$dns(container=>...)`. 1; -4 if there are none."""
    addresses = await _addresses(ctx, hostname)
    if not addresses:
        keep(ctx, "dns", container, None)
        return -4
    types = [6 if ":" in each else 4 for each in addresses]
    alone = {"count": len(addresses), "ipv4": int(4 in types), "ipv6": int(6 in types)}
    keep(ctx, "dns", container, Found(alone, {"addr": addresses, "type": types}))
    return 1


@mod.function("dns_sys_match_ip", "dns_int_match_ip", may_wait=True)
async def dns_match_ip(ctx: Context, hostname: str, ip: str) -> int:
    """1 if the address, in brackets or not, is one of the name's.

    -1 if it is not; -3 for what is no address; -4 if the name has none.
    """
    wanted = packed_reference(ip) or packed(ip)
    if wanted is None:
        return -3
    addresses = await _addresses(ctx, hostname)
    if not addresses:
        return -4
    return 1 if any(packed(each) == wanted for each in addresses) else -1


@mod.function("ptr_query", may_wait=True)
async def ptr_query(ctx: Context, ip: str, container: str) -> int:
    """Put the names of an address into `$ptrquery(container=>...)`. 1; -1 if there are none."""
    if packed(ip) is None:
        keep(ctx, "ptrquery", container, None)
        return -1
    pointer = ipaddress.ip_address(ip).reverse_pointer
    names = [each.removesuffix(".") for each in await ctx.program.names.query(pointer, "PTR")]
    if not names:
        keep(ctx, "ptrquery", container, None)
        return -1
    version = 6 if ":" in ip else 4
    alone: dict[str, int | str | None] = {
        "addr": ip,
        "type": version,
        "ipv4": int(version == 4),
        "ipv6": int(version == 6),
        "count": len(names),
    }
    keep(ctx, "ptrquery", container, Found(alone, {"hostname": names}))
    return 1


@mod.function("srv_query", may_wait=True)
async def srv_query(ctx: Context, service: str, container: str) -> int:
    """Put the SRV records of a service into `$srvquery(container=>...)`.

    They are ordered by priority, and by weights and chance as RFC 2782 says. Returns 1, also
    where there are none; -2 without a service, -3 without a container.
    """
    if not service or not container:
        return -3 if service else -2
    names = ctx.program.names
    records = await names.query(service, "SRV")
    rows = [*by_priority(records, names.random), *(each for each in records if not each.target)]
    lists = columns(("priority", "weight", "port", "target"), rows)
    keep(ctx, "srvquery", container, Found({"count": len(rows)}, lists))
    return 1


@mod.function("naptr_query", may_wait=True)
async def naptr_query(ctx: Context, domain: str, container: str) -> int:
    """Put the NAPTR records of a domain into `$naptrquery(container=>...)`.

    They are ordered by order, then by preference. Returns 1, also where there are none; -2
    without a domain, -3 without a container.
    """
    if not domain or not container:
        return -3 if domain else -2
    records = await ctx.program.names.query(domain, "NAPTR")
    rows = sorted(records, key=lambda each: (each.order, each.preference))
    names = ("order", "pref", "flags", "services", "regex", "replace")
    keep(ctx, "naptrquery", container, Found({"count": len(rows)}, columns(names, rows)))
    return 1


@mod.function("dns_set_local_ttl")
def dns_set_local_ttl(ctx: Context, seconds: int) -> int:
    """Remember what DNS says from now on for so many seconds; 0: as the answers say. Returns 1."""
    ctx.program.names.local_ttl = max(seconds, 0)
    return 1
