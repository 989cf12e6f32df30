"""The module pike: its parameters, functions and commands."""

from __future__ import annotations

import asyncio
import socket
from typing import Any, Final

from sipway.core import log as levels
from sipway.core.commands import CommandError
from sipway.core.context import Context
from sipway.core.module import Module
from sipway.core.parameters.conversions import between
from sipway.core.program import Program
from sipway.language.signatures import Routes
from sipway.modules.pike.tree import NEWLY_BLOCKED, OFTEN, Limits, Node, Tree
from sipway.sip.addresses import sockaddr

mod: Final = Module("pike")

_ROUTES: Final = Routes.REQUEST | Routes.REPLY
_WRONG: Final = -1

_IPV4: Final = bytes((socket.AF_INET,))
_IPV6: Final = bytes((socket.AF_INET6,))
_SIZE_OF_IPV4: Final = 16  # of its sockaddr
_SLICE: Final = 200  # nodes between two looks at whoever else wants something
_PAUSE: Final = 0.002


_period = mod.param(
    "sampling_time_unit",
    int,
    2,
    convert=between(1, 1 << 30),
    doc="seconds in which hits are counted",
)
_density = mod.param(
    "reqs_density_per_unit",
    int,
    30,
    doc="hits in that time that block an address; a number below 0 blocks none",
)
_latency = mod.param(
    "remove_latency",
    int,
    120,
    convert=between(0, 1 << 30),
    doc="seconds that an address is remembered after its last request",
)
_level = mod.param(
    "pike_log_level", int, levels.WARN, doc="level at which blocking and its end are told"
)


def _limits(program: Program) -> Limits:
    most = _density(program)
    return Limits(_period(program), None if most < 0 else most, _latency(program))


class _Kept:
    """What the module keeps: the tree, and what the script of now says."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.limits = _limits(program)
        self.tree = Tree(self._tell_free)

    def limits_of(self, program: Program) -> Limits:
        if program is not self.program:
            self.program = program
            self.limits = _limits(program)
        return self.limits

    def _tell_free(self, address: bytes) -> None:
        program = self.program
        program.log.line(_level(program), f"pike: {_shown(address)} is no longer blocked")


def _kept(program: Program) -> _Kept:
    return program.shared.of_module(mod.name, lambda: _Kept(program))


def _shown(address: bytes) -> str:
    return socket.inet_ntop(address[0], address[1:])


def _address(raw: bytes) -> bytes:
    """The bytes of a sockaddr's IP, behind its family (see `sip.addresses`)."""
    return _IPV4 + raw[4:8] if len(raw) == _SIZE_OF_IPV4 else _IPV6 + raw[8:24]


def _check(ctx: Context, raw: bytes) -> int:
    program = ctx.program
    kept = _kept(program)
    address = _address(raw)
    found = kept.tree.hit(address, ctx.now, kept.limits_of(program))
    if found == NEWLY_BLOCKED:
        program.log.line(_level(program), f"pike: {_shown(address)} sends too much: blocked")
    return found


@mod.function("pike_check_req", routes=_ROUTES)
def pike_check_req(ctx: Context) -> int:
    """Count a request of this source: 1; -2 when it is blocked from now on, -1 while it is."""
    return _check(ctx, ctx.source)


@mod.function("pike_check_ip", routes=_ROUTES)
def pike_check_ip(ctx: Context, ipaddr: str) -> int:
    """Count a request of this address, as pike_check_req() does; -1 if it is none."""
    try:
        raw = sockaddr(ipaddr, 0)
    except ValueError:
        ctx.program.log.line(levels.ERR, f'pike_check_ip(): "{ipaddr:.60}" is no IP address')
        return _WRONG
    return _check(ctx, raw)


# --- time --------------------------------------------------------------------------------


@mod.on_start
def _start(program: Program) -> None:
    program.services.append(lambda: _sweep(program))


async def _sweep(program: Program) -> None:
    """Once in each period: free whom nobody has to ask about, forget who is silent."""
    while True:
        await asyncio.sleep(min(_period(program), 60))
        await look_around(program)


async def look_around(program: Program) -> None:
    """One look at all that is blocked or old, a few at a time."""
    kept = _kept(program)
    limits = kept.limits_of(program)
    for number, _ in enumerate(kept.tree.look(program.now(), limits, blocked=True)):
        if number % _SLICE == _SLICE - 1:
            await asyncio.sleep(_PAUSE)
    while kept.tree.sweep(program.now(), limits, _SLICE):
        await asyncio.sleep(_PAUSE)


# --- commands ----------------------------------------------------------------------------

_HOT, _WARM, _ALL = "HOT", "WARM", "ALL"


@mod.rpc("pike.top", "pike.list", large=True)
async def top(program: Program, which: str = _HOT) -> dict[str, Any]:
    """Lists addresses: those that are blocked, or WARM, or ALL of them."""
    wanted = which.upper()
    if wanted not in (_HOT, _WARM, _ALL):
        raise CommandError(500, "Bad argument. Select: ALL, HOT or WARM")
    kept = _kept(program)
    limits = kept.limits_of(program)
    now = program.now()
    found = []
    for number, (address, node) in enumerate(kept.tree.look(now, limits, blocked=wanted == _HOT)):
        if number % _SLICE == _SLICE - 1:
            await asyncio.sleep(0)
        status = _status(node, limits)
        if wanted in (_ALL, status):
            found.append(
                {
                    "ip_addr": _shown(address),
                    "leaf_hits_prev": node.own_before,
                    "leaf_hits_curr": node.own,
                    "expires": max(int(node.last + limits.latency - now), 0),
                    "status": status,
                }
            )
    return {"max_hits": _density(program), "list": found, "number_of_rows": len(found)}


def _status(node: Node, limits: Limits) -> str:
    if node.is_full(limits.most):
        return _HOT
    return _WARM if limits.most is not None and node.hits >= limits.most // OFTEN else ""
