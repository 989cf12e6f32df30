"""A directory of text files as a database: SQLite in memory over them.

The files are read when they are first asked for, and again when somebody else has changed them. A
table that was changed here is written back at once, all of it beside the old file, which it then
replaces: whoever reads finds the old table or the new one.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sipway.errors import DatabaseDownError
from sipway.stores.databases.guard import Guard
from sipway.stores.databases.interface import Answer, Row, Value
from sipway.stores.databases.questions import Values
from sipway.stores.databases.sqlite import (
    GivenUp,
    SqliteDatabase,
    carry_out_all,
    carry_out_one,
    transaction,
)
from sipway.stores.databases.statements import Question, Statement
from sipway.stores.databases.text_file import Column, FileError, TextTable, read_table, write_table
from sipway.stores.databases.times import Moment, seconds_of

_TYPES: Final = {"int": "integer", "double": "real"}
_LARGEST: Final = 64 << 20  # bytes of a file: all of it is kept in memory


class _Loaded:
    """A table as it is in memory, and the file that it was read from (time, size, inode)."""

    def __init__(self, columns: tuple[Column, ...], stamp: tuple[int, int, int]) -> None:
        self.columns = columns
        self.stamp = stamp


class TextDatabase(SqliteDatabase):
    """The database in a directory.

    delimiter       between the fields of a row
    empty_is_text   nothing in a field is an empty text, not a null
    most_rows       so many rows of a file are read, or it is not read at all
    """

    def __init__(
        self,
        path: str,
        shown: str,
        guard: Guard,
        *,
        delimiter: str = ":",
        empty_is_text: bool = False,
        most_rows: int = 100_000,
    ) -> None:
        super().__init__(":memory:", shown, guard)
        self._directory = Path(path)
        self._delimiter = delimiter
        self._empty_is_text = empty_is_text
        self._most_rows = most_rows
        self._tables: dict[str, _Loaded] = {}

    async def close(self) -> None:
        await super().close()
        self._tables.clear()  # they are gone with the connection

    async def _carry_out_questions(
        self, question: Question, values: Sequence[Values]
    ) -> list[Row | None]:
        answers = [await self._carry_out(question.text, each) for each in values]
        return [answer.rows[0] if answer.rows else None for answer in answers]

    async def _carry_out(self, text: str, values: tuple[Value, ...]) -> Answer:
        def work(connection: sqlite3.Connection, _: GivenUp) -> Answer:
            self._read_changed(connection)
            before = connection.total_changes
            answer = carry_out_one(connection, text, values, self._kept)
            if connection.total_changes != before:
                self._write(connection, text)
            return answer

        return await self._in_thread(work)

    async def _carry_out_all(self, made: Sequence[Statement]) -> None:
        def work(connection: sqlite3.Connection, given_up: GivenUp) -> Answer:
            self._read_changed(connection)
            answer = carry_out_all(connection, made, self._kept, given_up)
            self._write(connection, *(text for text, _ in made))
            return answer

        await self._in_thread(work)

    @staticmethod
    def _kept(value: Value) -> Value:
        return seconds_of(value) if type(value) is Moment else value

    # --- in the thread -----------------------------------------------------------------------

    def _read_changed(self, connection: sqlite3.Connection) -> None:
        """Read the files that are new or have changed. A file that is none is no table."""
        try:
            entries = [
                (entry.name, entry.stat())
                for entry in os.scandir(self._directory)
                if entry.name.isidentifier() and entry.is_file()
            ]
        except OSError as error:
            raise DatabaseDownError(f"{self.shown}: {error.strerror}") from None
        for name, status in entries:
            stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
            known = self._tables.get(name)
            if known is None or known.stamp != stamp:
                table = self._read(name, status.st_size)
                try:
                    _make(connection, name, table)
                except (sqlite3.Error, ValueError, OverflowError) as error:
                    raise FileError(f"{self._directory / name}: {error}") from None
                self._tables[name] = _Loaded(table.columns, stamp)
        for name in self._tables.keys() - {name for name, _ in entries}:
            connection.execute(f'drop table "{name}"')
            del self._tables[name]

    def _read(self, name: str, size: int) -> TextTable:
        path = self._directory / name
        if size > _LARGEST:
            raise FileError(f"{path} has {size} bytes, {_LARGEST} are the most")
        try:
            text = path.read_text("utf-8", "surrogateescape")
        except OSError as error:
            raise DatabaseDownError(f"{path}: {error.strerror}") from None
        table = read_table(text, str(path), self._delimiter, empty_is_text=self._empty_is_text)
        if len(table.rows) > self._most_rows:
            raise FileError(
                f"{path} has {len(table.rows)} rows, {self._most_rows} are the most",
                hint="the parameter max_result_rows says so",
            )
        return table

    def _write(self, connection: sqlite3.Connection, *texts: str) -> None:
        """Write back the tables that statements name; one that cannot be is read anew."""
        for name, known in list(self._tables.items()):
            if not any(name in text for text in texts):
                continue
            columns = ", ".join(f'"{column.name}"' for column in known.columns)
            rows = connection.execute(f'select {columns} from "{name}"').fetchall()
            text = write_table(known.columns, rows, self._delimiter)
            try:
                known.stamp = self._replace(name, text)
            except OSError as error:
                del self._tables[name]
                connection.execute(f'drop table "{name}"')
                raise DatabaseDownError(
                    f"{self._directory / name} cannot be written: {error.strerror}"
                ) from None

    def _replace(self, name: str, text: str) -> tuple[int, int, int]:
        path = self._directory / name
        handle, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=self._directory)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
                os.fchmod(file.fileno(), path.stat().st_mode & 0o777)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        status = path.stat()
        return status.st_mtime_ns, status.st_size, status.st_ino


def _make(connection: sqlite3.Connection, name: str, table: TextTable) -> None:
    """Make the table in memory what the file says."""
    columns = ", ".join(map(_declared, table.columns))
    places = ", ".join("?" for _ in table.columns)
    with transaction(connection):
        connection.execute(f'drop table if exists "{name}"')
        connection.execute(f'create table "{name}" ({columns})')
        connection.executemany(f'insert into "{name}" values ({places})', table.rows)
        for column in table.columns:
            if column.attribute == "auto":
                highest = f'(select coalesce(max("{column.name}"), 0) + 1 from "{name}")'
                connection.execute(
                    f'create trigger "{name}_{column.name}" after insert on "{name}"'
                    f' when new."{column.name}" is null begin update "{name}"'
                    f' set "{column.name}" = {highest} where rowid = new.rowid; end'
                )


def _declared(column: Column) -> str:
    required = "" if column.attribute else " not null"
    return f'"{column.name}" {_TYPES.get(column.kind.lower(), "text")}{required}'
