"""Functions on one item of a table, or on all.

Source: README of htable, chapter 4; what it leaves open was tried on Kamailio 5.6.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipway.core import log as levels
from sipway.modules.htable._module import NO_MEMORY, TableName, failed, mod, tables

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.modules.htable.table import Table, Value


def table_of(ctx: Context, function: str, name: str) -> Table | None:
    """The table; None when it has been logged that there is none."""
    found = tables(ctx.program).get(name)
    if found is None:
        failed(ctx, function, f"there is no table {name}")
    return found


def _item(ctx: Context, function: str, table: str, key: str) -> Table | None:
    """The same, for functions that want the name of an item, which is not empty."""
    if not key:
        failed(ctx, function, "the name of the item is empty")
        return None
    return table_of(ctx, function, table)


@mod.function("sht_rm")
def sht_rm(ctx: Context, table: TableName, key: str) -> int:
    """Take an item out. Returns 1, whether it was there or not; -1 without such a table."""
    found = _item(ctx, "sht_rm", table, key)
    if found is None:
        return -1
    found.remove(key)
    return 1


def _set_for(ctx: Context, function: str, table: str, key: str, value: Value, seconds: int) -> int:
    found = _item(ctx, function, table, key)
    if found is None:
        return -1
    if not found.set_for(key, value, seconds, ctx.now):
        return failed(ctx, function, NO_MEMORY)
    return 1


@mod.function("sht_setxs")
def sht_setxs(ctx: Context, table: TableName, key: str, value: str, seconds: int) -> int:
    """Set an item to a text, for so many seconds. Returns 1; -1 without such a table."""
    return _set_for(ctx, "sht_setxs", table, key, value, seconds)


@mod.function("sht_setxi")
def sht_setxi(ctx: Context, table: TableName, key: str, value: int, seconds: int) -> int:
    """Set an item to a number, for so many seconds. Returns 1; -1 without such a table."""
    return _set_for(ctx, "sht_setxi", table, key, value, seconds)


@mod.function("sht_reset")
def sht_reset(ctx: Context, table: TableName) -> int:
    """Take all items out. Returns 1; -1 without such a table."""
    found = table_of(ctx, "sht_reset", table)
    if found is None:
        return -1
    found.clear()
    return 1


@mod.function("sht_is_null")
def sht_is_null(ctx: Context, table: TableName, key: str) -> int:
    """Whether an item is not there.

    Returns 1 if so, 2 if there is no such table; -1 where `initval` takes its place, -2 if it is.
    """
    found = tables(ctx.program).get(table)
    if found is None:
        return 2
    if found.get(key, ctx.now) is not None:
        return -2
    return 1 if found.initval is None else -1


@mod.function("sht_inc")
def sht_inc(ctx: Context, table: TableName, key: str) -> int:
    """Add 1 to a number. Returns 1; -1 where there is none to add to."""
    found = table_of(ctx, "sht_inc", table)
    return -1 if found is None or found.add(key, 1, ctx.now) is None else 1


@mod.function("sht_dec")
def sht_dec(ctx: Context, table: TableName, key: str) -> int:
    """Take 1 off a number. Returns 1; -1 where there is none to take it off."""
    found = table_of(ctx, "sht_dec", table)
    return -1 if found is None or found.add(key, -1, ctx.now) is None else 1


_SHOWN = 10_000


@mod.function("sht_print")
def sht_print(ctx: Context) -> int:
    """Log all tables, as errors: to find faults. Returns 1."""
    line = ctx.program.log.line
    left = _SHOWN
    for table in tables(ctx.program).values():
        of = table.definition
        line(levels.ERR, f"table {of.name}: {len(table)} items, autoexpire {of.autoexpire}")
        for key, value in table.items(ctx.now):
            if not left:
                line(levels.ERR, f"only {_SHOWN} items are shown")
                return 1
            left -= 1
            seconds = table.left(key, ctx.now)
            until = "stays" if seconds is None else f"{seconds} s left"
            kind = "number" if isinstance(value, int) else "text"
            line(levels.ERR, f"{of.name}=>{key}: {kind} {value}, {until}")
    return 1
