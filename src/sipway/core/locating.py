"""From a target to the addresses where it may be reached, best first (RFC 3263 section 4).

Where Kamailio 5.6.3 differs from the RFC this does as Kamailio, for scripts are written for it:
NAPTR is asked for with `dns_try_naptr` only; without it and without `use_dns_failover` a URI that
names no transport is looked for under `_sip._udp` alone; an SRV record with the target "." is
passed over, and the name itself may still have an address; the AAAA records of a name count if
it has no A records. Otherwise than in Kamailio a port in the URI always holds: it is the RFC's
word for "no SRV".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from socket import AF_INET, AF_INET6
from typing import TYPE_CHECKING, Final, NamedTuple

from sipway.core.resolving import Kind, Naptr, Srv
from sipway.sip.addresses import sockaddr

if TYPE_CHECKING:
    from sipway.core.destinations import Target
    from sipway.core.program import Program

MAX_HOPS: Final = 16
"""How many addresses one target has at most."""

_SRV_NAMES: Final = {
    "udp": "_sip._udp",
    "tcp": "_sip._tcp",
    "tls": "_sips._tcp",
    "sctp": "_sip._sctp",
}

# NAPTR services (RFC 3263 section 4.1, RFC 4168 section 6).
_SERVICES: Final = {"SIP+D2U": "udp", "SIP+D2T": "tcp", "SIPS+D2T": "tls", "SIP+D2S": "sctp"}

_IPV4_ONLY: Final = 1
_IPV6_ONLY: Final = 2
_IPV6_FIRST: Final = 4


class Hop(NamedTuple):
    """Where a request may be sent: a protocol and a raw sockaddr."""

    protocol: str
    address: bytes


async def locate(program: Program, target: Target) -> list[Hop]:
    """All addresses of a target in the order in which to try them; empty if it has none.

    Without `use_dns_failover`, which needs the cache, the first alone. An address needs no lookup
    and what is known none again: then this does not wait.
    """
    address = target.address
    if address is not None:
        return [Hop(target.protocol, address)]
    if not target.host:
        return []
    return (await _Search(program, target).run())[:MAX_HOPS]


class _Search:
    def __init__(self, program: Program, target: Target) -> None:
        settings = program.settings
        self._target = target
        self._settings = settings
        self._names = program.names
        self._sockets = program.sockets
        # Kamailio fails over with the records of its cache, so never without one.
        self._all = settings.use_dns_failover and settings.use_dns_cache
        self._families = tuple(_families(program))

    async def run(self) -> list[Hop]:
        target = self._target
        if not target.port_given:
            hops: list[Hop] = []
            if not target.protocol_given:
                hops = await self._by_transport()
            elif target.protocol in _SRV_NAMES:
                hops = await self._services(
                    target.protocol, _srv_name(target.protocol, target.host)
                )
            if hops:
                return hops
        return await self._hosts(target.protocol, target.host, target.port)

    async def _by_transport(self) -> list[Hop]:
        """For a URI that leaves the transport to us (RFC 3263 section 4.1)."""
        target, settings = self._target, self._settings
        if settings.dns_try_naptr:
            for protocol, name in self._by_preference(
                await self._names.query(target.host, "NAPTR")
            ):
                hops = await self._services(protocol, name)
                if hops:
                    return hops
        protocols = [target.protocol]
        if (settings.dns_try_naptr or self._all) and not target.secure:
            ours = {each.protocol for each in self._sockets}
            others = [each for each in ours if each in _SRV_NAMES and self._preference(each) >= 0]
            others.sort(key=lambda each: (-self._preference(each), each))
            protocols = others or protocols
        for protocol in protocols:
            hops = await self._services(protocol, _srv_name(protocol, target.host))
            if hops:
                return hops
        return []

    def _preference(self, protocol: str) -> int:
        """What the script thinks of a protocol; below 0 it is not to be chosen."""
        settings = self._settings
        return {
            "udp": settings.dns_udp_pref,
            "tcp": settings.dns_tcp_pref,
            "tls": settings.dns_tls_pref,
            "sctp": settings.dns_sctp_pref,
        }.get(protocol, -1)

    def _by_preference(self, records: Sequence[Naptr]) -> Iterator[tuple[str, str]]:
        """Protocol and SRV name of the NAPTR records that are of use here, best first."""
        ours = {each.protocol for each in self._sockets}
        found: list[tuple[tuple[int, int, int], str, str]] = []
        for each in records:
            protocol = _SERVICES.get(each.service.upper(), "")
            wanted = self._preference(protocol)
            # A SIPS URI goes by TLS alone (RFC 3263 section 4.1).
            if each.flags.lower() != "s" or wanted < 0 or protocol not in ours:
                continue
            if self._target.secure and protocol != "tls":
                continue
            rank = (-wanted, each.order, each.preference)
            if not self._settings.dns_naptr_ignore_rfc:
                rank = (each.order, -wanted, each.preference)
            found.append((rank, protocol, each.replacement))
        found.sort()
        for _, protocol, name in found:
            yield protocol, name

    async def _services(self, protocol: str, name: str) -> list[Hop]:
        records: Sequence[Srv] = await self._names.query(name, "SRV")
        if not records:
            return []
        weighted = self._all and self._settings.dns_srv_lb
        ordered = by_priority(records, self._names.random if weighted else None)
        if self._all:
            # Together, so that one whose server is silent does not add its wait to the others'.
            for each in ordered[:MAX_HOPS]:
                self._names.begin(each.target, self._families[0])
        found: list[Hop] = []
        for each in ordered[:MAX_HOPS]:
            found += await self._hosts(protocol, each.target, each.port)
            if found and not self._all:
                break
        return found

    async def _hosts(self, protocol: str, host: str, port: int) -> list[Hop]:
        for kind in self._families:
            addresses = await self._names.query(host, kind)
            if addresses:
                chosen = addresses if self._all else addresses[:1]
                return [Hop(protocol, sockaddr(each, port)) for each in chosen]
        return []


def _srv_name(protocol: str, host: str) -> str:
    return f"{_SRV_NAMES[protocol]}.{host}"


def _families(program: Program) -> Iterator[Kind]:
    """Kinds of address records to ask for until one is there.

    IPv6 with `dns_try_ipv6` and a socket for it; IPv4 unless all sockets are IPv6.
    """
    flags = program.settings.dns_cache_flags
    ours = {each.family for each in program.sockets}
    six = program.settings.dns_try_ipv6 and AF_INET6 in ours and not flags & _IPV4_ONLY
    four = (AF_INET in ours or not six) and not (six and flags & _IPV6_ONLY)
    if six and flags & _IPV6_FIRST:
        yield "AAAA"
    if four:
        yield "A"
    if six and not flags & _IPV6_FIRST:
        yield "AAAA"


def by_priority(records: Sequence[Srv], random: Callable[[], float] | None = None) -> list[Srv]:
    """The order in which to try SRV records (RFC 2782); those that deny the service are left out.

    `random` gives numbers from 0 to less than 1: among equals in priority each comes first as
    often as its weight says. Without it the heavier comes first, as in Kamailio unless
    `dns_srv_lb` is on.
    """
    usable = [each for each in records if each.target not in ("", ".")]
    if random is None:
        return sorted(usable, key=lambda each: (each.priority, -each.weight))
    ordered: list[Srv] = []
    for priority in sorted({each.priority for each in usable}):
        left = [each for each in usable if each.priority == priority]
        while left:
            ordered.append(left.pop(_drawn([each.weight for each in left], random())))
    return ordered


def _drawn(weights: list[int], number: float) -> int:
    """An index, by weight. All that have weight 0 share the chance of a 1.

    The numbers of RFC 2782, which begin at 0, would favour the first record.
    """
    shares = [float(weight) for weight in weights]
    without = weights.count(0)
    if without:
        shares = [share or 1 / without for share in shares]
    point = number * sum(shares)
    for index, share in enumerate(shares):
        point -= share
        if point < 0:
            return index
    return len(weights) - 1
