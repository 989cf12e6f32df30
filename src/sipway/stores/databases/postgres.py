"""PostgreSQL, by psycopg. Values travel beside the statement; the server gives them their types."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, ClassVar, Final

import psycopg
from psycopg.adapt import AdaptersMap, Dumper
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.types.string import TextLoader

from sipway.errors import DatabaseDownError, DatabaseError
from sipway.stores.databases.guard import Guard
from sipway.stores.databases.interface import Answer, Value
from sipway.stores.databases.pooled import PooledDatabase
from sipway.stores.databases.statements import Dialect
from sipway.stores.databases.times import as_value
from sipway.stores.databases.url import DatabaseUrl

_PORT: Final = 5432
_ASKED_OFTEN: Final = 2  # from so many times on a statement is prepared
_PASSING: Final = ("08", "25006", "40", "53", "57")
"""SQLSTATEs, or classes, of what passes by itself: connections, read-only, conflicts with others
(deadlocks), no more of something, the server ends."""
_CHANGES: Final = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"})


class PostgresDatabase(PooledDatabase["_Connection"]):
    """One database of a server.

    connect_seconds   bounds each attempt to connect
    parameters        of the connection, as libpq names them (sslmode, tcp_user_timeout)
    """

    dialect: ClassVar[Dialect] = Dialect("", lambda number: f"${number}")

    def __init__(
        self,
        url: DatabaseUrl,
        guard: Guard,
        *,
        connect_seconds: float = 5.0,
        parameters: Sequence[tuple[str, str]] = (),
        connections: int = 16,
    ) -> None:
        super().__init__(url.shown, guard, connections)
        self._url = url
        self._connect_seconds = connect_seconds
        self._parameters = dict(parameters)

    async def _connect(self) -> _Connection:
        url = self._url
        asked: dict[str, Any] = {
            "host": url.host,
            "port": url.port or _PORT,
            "user": url.user or None,
            "password": url.password or None,
            "dbname": url.name,
            "application_name": "sipway",
            **self._parameters,
        }
        try:
            async with asyncio.timeout(self._connect_seconds):
                made = await psycopg.AsyncConnection.connect(
                    autocommit=True,
                    prepare_threshold=_ASKED_OFTEN,
                    context=_ADAPTERS,
                    **asked,
                )
        except (psycopg.Error, OSError, TimeoutError) as error:
            self._guard.not_connected()
            raise DatabaseDownError(f"{self.shown}: {_reason(error)}") from None
        return _Connection(made, self.shown)


class _Number(Dumper):
    """A number without a type of its own, so that it does for a column of text too."""

    def dump(self, obj: float) -> bytes:
        return repr(obj).encode()


# What these hold are numbers, texts, bytes and times; all else comes as PostgreSQL writes it:
# t and f, {1,2}, 1 day.
_READ: Final = frozenset(
    "int2 int4 int8 oid float4 float8 numeric text varchar bpchar name char bytea"
    " date time timetz timestamp timestamptz".split()
)


def _adapters() -> AdaptersMap:
    made = AdaptersMap(psycopg.adapters)
    made.register_dumper(int, _Number)
    made.register_dumper(float, _Number)
    for each in psycopg.adapters.types:
        if each.name.strip('"') not in _READ:
            made.register_loader(each.oid, TextLoader)
        if each.array_oid:
            made.register_loader(each.array_oid, TextLoader)
    return made


_ADAPTERS: Final = _adapters()


class _Connection:
    def __init__(self, connection: psycopg.AsyncConnection[Any], shown: str) -> None:
        self._connection = connection
        self._shown = shown
        self.is_lost = False

    @property
    def is_idle(self) -> bool:
        return self._connection.info.transaction_status == TransactionStatus.IDLE

    async def carry_out(self, text: str, values: tuple[Value, ...]) -> Answer:
        cursor = psycopg.AsyncRawCursor(self._connection)
        try:
            await cursor.execute(text.encode(), values or None)
            answer = await _answer(cursor)
        except (UnicodeError, OverflowError) as error:
            raise DatabaseError(f"{self._shown}: {error}") from None
        except psycopg.Error as error:
            kind = DatabaseDownError if self._passes(error) else DatabaseError
            raise kind(f"{self._shown}: {_reason(error)}") from None
        finally:
            # Who was cut off in the middle of an answer cannot go on behind it.
            if self._connection.info.transaction_status in (
                TransactionStatus.ACTIVE,
                TransactionStatus.UNKNOWN,
            ):
                self.is_lost = True
        return answer

    def _passes(self, error: psycopg.Error) -> bool:
        return self._connection.closed or (error.sqlstate or "").startswith(_PASSING)

    async def close(self) -> None:
        self.is_lost = True
        # Not `close`, which says goodbye to somebody who may not listen.
        self._connection.pgconn.finish()


async def _answer(cursor: psycopg.AsyncCursor[Any]) -> Answer:
    result = cursor.pgresult
    assert result is not None
    if result.status == ExecStatus.TUPLES_OK:
        rows = [tuple(map(as_value, row)) for row in await cursor.fetchall()]
        names = tuple(column.name for column in cursor.description or ())
    else:
        rows, names = [], ()
    status = (cursor.statusmessage or "").partition(" ")[0]
    return Answer(names, rows, max(cursor.rowcount, 0) if status in _CHANGES else 0)


def _reason(error: BaseException) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
