"""Tables read from a database, and written to it.

Source: README of htable, sections 2.3 and 3; what it leaves open was tried on Kamailio 5.6.3. A
table is written in one transaction, so the database has the old one or the new one; and what could
not be read is not written over at the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final

from sipway.core import log as levels
from sipway.core.databases import database
from sipway.errors import DatabaseError
from sipway.language.runtime import text_number, wrap
from sipway.modules.htable._module import (
    NAME,
    array_size_suffix,
    db_expires,
    db_url,
    expires_column,
    fetch_rows,
    key_name_column,
    key_type_column,
    key_value_column,
    tables,
    value_type_column,
)
from sipway.modules.htable.table import Memory, Table

if TYPE_CHECKING:
    from sipway.core.program import Program
    from sipway.modules.htable.definition import Definition
    from sipway.stores.databases import Database, Row
    from sipway.stores.databases import Value as Column

_SIMPLE: Final = 0
_ARRAY: Final = 1
_TEXT: Final = 0
_NUMBER: Final = 1
_UNLIMITED: Final = 1 << 62


class Stored:
    """The tables of a Program in its database. Raises ModuleError for a URL that is none."""

    def __init__(self, program: Program) -> None:
        url = db_url(program)
        assert url is not None, "whoever makes this has looked"
        self._program = program
        self._database: Database = database(program, url, NAME)
        self._suffix = array_size_suffix(program)
        self._slice = fetch_rows(program)
        self._with_times = bool(db_expires(program))
        self._columns = (
            key_name_column(program),
            key_type_column(program),
            value_type_column(program),
            key_value_column(program),
            expires_column(program),
        )

    async def load(self, table: Table) -> None:
        """Put in place of what a table has what the database has. Raises DatabaseError.

        The first time what the script has set meanwhile stays.
        """
        of = table.definition
        with_times = self._with_times and table.expires and not of.columns
        columns: Sequence[str] = of.columns or self._columns[: 5 if with_times else 4]
        rows = await self._database.select(of.dbtable, columns, order=columns[0])
        fresh = Table(of, Memory(_UNLIMITED))
        lengths: dict[str, int] = {}  # of arrays
        left_out = 0
        rest = iter(rows)
        while some := list(islice(rest, self._slice)):
            whole = [row for row in some if _is_whole(row, of)]
            left_out += len(some) - len(whole)
            if of.columns:
                self._fill_packed(fresh, whole)
            else:
                self._fill(fresh, whole, lengths)
            await asyncio.sleep(0)  # whoever waits for an answer goes first
        now = self._program.now()
        for key, length in lengths.items():
            fresh.set(f"{key}{self._suffix}", length, now)
        table.take(fresh, now)
        if left_out:
            self._program.log.line(
                levels.WARN,
                f"htable: the table {of.name}: {left_out} rows of {of.dbtable} are left out,"
                " they have no key or no value",
            )

    def _fill(self, table: Table, rows: Sequence[Row], lengths: dict[str, int]) -> None:
        now = self._program.now()
        for row in rows:
            key = _text(row[0])
            until = _number(row[4]) if len(row) > 4 else 0
            if 0 < until < now:
                continue
            value = _number(row[3]) if _number(row[2]) == _NUMBER else _text(row[3])
            if _number(row[1]) == _ARRAY:
                number = lengths.get(key, 0)
                lengths[key] = number + 1
                key = f"{key}[{number}]"
            table.set(key, value, now)
            if until:
                table.expire_at(key, until)

    def _fill_packed(self, table: Table, rows: Sequence[Row]) -> None:
        """The same where several columns make one text."""
        now = self._program.now()
        of = table.definition
        for row in rows:
            values = (of.colnull if each is None else _text(each) for each in row[1:])
            table.set(_text(row[0]), of.coldelim.join(values), now)

    async def save(self, table: Table) -> None:
        """Put in place of what the database has what a table has. Raises DatabaseError."""
        of = table.definition
        if of.columns:
            raise DatabaseError(
                f"the table {of.name} is read from columns of its own (cols), and not written"
            )
        columns = self._columns
        made: list[dict[str, Column]] = []
        for number, key in enumerate(table.keys(), 1):
            if number % self._slice == 0:
                await asyncio.sleep(0)  # whoever waits for an answer goes first
            value = table.get(key, self._program.now())
            if value is not None:
                kind = _TEXT if isinstance(value, str) else _NUMBER
                values = (_written(key), _SIMPLE, kind, _written(str(value)))
                made.append(dict(zip(columns, (*values, self._until(table, key)), strict=True)))
        await self._database.replace_all(of.dbtable, made)

    def _until(self, table: Table, key: str) -> int:
        until = table.gone_at(key) if self._with_times else None
        return 0 if until is None else until

    async def save_all(self) -> None:
        """Write the tables that are to be written at the end; all are tried."""
        failures = []
        for table in tables(self._program).values():
            of = table.definition
            if not of.dbmode or not of.dbtable or of.columns:
                continue
            if not table.is_loaded:
                reason = "it was never read, so it is not written over"
                self._program.log.line(levels.ERR, f"htable: the table {of.name}: {reason}")
                continue
            try:
                await self.save(table)
            except DatabaseError as error:
                failures.append(error)
        if failures:
            raise failures[0]


def _is_whole(row: Row, of: Definition) -> bool:
    """Whether it has a key and, where that cannot be a mark, a value."""
    return row[0] is not None and (bool(of.columns) or row[3] is not None)


def _text(value: Column) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return "" if value is None else str(value)


def _number(value: Column) -> int:
    """What is no number is 0."""
    if isinstance(value, int):
        return wrap(value)
    return text_number(_text(value).strip()) or 0


def _written(text: str) -> str | bytes:
    """Bytes that are no UTF-8 are written as they are."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape")
    return text
