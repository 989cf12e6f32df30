"""A database in memory that refuses rows, or is down, when it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from sipway.errors import DatabaseDownError, DatabaseError
from sipway.stores.databases import Condition, Row, Value

FAKE_URL = "fake://"


class FakeDatabase:
    """Keeps rows; `refuses` are the tables, and values of `n`, that it refuses.

    most        the characters that columns take
    only_ascii  whether it takes no others
    """

    shown = FAKE_URL

    def __init__(self) -> None:
        self.rows: list[tuple[str, Mapping[str, Value]]] = []
        self.batches: list[int] = []
        self.refuses: dict[str, str] = {}
        self.most: dict[str, int] = {}
        self.only_ascii = False
        self.is_down = False
        self.tried = 0
        self.gate: asyncio.Event | None = None

    async def insert(
        self, table: str, *rows: Mapping[str, Value], in_transaction: bool = False
    ) -> None:
        assert in_transaction  # even a single one: it is tried again
        self.tried += 1
        if self.gate is not None:
            await self.gate.wait()
        if self.is_down:
            raise DatabaseDownError("it is down")
        for row in rows:
            if table in self.refuses or row.get("n") in self.refuses:
                raise DatabaseError(f"no {table}")
            for name, value in row.items():
                if isinstance(value, str) and len(value) > self.most.get(name, 1000):
                    raise DatabaseError(f"{name} is too long")
                if isinstance(value, str) and self.only_ascii and not value.isascii():
                    raise DatabaseError(f"{name} is not ASCII")
        self.batches.append(len(rows))
        self.rows += [(table, row) for row in rows]

    async def select(
        self, table: str, columns: Sequence[str], where: Sequence[Condition], *, limit: int
    ) -> list[Row]:
        self.tried += 1
        if self.is_down:
            raise DatabaseDownError("it is down")
        found = [
            tuple(row[each] for each in columns)
            for of, row in self.rows
            if of == table and all(row[each.column] == each.value for each in where)
        ]
        return found[:limit]

    async def close(self) -> None:
        pass
