"""The addresses of destinations whose host is a name, for ds_is_from_list().

Source: README of dispatcher, ds_dns_mode. Otherwise than in Kamailio nobody waits for DNS: a name
that is not known yet matches by its name alone, and the destination is there all the same. All
addresses of a name match, as with ds_dns_match_all of newer releases.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

from sipway.core.locating import locate
from sipway.core.program import Program
from sipway.core.resolving import Kind
from sipway.modules.dispatcher._module import dns_interval, dns_mode, mod
from sipway.modules.dispatcher.board import board
from sipway.modules.dispatcher.destinations import NO_LOOKUP, Destination
from sipway.sip.addresses import ip_text, sockaddr

_WITH_LOAD: Final = 1 | 4
_EACH_INTERVAL: Final = 4
_BY_SRV: Final = 8
_KINDS: Final[tuple[Kind, ...]] = ("A", "AAAA")
_SHORTEST: Final = 1.0
_AT_A_TIME: Final = 16


def _has_name(destination: Destination) -> bool:
    return destination.target.address is None and not destination.flags & NO_LOOKUP


async def _look_up(program: Program, destination: Destination) -> None:
    """What DNS says now; a failure leaves what was known."""
    target = destination.target
    if dns_mode(program) & _BY_SRV:
        hops = await locate(program, target)
        found = {ip_text(each.address) for each in hops}
    else:
        found = {
            ip_text(sockaddr(address, 0))
            for kind in _KINDS
            for address in await program.names.query(target.host, kind)
        }
    if found:
        destination.addresses = frozenset(found)


def refresh_soon(program: Program, destination: Destination, now: float) -> None:
    """Ask anew, at most once a second, while the message goes on with what is known."""
    if program.spawn is None or not _has_name(destination):
        return
    if now - destination.looked_up >= _SHORTEST:
        destination.looked_up = now
        program.spawn(_look_up(program, destination))


async def look_up_all(program: Program, destinations: Iterable[Destination]) -> None:
    """The addresses of all names, a few at a time."""
    waiting = [each for each in destinations if _has_name(each)]
    for at in range(0, len(waiting), _AT_A_TIME):
        few = waiting[at : at + _AT_A_TIME]
        for each in few:
            each.looked_up = program.now()
        await asyncio.gather(*(_look_up(program, each) for each in few))


def look_up_with_load(program: Program, destinations: Iterable[Destination]) -> None:
    """Have them looked up if `ds_dns_mode` says so, and there is something to do it on."""
    if dns_mode(program) & _WITH_LOAD and program.spawn is not None:
        program.spawn(look_up_all(program, list(destinations)))


async def _refresh(program: Program) -> None:
    """With the start, and then from time to time if `ds_dns_mode` says so."""
    mode = dns_mode(program)
    while mode & _WITH_LOAD:
        await look_up_all(program, board(program).sets.destinations())
        if not mode & _EACH_INTERVAL:
            return
        await asyncio.sleep(dns_interval(program))


@mod.on_start
def _start(program: Program) -> None:
    program.services.append(lambda: _refresh(program))
