"""The module pipelimit: its parameters, the pipes of the database, its functions."""

from __future__ import annotations

import asyncio
import random
from typing import Annotated, Final, TypeAlias

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.core.databases import Table, at_first
from sipway.core.limiting.machine import watch
from sipway.core.limiting.pipes import FEEDBACK, algorithm
from sipway.core.module import Module
from sipway.core.parameters.conversions import between
from sipway.core.program import Program
from sipway.language.signatures import ArgumentKind, Meaning, Routes
from sipway.modules import sl
from sipway.modules.pipelimit.pipes import Pipes

mod: Final = Module("pipelimit", after=("sl",))

NOT_THERE: Final = -2
_FULL: Final = -1
_THERE: Final = 1

_MOST_LOAD: Final = 100
_RETRY_AFTER: Final = 5
_SLICE: Final = 200
_PAUSE: Final = 0.002
_VERSION: Final = 1
_LONGEST_NAME: Final = 255  # names often come from the network


mod.param(
    "hash_size",
    int,
    6,
    convert=between(1, 31),
    meaning=Meaning.IGNORED,
    doc="slots of Kamailio's table, as a power of 2",
)
mod.param(
    "timer_mode", int, 0, convert=between(0, 1), meaning=Meaning.IGNORED, doc="of Kamailio's timers"
)
_db_url = mod.param("db_url", str, "", doc="the database that has pipes; without it there is none")
_table = mod.param("plp_table_name", str, "pl_pipes", doc="its table of pipes")
_id_column = mod.param("plp_pipeid_column", str, "pipeid", doc="the column with their names")
_limit_column = mod.param("plp_limit_column", str, "plimit", doc="the column with their limits")
_algorithm_column = mod.param(
    "plp_algorithm_column", str, "algorithm", doc="the column with their algorithms"
)
_interval = mod.param(
    "timer_interval", int, 10, convert=between(1, 86_400), doc="seconds of an interval"
)
_load_fetch = mod.param(
    "load_fetch", int, 1, doc="whether the load is looked at, for FEEDBACK and NETWORK"
)
_reply_code = mod.param(
    "reply_code", int, 503, convert=between(200, 699), doc="status code of pl_drop()"
)
_reply_reason = mod.param(
    "reply_reason", str, "Server Unavailable", doc="reason phrase of pl_drop()"
)
_clean_unused = mod.param(
    "clean_unused",
    int,
    0,
    convert=between(0, 1 << 30),
    doc="intervals without a request after which a pipe goes; 0 for never",
)


def pipes(program: Program) -> Pipes:
    return program.shared.of_module(mod.name, Pipes)


