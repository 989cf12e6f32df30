"""What databases behind a network share: a few connections, each lent to one who asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Generic, Protocol, TypeVar

from sipway.errors import DatabaseError
from sipway.stores.databases import pool
from sipway.stores.databases.guard import Guard
from sipway.stores.databases.interface import Answer, Value
from sipway.stores.databases.sql import SqlDatabase, left_open
from sipway.stores.databases.statements import Statement


class Connection(pool.Connection, Protocol):
    async def carry_out(self, text: str, values: tuple[Value, ...]) -> Answer:
        """Carry out one statement. Raises DatabaseError."""
        ...


C = TypeVar("C", bound=Connection)


class PooledDatabase(SqlDatabase, Generic[C]):
    """A driver says how it connects, and how its transactions begin."""

    begin: ClassVar[str] = "begin"

    def __init__(self, shown: str, guard: Guard, connections: int) -> None:
        super().__init__(shown, guard)
        self._pool: pool.Pool[C] = pool.Pool(self._connect, connections)

    async def close(self) -> None:
        await self._guard.settle()
        await self._pool.close()

    async def _connect(self) -> C:
        """A new connection. Raises DatabaseDownError."""
        raise NotImplementedError

    async def _carry_out(self, text: str, values: tuple[Value, ...]) -> Answer:
        async with self._pool.lent() as connection:
            answer = await connection.carry_out(text, values)
            if not connection.is_lost and not connection.is_idle:
                raise left_open(self.shown)
            return answer

    async def _carry_out_all(self, made: Sequence[Statement]) -> None:
        async with self._pool.lent() as connection:
            await connection.carry_out(self.begin, ())
            try:
                for text, values in made:
                    await connection.carry_out(text, values)
            except DatabaseError:
                if not connection.is_lost:
                    await connection.carry_out("rollback", ())
                raise
            await connection.carry_out("commit", ())
