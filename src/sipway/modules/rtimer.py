"""rtimer: routing blocks that run every so often.

Source: README of Kamailio's module rtimer; what it leaves open was tried on Kamailio 5.6.3. There
are no processes for timers: `mode` only says how often a timer is there.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Final

from sipway.core import log as levels
from sipway.core.made_up import made_up_context, run
from sipway.core.module import Module
from sipway.core.program import Program
from sipway.errors import ModuleError
from sipway.language.record import Record

if TYPE_CHECKING:
    from sipway.core.program import Block

mod = Module("rtimer", after=("tm",))

_MOST: Final = 64
_SHORTEST: Final = 0.001


class _Timer(Record):
    """`interval` in seconds, 0 for the default; `count`: how often it is there."""

    name: str
    interval: float
    count: int


class _Exec(Record):
    timer: str
    route: str


def _fields(text: str, known: tuple[str, ...]) -> dict[str, str]:
    """`name=value;name=value`, blanks around them left aside."""
    found: dict[str, str] = {}
    for part in filter(None, (each.strip() for each in text.split(";"))):
        name, equals, value = (each.strip() for each in part.partition("="))
        if not equals or name not in known:
            raise ValueError(f'"{part}" is none of {", ".join(f"{each}=" for each in known)}')
        found[name] = value
    return found


def _natural(text: str, what: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 10:
        raise ValueError(f'{what} is a number from 0 on, not "{text}"')
    return int(text)


def _timer(text: str) -> _Timer:
    fields = _fields(text, ("name", "mode", "interval"))
    if not fields.get("name"):
        raise ValueError("the timer has no name=")
    interval = fields.get("interval", "0")
    small = interval[-1:].lower() == "u"
    number = _natural(interval[:-1] if small else interval, "interval")
    count = _natural(fields.get("mode", "0"), "mode")
    if count > _MOST:
        raise ValueError(f"a timer is there at most {_MOST} times, not {count}")
    return _Timer(fields["name"], number / 1_000_000 if small else number, max(count, 1))


def _exec(text: str) -> _Exec:
    fields = _fields(text, ("timer", "route"))
    for name in ("timer", "route"):
        if not fields.get(name):
            raise ValueError(f"{name}= is missing")
    return _Exec(fields["timer"], fields["route"])


_NO_TIMERS: Final[list[_Timer]] = []
_NO_EXECS: Final[list[_Exec]] = []
_default_interval = mod.param("default_interval", int, 120, doc="seconds, for timers without one")
_timers = mod.param(
    "timer", str, _NO_TIMERS, convert=_timer, repeatable=True, doc="name=...;interval=...;mode=..."
)
_execs = mod.param(
    "exec", str, _NO_EXECS, convert=_exec, repeatable=True, doc="timer=...;route=..."
)


@mod.on_start
def _start(program: Program) -> None:
    timers: dict[str, _Timer] = {}
    for timer in _timers(program):
        if timer.name in timers:
            raise ModuleError(f"rtimer: the timer {timer.name} is there twice")
        timers[timer.name] = timer
    # Of several routes of a timer the last one runs first, as in Kamailio.
    routes: dict[str, list[tuple[str, Block]]] = {}
    for each in reversed(_execs(program)):
        if each.timer not in timers:
            raise ModuleError(f"rtimer: there is no timer {each.timer} to run {each.route}")
        block = program.routes.get(each.route)
        if block is None:
            program.log.line(levels.ERR, f"rtimer: there is no route[{each.route}] to run")
        else:
            routes.setdefault(each.timer, []).append((each.route, block))
    for name, blocks in routes.items():
        interval = timers[name].interval or max(_default_interval(program), 1)
        for _ in range(timers[name].count):
            program.services.append(partial(_run, program, max(interval, _SHORTEST), tuple(blocks)))


async def _run(program: Program, interval: float, blocks: tuple[tuple[str, Block], ...]) -> None:
    """Run the routes again and again; the next wait begins when they are through."""
    loop = asyncio.get_running_loop()
    while program.spawn is not None:
        await asyncio.sleep(interval)
        through: asyncio.Future[None] = loop.create_future()
        # A task of its own, so that what it sends and logs goes out when it has ended.
        program.spawn(_tick(program, blocks, through))
        await through


async def _tick(
    program: Program,
    blocks: tuple[tuple[str, Block], ...],
    through: asyncio.Future[None],
) -> None:
    try:
        for name, block in blocks:
            await run(made_up_context(program), name, block)
    finally:
        if not through.done():
            through.set_result(None)
