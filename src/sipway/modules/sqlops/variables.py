"""`$dbr(result=>key)` and `$sqlrows(connection)`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sized
from typing import Final, TypeGuard

from sipway.core.context import Context
from sipway.language.record import Record
from sipway.language.signatures import HOLE, Inner
from sipway.modules.sqlops._module import kept, mod, script_value

Value = int | str | None

_NUMBER: Final = rf"(-?\d{{1,9}}|{re.escape(HOLE)})"
_CELL: Final = re.compile(rf"\[\s*{_NUMBER}\s*,\s*{_NUMBER}\s*\]")
_NAME: Final = re.compile(rf"colname\s*\[\s*{_NUMBER}\s*\]")


class Key(Record):
    """`what` is rows, cols, cell or colname; a number may be `HOLE`, the place of a variable."""

    result: str
    what: str
    numbers: tuple[int | str | None, ...]

    def fill(self, *values: Value) -> Key:
        """The key with the values of variables in its holes: a text is no number, as in 5.6.3."""
        rest: Iterator[Value] = iter(values)
        numbers = tuple(next(rest) if each == HOLE else each for each in self.numbers)
        return Key(self.result, self.what, numbers)


def _key(text: str) -> Key:
    result, arrow, key = (part.strip() for part in text.partition("=>"))
    if not arrow or not result or HOLE in result:
        raise ValueError("$dbr is written $dbr(result=>key)")
    if key in ("rows", "cols"):
        return Key(result, key, ())
    for what, form in (("cell", _CELL), ("colname", _NAME)):
        found = form.fullmatch(key)
        if found is not None:
            numbers = (each if each == HOLE else int(each) for each in found.groups())
            return Key(result, what, tuple(numbers))
    shown = key.replace(HOLE, "...")
    raise ValueError(f'rows, cols, [row,column] and colname[n] are known, not "{shown}"')


@mod.variable("dbr", inner=Inner.REQUIRED, prepare=_key, holes=True)
def dbr(ctx: Context, key: Key) -> Value:
    """Of a result: how many `rows` and `cols`, a value `[row,column]`, a name `colname[n]`.

    Numbers count from 0. Null where there is none.
    """
    answer = kept(ctx).results.get(key.result)
    rows = [] if answer is None else answer.rows
    columns = () if answer is None or not rows else answer.columns
    if key.what == "rows":
        return len(rows)
    if key.what == "cols":
        return len(columns)
    row, column = (0, *key.numbers)[-2:]
    if not _is_among(row, rows) or not _is_among(column, columns):
        return None
    return script_value(rows[row][column]) if key.what == "cell" else columns[column]


def _is_among(place: int | str | None, all_there_are: Sized) -> TypeGuard[int]:
    return isinstance(place, int) and 0 <= place < len(all_there_are)


@mod.variable("sqlrows", inner=Inner.REQUIRED)
def sqlrows(ctx: Context, name: str) -> Value:
    """How many rows the last query of a connection has changed, or brought; -1 where it failed.

    Null before one.
    """
    return kept(ctx).changed.get(name.strip())
