"""What runs by itself: the event routes of the module, and the sweep for what has expired.

Source: README of htable, chapter 7; what it leaves open was tried on Kamailio 5.6.3. There too an
item is taken out some time after it has expired, `timer_interval` seconds at most, and only then is
event_route[htable:expired:TABLE] run. What that sets of the item stays; 5.6.3 loses it.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Final

from sipway.core import log as levels
from sipway.core.databases import at_first, at_last
from sipway.core.extras import extras
from sipway.core.made_up import made_up_context, run
from sipway.errors import DatabaseError, ModuleError
from sipway.language.signatures import Inner
from sipway.modules.htable._module import NAME, db_url, declare, mod, tables, timer_interval
from sipway.modules.htable.storing import Stored

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.core.program import Block, Program
    from sipway.modules.htable.table import Table, Value

# Between two slices of a sweep: whoever waits for an answer goes first.
_PAUSE: Final = 0.002
_SLICE: Final = 200
_SLICE_WITH_EVENTS: Final = 20

# The script begins before the server serves, which waits no longer than ten seconds.
_LONGEST: Final = 8.0

_RECORD: Final = f"{NAME}:record"
_at_the_start = mod.event("htable:mod-init")


@mod.on_start
def _start(program: Program) -> None:
    new = [each for each in declare(program) if each.definition.dbtable]
    stored = Stored(program) if db_url(program) is not None else None
    block = program.events.get(_at_the_start.name)
    if block is not None or (stored is not None and new):
        begin = _Begin(program, stored, new, block)
        at_first(program, begin, "the tables of htable" if new else "htable:mod-init")
    if any(each.expires for each in tables(program).values()):
        program.services.append(lambda: _sweep(program))
    if stored is None:
        return
    written = [each for each in tables(program).values() if each.definition.dbmode]
    if any(each.definition.dbtable and not each.definition.columns for each in written):
        at_last(program, stored.save_all, "the tables of htable")
    for table in tables(program).values():
        if table.definition.reloadat and table.definition.dbtable:
            program.services.append(partial(_reload, program, stored, table))


class _Begin:
    """Reads the tables from the database, then runs event_route[htable:mod-init], once."""

    def __init__(
        self, program: Program, stored: Stored | None, new: list[Table], block: Block | None
    ) -> None:
        self._program = program
        self._stored = stored
        self._new = new
        self._block = block

    async def __call__(self) -> None:
        block, self._block = self._block, None
        if block is None:
            await self._load()
            return
        try:
            async with asyncio.timeout(_LONGEST):
                await self._load()
        except TimeoutError:
            raise DatabaseError(f"it takes more than {_LONGEST:g} seconds") from None
        finally:
            # Without what could not be read, the script still has its own to set.
            await self._run(block)

    async def _load(self) -> None:
        if self._stored is None:
            return
        failures = []
        for table in tuple(self._new):
            try:
                await self._stored.load(table)
            except DatabaseError as error:
                failures.append(error)
            else:
                self._new.remove(table)
        if failures:
            raise failures[0]

    async def _run(self, block: Block) -> None:
        ctx = made_up_context(self._program)
        await run(ctx, _at_the_start.name, block)
        if ctx.dropped:
            raise ModuleError(
                "event_route[htable:mod-init] says drop, so the server does not start"
            )


async def _sweep(program: Program) -> None:
    """Take out what has expired, a few items at a time, again and again."""
    interval = max(timer_interval(program), 1)
    while True:
        await asyncio.sleep(interval)
        for table in list(tables(program).values()):
            more = table.expires
            while more:
                more = await sweep(program, table)
                await asyncio.sleep(_PAUSE)


async def sweep(program: Program, table: Table) -> bool:
    """Take out a few items that have expired, and tell the script; whether there is more to do."""
    block = program.events.get(f"htable:expired:{table.definition.name}")
    now = program.now()
    expired, more = table.sweep(now, _SLICE if block is None else _SLICE_WITH_EVENTS)
    if block is not None:
        for record in expired:
            ctx = made_up_context(program, now)
            extras(ctx).of_modules[_RECORD] = record
            await run(ctx, f"htable:expired:{table.definition.name}", block)
    return more


async def _reload(program: Program, stored: Stored, table: Table) -> None:
    """Read a table anew every `reloadat` seconds."""
    while True:
        await asyncio.sleep(table.definition.reloadat)
        try:
            await reload(program, stored, table)
        except DatabaseError as error:
            name = table.definition.name
            program.log.line(levels.ERR, f"htable: the table {name} cannot be read: {error}")


async def reload(program: Program, stored: Stored, table: Table) -> None:
    """Read a table anew, and tell the script. Raises DatabaseError."""
    await stored.load(table)
    name = f"htable:reloaded:{table.definition.name}"
    block = program.events.get(name)
    if block is not None:
        await run(made_up_context(program), name, block)


def _part(text: str) -> str:
    if text not in ("key", "value"):
        raise ValueError(f'there are the parts key and value, not "{text}"')
    return text


@mod.variable("shtrecord", inner=Inner.REQUIRED, prepare=_part)
def _record(ctx: Context, part: str) -> int | str | None:
    """The `key` or `value` that has expired: in event_route[htable:expired:TABLE], else empty."""
    record: tuple[str, Value] | None = (
        None if ctx.extras is None else ctx.extras.of_modules.get(_RECORD)
    )
    if record is None:
        return ""
    return record[0] if part == "key" else record[1]
