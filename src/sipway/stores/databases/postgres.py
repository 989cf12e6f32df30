"""PostgreSQL, by asyncpg. Values travel beside the statement; the server gives them their types."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from typing import Any, ClassVar, Final

import asyncpg

from sipway.errors import DatabaseDownError, DatabaseError
from sipway.stores.databases.guard import Guard
from sipway.stores.databases.interface import Answer, Value
from sipway.stores.databases.pool import Pool
from sipway.stores.databases.sql import SqlDatabase
from sipway.stores.databases.statements import Dialect, Statement
from sipway.stores.databases.times import as_value
from sipway.stores.databases.url import DatabaseUrl

_PORT: Final = 5432
_KEPT_STATEMENTS: Final = 128
_TEXTUAL: Final = {
    "int2": int, "int4": int, "int8": int, "float4": float, "float8": float, "numeric": float,
    "varchar": str, "text": str, "bpchar": str, "timestamp": str, "timestamptz": str, "date": str,
    "time": str, "inet": str, "cidr": str, "uuid": str,
}  # fmt: skip
"""Types that travel as text, so that a number does for a column of text, and vice versa."""


class PostgresDatabase(SqlDatabase):
    """One database of a server. `connect_seconds` bounds each attempt to connect."""

    dialect: ClassVar[Dialect] = Dialect("", lambda number: f"${number}")

    def __init__(
        self,
        url: DatabaseUrl,
        guard: Guard,
        *,
        connect_seconds: float = 5.0,
        tls: ssl.SSLContext | str | None = None,
        connections: int = 16,
    ) -> None:
        super().__init__(url.shown, guard)
        self._url = url
        self._connect_seconds = connect_seconds
        self._tls = tls
        self._pool: Pool[_Connection] = Pool(self._connect, connections)

    async def close(self) -> None:
        await self._pool.close()

    async def _carry_out(self, text: str, values: tuple[Value, ...]) -> Answer:
        async with self._pool.lent() as connection:
            return await connection.carry_out(text, values)

    async def _carry_out_all(self, made: Sequence[Statement]) -> None:
        async with self._pool.lent() as connection:
            await connection.carry_out("begin", ())
            try:
                for text, values in made:
                    await connection.carry_out(text, values)
            except DatabaseError:
                if not connection.is_lost:
                    await connection.carry_out("rollback", ())
                raise
            await connection.carry_out("commit", ())

    async def _connect(self) -> _Connection:
        url = self._url
        try:
            made = await asyncpg.connect(
                host=url.host,
                port=url.port or _PORT,
                user=url.user or None,
                password=url.password or None,
                database=url.name,
                timeout=self._connect_seconds,
                ssl=self._tls,
            )
            for name, decode in _TEXTUAL.items():
                await made.set_type_codec(
                    name, schema="pg_catalog", encoder=str, decoder=decode, format="text"
                )
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            self._guard.not_connected()
            raise DatabaseDownError(f"{self.shown}: {_reason(error)}") from None
        return _Connection(made, self.shown)


class _Connection:
    def __init__(self, connection: Any, shown: str) -> None:
        self._connection = connection
        self._shown = shown
        self._prepared: dict[str, Any] = {}
        self.is_lost = False

    async def carry_out(self, text: str, values: tuple[Value, ...]) -> Answer:
        whole = False
        try:
            statement = await self._statement(text)
            try:
                records = await statement.fetch(*values)
            except asyncpg.InvalidCachedStatementError:  # somebody has changed the table
                del self._prepared[text]
                statement = await self._statement(text)
                records = await statement.fetch(*values)
            answer = Answer(
                tuple(attribute.name for attribute in statement.get_attributes()),
                [tuple(map(as_value, record.values())) for record in records],
                _changed(statement.get_statusmsg()),
            )
            whole = True
        except (UnicodeError, OverflowError, ValueError, TypeError) as error:
            whole = True
            raise DatabaseError(f"{self._shown}: {error}") from None
        except asyncpg.PostgresConnectionError as error:
            raise DatabaseDownError(f"{self._shown}: {_reason(error)}") from None
        except asyncpg.PostgresError as error:
            whole = not self._connection.is_closed()
            kind = DatabaseError if whole else DatabaseDownError
            raise kind(f"{self._shown}: {_reason(error)}") from None
        except (asyncpg.InterfaceError, OSError) as error:
            raise DatabaseDownError(f"{self._shown}: {_reason(error)}") from None
        finally:
            if not whole:
                self.is_lost = True
        return answer

    async def _statement(self, text: str) -> Any:
        found = self._prepared.get(text)
        if found is None:
            if len(self._prepared) >= _KEPT_STATEMENTS:
                del self._prepared[next(iter(self._prepared))]
            found = self._prepared[text] = await self._connection.prepare(text)
        return found

    async def close(self) -> None:
        self.is_lost = True
        self._connection.terminate()


def _changed(status: str | None) -> int:
    """From `UPDATE 3`, `INSERT 0 1`; 0 where nothing is changed."""
    verb, _, rest = (status or "").partition(" ")
    count = rest.rpartition(" ")[2]
    return int(count) if verb in ("INSERT", "UPDATE", "DELETE") and count.isdigit() else 0


def _reason(error: BaseException) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
