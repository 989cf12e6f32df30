"""A database that speaks SQL: `Database` in terms of statements, for drivers to carry out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from sipway.stores.databases import statements
from sipway.stores.databases.guard import Guard
from sipway.stores.databases.interface import Answer, Condition, Row, Value
from sipway.stores.databases.statements import Dialect, Statement


class SqlDatabase:
    """What all drivers share. A driver has a `dialect` and carries statements out."""

    dialect: ClassVar[Dialect]

    def __init__(self, shown: str, guard: Guard) -> None:
        self.shown = shown
        self._guard = guard

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
