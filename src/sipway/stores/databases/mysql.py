"""MySQL and MariaDB, by asyncmy.

Values travel beside the statement, in the binary protocol of statements that the server has
prepared: none of them is ever text of SQL.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Any, ClassVar, Final

import asyncmy
from asyncmy.constants import CLIENT
from asyncmy.errors import Error

from sipway.errors import DatabaseDownError, DatabaseError
from sipway.stores.databases.guard import Guard
from sipway.stores.databases.interface import Answer, Row, Value
from sipway.stores.databases.pooled import PooledDatabase
from sipway.stores.databases.statements import Dialect
from sipway.stores.databases.times import Moment, as_value
from sipway.stores.databases.url import DatabaseUrl

_PORT: Final = 3306
_SOCKET: Final = "/run/mysqld/mysqld.sock"
_KEPT_STATEMENTS: Final = 128
_SERVER_ERRORS: Final = ((1000, 2000), (3000, 6000))
"""Numbers of errors that servers send; others are the driver's own."""
_LOST: Final = frozenset({1040, 1053, 1152, 1153, 1184, 1927})
"""Errors of servers after which a connection is of no use, or that say that there is none."""

_PASSING: Final = frozenset({1021, 1114, 1205, 1213, 1290})
"""Errors that pass by themselves: disk or table full, a wait for a lock, a deadlock, read-only."""


class MysqlDatabase(PooledDatabase["_Connection"]):
    """One database of a server. `connect_seconds` bounds each attempt to connect."""

    dialect: ClassVar[Dialect] = Dialect("`", lambda _: "?")
    begin: ClassVar[str] = "start transaction"

    def __init__(
        self,
        url: DatabaseUrl,
        guard: Guard,
        *,
        connect_seconds: float = 2.0,
        tls: ssl.SSLContext | None = None,
        connections: int = 16,
    ) -> None:
        super().__init__(url.shown, guard, connections)
        self._url = url
        self._connect_seconds = connect_seconds
        self._tls = tls

    async def _connect(self) -> _Connection:
        url = self._url
        where: dict[str, Any] = {"host": url.host, "port": url.port or _PORT}
        if url.host == "localhost" and not url.port:
            where["unix_socket"] = dict(url.options).get("socket", _SOCKET)
        try:
            made = await asyncmy.connect(
                user=url.user or None,
                password=url.password,
                database=url.name,
                charset="utf8mb4",
                autocommit=True,
                connect_timeout=max(1, int(self._connect_seconds)),
                client_flag=CLIENT.FOUND_ROWS,
                ssl=self._tls,
                **where,
            )
        except Exception as error:  # noqa: BLE001 - nonsense makes the driver raise anything
            self._guard.not_connected()
            raise DatabaseDownError(f"{self.shown}: {_reason(error)}") from None
        return _Connection(made, self.shown)


class _Connection:
    """A connection with the statements that the server has prepared for it."""

    def __init__(self, connection: Any, shown: str) -> None:
        self._connection = connection
        self._shown = shown
        self._prepared: dict[str, Any] = {}
        self.is_lost = False

    @property
    def is_idle(self) -> bool:
        return not self._connection.get_transaction_status()

    async def carry_out(self, text: str, values: tuple[Value, ...]) -> Answer:
        whole = False
        try:
            answer = await (self._execute(text, values) if values else self._query(text))
            whole = True
        except (UnicodeError, OverflowError) as error:
            whole = True  # nothing was sent
            raise DatabaseError(f"{self._shown}: {error}") from None
        except Error as error:
            whole = self._connection.connected and _is_refusal(error)
            passes = not whole or error.args[0] in _PASSING
            kind = DatabaseDownError if passes else DatabaseError
            raise kind(f"{self._shown}: {_reason(error)}") from None
        except OSError as error:
            raise DatabaseDownError(f"{self._shown}: {error}") from None
        except Exception as error:  # noqa: BLE001 - nonsense makes the driver raise anything
            raise DatabaseDownError(f"{self._shown} talks nonsense: {error!r}") from None
        finally:
            # Who was cut off in the middle of an answer cannot go on behind it.
            if not whole:
                self.is_lost = True
        return answer

    async def _execute(self, text: str, values: tuple[Value, ...]) -> Answer:
        prepared = self._prepared.get(text)
        if prepared is None:
            if len(self._prepared) >= _KEPT_STATEMENTS:
                await self._prepared.pop(next(iter(self._prepared))).close()
            prepared = self._prepared[text] = await self._connection.prepare(text)
        await prepared.execute(
            tuple(str(each) if type(each) is Moment else each for each in values)
        )
        return self._answer()

    async def _query(self, text: str) -> Answer:
        await self._connection.query(text)
        return self._answer()

    def _answer(self) -> Answer:
        result = self._connection._result
        description = result.description or ()
        rows: list[Row] = [tuple(map(as_value, row)) for row in result.rows or ()]
        changed = 0 if description else max(int(result.affected_rows or 0), 0)
        return Answer(tuple(column[0] for column in description), rows, changed)

    async def close(self) -> None:
        self.is_lost = True
        self._connection.close()
        await asyncio.sleep(0)


def _is_refusal(error: Error) -> bool:
    """Whether the server has read the statement, and will read the next one."""
    code = error.args[0] if error.args else None
    if not isinstance(code, int) or code in _LOST:
        return False
    return any(first <= code < behind for first, behind in _SERVER_ERRORS)


def _reason(error: BaseException) -> str:
    """The message of an error without its number."""
    return str(error.args[-1]) if error.args else type(error).__name__
