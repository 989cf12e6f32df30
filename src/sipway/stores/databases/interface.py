"""What a database is to everybody else: rows in, rows out, one narrow interface.

Who asks names tables, columns and values; the SQL is made below, by whoever speaks it, and values
are never part of its text. Names of tables and columns come from the script (parameters of
modules), and are checked to be names. Only `run` takes SQL as it is: the script's own (sqlops).

Every method is a coroutine that ends within the time that its URL or module allows. All raise
`DatabaseError` and nothing else: `DatabaseDownError` where the database could not be asked, did not
answer, so that it is unknown whether a change was made, or says what passes by itself (a deadlock,
a full disk, read-only): the same may be asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple, Protocol, TypeAlias

Value: TypeAlias = int | float | str | bytes | None
"""What a column holds. A time is a `times.Moment`: text in local time, `2026-01-31 23:59:59`."""

Row: TypeAlias = tuple[Value, ...]


class Condition(NamedTuple):
    """What rows must have: `Condition("username", "alice")`.

    Operators are =, !=, <, >, <=, >= and like; None with = or != is a null.
    """

    column: str
    value: Value
    operator: str = "="


class AskLater:
    """The type of `ASK_LATER`: that takes a moment, so it has to be awaited."""


ASK_LATER: Final = AskLater()


AtOnce: TypeAlias = Callable[[tuple[Value, ...]], Row | AskLater | None]


class Answer(NamedTuple):
    """What came of a statement: names of the columns, rows, and how many rows it changed."""

    columns: tuple[str, ...]
    rows: list[Row]
    changed: int = 0


class Database(Protocol):
    """One database, asked by as many as want at the same time.

    `shown` is its URL without the password, for messages.
    """

    shown: str

    async def select(
        self,
        table: str,
        columns: Sequence[str],
        where: Sequence[Condition] = (),
        *,
        order: str | None = None,
        limit: int | None = None,
    ) -> list[Row]:
        """The rows that fulfil all conditions, sorted by the column `order` if one is given."""
        ...

    async def first(
        self,
        table: str,
        columns: tuple[str, ...],
        keys: tuple[str, ...],
        values: tuple[Value, ...],
    ) -> Row | None:
        """The first row in which the columns `keys` have `values`, or None if there is none.

        What is asked for each request is asked by this: what many ask at the same moment goes to
        the database together. A null is equal to nothing.
        """
        ...

    def first_at_once(
        self, table: str, columns: tuple[str, ...], keys: tuple[str, ...]
    ) -> AtOnce | None:
        """What answers as `first` does for these columns and keys, without waiting.

        It gives `ASK_LATER` where that cannot be, for whatever reason; None where it never can.
        """
        ...

    async def insert(
        self, table: str, *rows: Mapping[str, Value], in_transaction: bool = False
    ) -> None:
        """Add rows, all with the same columns: all of them or none.

        Several are added in a transaction; `in_transaction` says so for one as well. What took
        too long before its end is then not added later: it may be tried again.
        """
        ...

    async def update(
        self, table: str, changes: Mapping[str, Value], where: Sequence[Condition] = ()
    ) -> int:
        """Change the rows that fulfil all conditions; how many there were."""
        ...

    async def replace(self, table: str, row: Mapping[str, Value], keys: Sequence[str]) -> None:
        """Change the rows that have these values in the columns `keys`, or add one."""
        ...

    async def replace_all(self, table: str, rows: Sequence[Mapping[str, Value]]) -> None:
        """Have these rows in place of all that there are: whatever happens, the old or the new."""
        ...

    async def delete(self, table: str, where: Sequence[Condition] = ()) -> int:
        """Remove the rows that fulfil all conditions; how many there were."""
        ...

    async def run(self, sql: str, values: Sequence[Value] = ()) -> Answer:
        """Carry out one statement as it is; where there are values, each `?` is the next one."""
        ...

    async def close(self) -> None:
        """Let go of all connections; whoever asks after that has it connect again."""
        ...
