"""A database that speaks SQL: `Database` in terms of statements, for drivers to carry out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import ClassVar, Final

from sipway.errors import DatabaseError
from sipway.stores.databases import statements
from sipway.stores.databases.guard import Guard
from sipway.stores.databases.interface import (
    Answer,
    AtOnce,
    Condition,
    Row,
    Value,
)
from sipway.stores.databases.questions import Questions, Values
from sipway.stores.databases.statements import Dialect, Question, Statement

# Names of tables and columns come from scripts, which may make them of messages.
_MOST_QUESTIONS: Final = 256


class SqlDatabase:
    """What all drivers share. A driver has a `dialect` and carries statements out."""

    dialect: ClassVar[Dialect]

    def __init__(self, shown: str, guard: Guard) -> None:
        self.shown = shown
        self._guard = guard
        self._questions = Questions(self._ask)
        self._known: dict[tuple[str, Sequence[str], Sequence[str]], Question] = {}

    async def select(
        self,
        table: str,
        columns: Sequence[str],
        where: Sequence[Condition] = (),
        *,
        order: str | None = None,
        limit: int | None = None,
    ) -> list[Row]:
        text, values = statements.select(self.dialect, table, columns, where, order, limit)
        return (await self._guard.limited(self._carry_out(text, values))).rows

    async def first(
        self,
        table: str,
        columns: tuple[str, ...],
        keys: tuple[str, ...],
        values: tuple[Value, ...],
    ) -> Row | None:
        return await self._questions.put(self._question(table, columns, keys), values)

    def first_at_once(
        self, table: str, columns: tuple[str, ...], keys: tuple[str, ...]
    ) -> AtOnce | None:
        del table, columns, keys
        return None

    def _question(self, table: str, columns: tuple[str, ...], keys: tuple[str, ...]) -> Question:
        known = self._known.get((table, columns, keys))
        if known is None:
            if len(self._known) >= _MOST_QUESTIONS:
                self._known.clear()
            known = Question(self.dialect, table, columns, keys)
            self._known[table, columns, keys] = known
        return known

    async def _ask(self, question: Question, values: Sequence[Values]) -> list[Row | None]:
        return await self._guard.limited(self._carry_out_questions(question, values))

    async def insert(
        self, table: str, *rows: Mapping[str, Value], in_transaction: bool = False
    ) -> None:
        made = [statements.insert(self.dialect, table, row) for row in rows]
        if len(made) == 1 and not in_transaction:
            await self._guard.limited(self._carry_out(*made[0]))
        elif made:
            await self._guard.limited(self._carry_out_all(made))

    async def update(
        self, table: str, changes: Mapping[str, Value], where: Sequence[Condition] = ()
    ) -> int:
        made = statements.update(self.dialect, table, changes, where)
        return (await self._guard.limited(self._carry_out(*made))).changed

    async def replace(self, table: str, row: Mapping[str, Value], keys: Sequence[str]) -> None:
        where = [Condition(key, row[key]) for key in keys]
        changes = {column: value for column, value in row.items() if column not in keys} or row
        if not await self.update(table, changes, where):
            await self.insert(table, row)

    async def replace_all(self, table: str, rows: Sequence[Mapping[str, Value]]) -> None:
        made = [statements.delete(self.dialect, table, ())]
        made += [statements.insert(self.dialect, table, row) for row in rows]
        await self._guard.limited(self._carry_out_all(made))

    async def delete(self, table: str, where: Sequence[Condition] = ()) -> int:
        made = statements.delete(self.dialect, table, where)
        return (await self._guard.limited(self._carry_out(*made))).changed

    async def run(self, sql: str, values: Sequence[Value] = ()) -> Answer:
        if values:
            sql = statements.numbered(self.dialect, sql)
        return await self._guard.limited(self._carry_out(sql, tuple(values)))

    async def close(self) -> None:
        raise NotImplementedError

    async def _carry_out(self, text: str, values: tuple[Value, ...]) -> Answer:
        """Carry out one statement, all of it or nothing. Raises DatabaseError."""
        raise NotImplementedError

    async def _carry_out_all(self, made: Sequence[Statement]) -> None:
        """Carry out all of the statements, or none."""
        raise NotImplementedError

    async def _carry_out_questions(
        self, question: Question, values: Sequence[Values]
    ) -> list[Row | None]:
        """Find the first row for each of the values."""
        if len(values) == 1:
            rows = (await self._carry_out(question.text, values[0])).rows
            return [rows[0] if rows else None]
        # A few sizes, so that the server has a statement for each of them.
        count = 1 << (len(values) - 1).bit_length()
        padded = [*values, *[values[-1]] * (count - len(values))]
        asked = question.together(count)
        answer = await self._carry_out(asked, tuple(chain.from_iterable(padded)))
        return in_order(answer, count)[: len(values)]


def in_order(answer: Answer, count: int) -> list[Row | None]:
    """The rows of `count` questions: the first column says which one a row answers."""
    found: list[Row | None] = [None] * count
    for at, *row in answer.rows:
        found[int(at or 0)] = tuple(row)
    return found


def left_open(shown: str) -> DatabaseError:
    """Of a statement such as `begin`: each may go to another connection, so it was taken back."""
    return DatabaseError(f"{shown}: it leaves a transaction open, of which no other query is part")
