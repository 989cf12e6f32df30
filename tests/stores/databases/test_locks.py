"""Tables that somebody else has locked for longer than the time limit."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import pytest

from sipway.errors import DatabaseDownError
from sipway.stores.databases import Database, read_url
from sipway.stores.databases.guard import Guard
from sipway.stores.databases.sqlite import SqliteDatabase
from tests.databases import MYSQL, POSTGRES, urls
from tests.stores.databases.test_databases import open_database

_SECONDS = 0.3
_PATIENT = 60.0


url = urls("locks", ["sqlite", "mysql", "postgres"])


@asynccontextmanager
async def _locked(url: str) -> AsyncIterator[None]:
    kind, name = url.partition(":")[0], url.rpartition("/")[2]
    if kind == "sqlite":
        with closing(sqlite3.connect(read_url(url).name, isolation_level=None)) as connection:
            connection.execute("begin exclusive")
            yield
            connection.execute("rollback")
    elif kind == "mysql":
        import asyncmy

        other = await asyncmy.connect(host=MYSQL[0], port=MYSQL[1], user="root", database=name)
        await other.query("lock tables calls write")  # type: ignore[no-untyped-call]
        yield
        await other.query("unlock tables")  # type: ignore[no-untyped-call]
        await other.ensure_closed()
    else:
        import psycopg

        async with await psycopg.AsyncConnection.connect(
            host=POSTGRES[0], port=POSTGRES[1], user="postgres", password="postgres", dbname=name
        ) as shared:
            await shared.execute("lock table calls in exclusive mode")
            yield
            await shared.rollback()


def _open(url: str) -> Database:
    if not url.startswith("sqlite"):
        return open_database(url, [], _SECONDS)
    parts = read_url(url)
    guard = Guard(parts.shown, _SECONDS, lambda _, __: None)
    # Longer than the limit, as a script may say: who was given up waits on in its thread.
    return SqliteDatabase(parts.name, parts.shown, guard, busy_seconds=_PATIENT)


def test_a_row_that_took_too_long_is_not_added_later(url: str) -> None:
    async def whole() -> None:
        opened = _open(url)
        try:
            await opened.run("create table calls (callid varchar(40) not null)")
            async with _locked(url):
                for _ in range(2):
                    with pytest.raises(DatabaseDownError):
                        await opened.insert("calls", {"callid": "a"}, in_transaction=True)
            while True:  # until those before it are through
                try:
                    await opened.insert("calls", {"callid": "b"}, in_transaction=True)
                    break
                except DatabaseDownError:
                    pass
        finally:
            await opened.close()
        again = open_database(url, [])
        assert await again.select("calls", ["callid"]) == [("b",)]
        await again.close()

    asyncio.run(whole())
