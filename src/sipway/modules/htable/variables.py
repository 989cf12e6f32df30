"""Variables: an item of a table, how long it lives, how many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipway.language.runtime import to_int
from sipway.language.signatures import Inner, TableName, TablePlace
from sipway.modules.htable._module import DECLARED, NO_MEMORY, failed, mod, tables
from sipway.modules.htable.matching import counting

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.modules.htable.table import Table

_Value = int | str | None
_Place = TableName | TablePlace


def _find(ctx: Context, place: _Place) -> Table | None:
    """The table of a place that nobody has looked up yet; None if there is none."""
    found = tables(ctx.program).get(place.name)
    if isinstance(place, TablePlace):
        place.found = found
    return found


def _find_to_set(ctx: Context, place: _Place) -> Table:
    """The same. Raises ValueError, which is logged."""
    found = _find(ctx, place)
    if found is None:
        raise ValueError(f"there is no table {place.name}")
    return found


def _set(ctx: Context, value: _Value, place: _Place, key: str) -> None:
    table: Table | None = place.found
    if table is None:
        table = _find_to_set(ctx, place)
    if value is None:
        table.remove(key)
        return
    values = table.values
    if type(value) is int and not table.expires and type(values.get(key)) is int:
        values[key] = value
    elif not table.set(key, value, ctx.now):
        raise ValueError(NO_MEMORY)


@mod.variable("sht", set=_set, inner=Inner.REQUIRED, keyed=DECLARED)
def _get(ctx: Context, place: _Place, key: str) -> _Value:
    """An item, `$sht(table=>key)`; `initval` or null where there is none. Null takes it out."""
    table: Table | None = place.found
    if table is None:
        table = _find(ctx, place)
        if table is None:
            return None
    value = table.values.get(key)
    if value is None:
        return table.initval
    if table.expires:
        gone = table.gone[key]
        if gone and ctx.now >= gone:
            return table.initval
    return value


def _add(ctx: Context, place: _Place, key: str, number: int) -> int | None:
    table: Table | None = place.found
    if table is None:
        table = _find(ctx, place)
        if table is None:
            return None
    return table.add(key, number, ctx.now)


@mod.variable("shtinc", inner=Inner.REQUIRED, keyed=DECLARED, values=(int,))
def _increment(ctx: Context, place: _Place, key: str) -> int | None:
    """A number in a table, after 1 was added; null where there is none and no `initval`."""
    return _add(ctx, place, key, 1)


@mod.variable("shtdec", inner=Inner.REQUIRED, keyed=DECLARED, values=(int,))
def _decrement(ctx: Context, place: _Place, key: str) -> int | None:
    """A number in a table, after 1 was taken off; null where there is none and no `initval`."""
    return _add(ctx, place, key, -1)


def _set_expire(ctx: Context, value: _Value, place: _Place, key: str) -> None:
    table: Table | None = place.found
    if table is None:
        table = _find_to_set(ctx, place)
    table.expire_in(key, to_int(value), ctx.now)


@mod.variable("shtex", set=_set_expire, inner=Inner.REQUIRED, keyed=DECLARED, values=(int,))
def _expire(ctx: Context, place: _Place, key: str) -> int | None:
    """The seconds that an item has left; 0 for one that stays, or is not there."""
    table: Table | None = place.found
    if table is None:
        table = _find(ctx, place)
        if table is None:
            return None
    return table.left(key, ctx.now) or 0


def _count(ctx: Context, place: _Place, expression: str, *, by_name: bool) -> int | None:
    table: Table | None = place.found
    if table is None:
        table = _find(ctx, place)
        if table is None:
            return None
    try:
        matches = counting(expression)
    except ValueError as error:
        failed(ctx, "$shtcn" if by_name else "$shtcv", error)
        return 0
    return sum(1 for key, value in table.items(ctx.now) if matches(key if by_name else value))


@mod.variable("shtcn", inner=Inner.REQUIRED, keyed=DECLARED, values=(int,))
def _count_names(ctx: Context, place: _Place, expression: str) -> int | None:
    """How many items have such a name: a regular expression, also as `~~...`; `%~` and what it
    begins with, `~%` and what it ends with, `==` and what it is, `**` for all.
    """
    return _count(ctx, place, expression, by_name=True)


@mod.variable("shtcv", inner=Inner.REQUIRED, keyed=DECLARED, values=(int,))
def _count_values(ctx: Context, place: _Place, expression: str) -> int | None:
    """How many items have such a value: as `$shtcn`, and `eq` with a number."""
    return _count(ctx, place, expression, by_name=False)