def interval_of(program: Program, now: float) -> int:
    return int(now // _interval(program))


# --- what is there at the start, and goes on beside the requests ------------------------------


@mod.on_start
def _start(program: Program) -> None:
    url = _db_url(program)
    if url:
        table = Table(program, url, _table(program), _VERSION, module=mod.name)
        at_first(program, lambda: _load(program, table), f"the table {table.name}")
    if _load_fetch(program):
        found = pipes(program)
        program.services.append(lambda: watch(program, _interval(program), found.load, found.wants))
    if _clean_unused(program):
        program.services.append(lambda: _clean(program))


async def _load(program: Program, table: Table) -> None:
    columns = (_id_column(program), _algorithm_column(program), _limit_column(program))
    found = pipes(program)
    seen: set[str] = set()
    interval = interval_of(program, program.now())
    for name, of, limit in await table.select(columns):
        shown = f"pipelimit: the pipe {name!r} of {table.name}"
        if not isinstance(name, str) or not isinstance(of, str) or not isinstance(limit, int):
            program.log.line(levels.ERR, f"{shown} is left out: {of!r}, {limit!r}")
            continue
        try:
            number = algorithm(of.upper())
            if number == FEEDBACK and not 0 <= limit <= _MOST_LOAD:
                raise ValueError(f"a limit of FEEDBACK is from 0 to {_MOST_LOAD}, not {limit}")
        except ValueError as error:
            program.log.line(levels.ERR, f"{shown} is left out: {error}")
            continue
        if name in seen:
            program.log.line(levels.ERR, f"{shown} is there twice, the first counts")
            continue
        seen.add(name)
        found.keep(name, number, limit, interval)


async def _clean(program: Program) -> None:
    """Once in each interval look for pipes that nobody uses."""
    while True:
        await asyncio.sleep(_interval(program))
        await clean(program)


async def clean(program: Program) -> None:
    """One such look, a few pipes at a time."""
    found = pipes(program)
    most = _clean_unused(program)
    while found.sweep(interval_of(program, program.now()), most, _SLICE):
        await asyncio.sleep(_PAUSE)


# --- functions ---------------------------------------------------------------------------


@mod.function("pl_check", arities=(1, 3))
def pl_check(ctx: Context, name: str, algorithm: str | None = None, limit: int = 0) -> int:
    """Count a request in a pipe: 1, or -1 if it is full; 2 if its algorithm is NOP.

    With algorithm and limit the pipe is made if there is none, and has its limit changed if that
    is above 0. -2 if there is no such pipe, or no such algorithm; -1 if the limit is below 0.
    """
    program = ctx.program
    found = pipes(program)
    interval = interval_of(program, ctx.now)
    clean_unused = _clean_unused(program)
    if clean_unused:
        found.sweep(interval, clean_unused)
    pipe = found.get(name)
    if algorithm is not None:
        if limit < 0:
            return _FULL
        if pipe is None:
            number = _algorithm(program, algorithm, limit)
            if number is None or not _is_short(program, name):
                return NOT_THERE
            pipe = found.set(name, number, limit, interval)
        elif limit > 0:
            found.set(name, pipe.algorithm, limit, interval)
    if pipe is None:
        return NOT_THERE
    return found.check(pipe, interval)


def _algorithm(program: Program, name: str, limit: int) -> int | None:
    try:
        number = algorithm(name.upper())
    except ValueError as error:
        program.log.once(levels.ERR, f"pl_check(): {error}")
        return None
    if number == FEEDBACK and limit > _MOST_LOAD:
        program.log.once(levels.ERR, f"pl_check(): FEEDBACK to a load of {limit} in a hundred")
        return None
    return number


def _is_short(program: Program, name: str) -> bool:
    if len(name) <= _LONGEST_NAME:
        return True
    program.log.once(
        levels.ERR, f"pl_check(): a name of a pipe has at most {_LONGEST_NAME} characters"
    )
    return False


@mod.function("pl_active")
def pl_active(ctx: Context, name: str) -> int:
    """Ask whether there is a pipe of this name: 1 or -1."""
    return _THERE if pipes(ctx.program).get(name) is not None else _FULL


def _to_seconds(value: int | str) -> int:
    try:
        seconds = int(value)
    except ValueError:
        raise ValueError(f'"{value}" is no number of seconds') from None
    if not 0 <= seconds < 1 << 31:
        raise ValueError(f"seconds are from 0 on, not {value}")
    return seconds


Seconds: TypeAlias = Annotated[
    int, ArgumentKind("a number of seconds", base=None, convert=_to_seconds)
]

_DROPPING: Final = Routes.REQUEST | Routes.BRANCH | Routes.FAILURE | Routes.ONSEND | Routes.EVENT


@mod.function("pl_drop", routes=_DROPPING, replies=True)
def pl_drop(ctx: Context) -> int:
    """Answer with `reply_code` and `reply_reason`, as send_reply() does."""
    return sl.send_reply(ctx, _reply_code(ctx.program), _reply_reason(ctx.program))


@mod.function("pl_drop", routes=_DROPPING, replies=True)
def pl_drop_until(ctx: Context, first: Seconds, second: Seconds | None = None) -> int:
    """Answer as pl_drop() does, with a Retry-After of that many seconds.

    With two numbers, least and most, it is a random one between them.
    """
    seconds = first or _RETRY_AFTER
    if second is not None:
        seconds = random.randint(first, max(first, second))
    if seconds == 0:
        return pl_drop(ctx)
    before = ctx.reply_lines
    ctx.reply_lines = [*(before or ()), b"Retry-After: %d\r\n" % seconds]
    try:
        return pl_drop(ctx)
    finally:
        ctx.reply_lines = before
