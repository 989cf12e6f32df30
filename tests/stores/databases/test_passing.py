"""Errors that pass by themselves are no refusals: who asks may ask the same again later."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sipway.errors import DatabaseDownError, DatabaseError
from sipway.stores.databases import Database
from sipway.stores.databases.guard import Guard
from sipway.stores.databases.sqlite import SqliteDatabase
from tests.databases import new_url, remove, sqlite_with
from tests.stores.databases.test_databases import open_database, run


def _mysql(number: int) -> str:
    return f"signal sqlstate 'HY000' set mysql_errno = {number}, message_text = 'not now'"


def _postgres(state: str) -> str:
    return f"do $$ begin raise exception 'not now' using errcode = '{state}'; end $$"


@pytest.mark.parametrize(
    ("kind", "statement", "passes"),
    [
        *(("mysql", _mysql(number), True) for number in (1021, 1114, 1205, 1213, 1290)),
        ("mysql", _mysql(1062), False),
        *(("postgres", _postgres(state), True) for state in ("40001", "40P01", "25006", "53100")),
        ("postgres", _postgres("23505"), False),
        ("postgres", _postgres("25001"), False),
    ],
)
def test_what_a_server_says(kind: str, statement: str, passes: bool, tmp_path: Path) -> None:
    url = new_url(kind, tmp_path, "passing")
    whose = "connection_id()" if kind == "mysql" else "pg_backend_pid()"
    try:

        async def work(opened: Database) -> None:
            before = (await opened.run(f"select {whose}")).rows
            with pytest.raises(DatabaseError, match="not now") as caught:
                await opened.run(statement)
            assert isinstance(caught.value, DatabaseDownError) == passes
            assert (await opened.run(f"select {whose}")).rows == before, "it is good for more"

        said = run(url, work)
    finally:
        remove(url)
    assert [ok for ok, _ in said] == ([False, True] if passes else [])


def test_a_deadlock(tmp_path: Path) -> None:
    """The server refuses one of the two; both can be changed afterwards."""
    url = new_url("postgres", tmp_path, "deadlock")
    in_turn = (
        "do $$ begin update people set age = 1 where id = {}; perform pg_sleep(1);"
        " update people set age = 1 where id = {}; end $$"
    )
    try:

        async def work(opened: Database) -> None:
            await opened.insert("people", {"id": 1, "name": "ann"}, {"id": 2, "name": "bob"})
            answers = await asyncio.gather(
                opened.run(in_turn.format(1, 2)),
                opened.run(in_turn.format(2, 1)),
                return_exceptions=True,
            )
            assert [type(each) for each in answers].count(DatabaseDownError) == 1
            assert await opened.update("people", {"age": 3}) == 2

        run(url, work, seconds=10)
    finally:
        remove(url)


def test_a_file_of_sqlite_that_has_no_more_room(tmp_path: Path) -> None:
    url = sqlite_with(
        tmp_path / "full.sqlite",
        "create table counted (id integer primary key autoincrement, name text)",
        f"insert into counted values ({2**63 - 1}, 'the last')",
    )

    async def work() -> None:
        opened = open_database(url, [])
        with pytest.raises(DatabaseDownError, match="full"):
            await opened.insert("counted", {"name": "one more"})
        assert len(await opened.select("counted", ["id"])) == 1
        await opened.close()

    asyncio.run(work())


@pytest.mark.parametrize("read_only", [False, True])
def test_a_file_of_sqlite_that_may_not_be_written(tmp_path: Path, *, read_only: bool) -> None:
    """A file that was taken away is read-only, and so is one that was asked for like that."""
    path = tmp_path / "moved.sqlite"
    sqlite_with(path, "create table people (id integer)")

    async def work() -> None:
        guard = Guard("sqlite", 5.0, lambda *_: None)
        opened = SqliteDatabase(str(path), "sqlite", guard, read_only=read_only)
        assert await opened.select("people", ["id"]) == []
        if not read_only:
            path.rename(tmp_path / "elsewhere.sqlite")
        with pytest.raises(DatabaseError, match=r"readonly|unable to open") as caught:
            await opened.insert("people", {"id": 1})
        assert isinstance(caught.value, DatabaseDownError) != read_only
        if not read_only:
            (tmp_path / "elsewhere.sqlite").rename(path)
            await opened.insert("people", {"id": 1})
            assert await opened.select("people", ["id"]) == [(1,)]
        await opened.close()

    asyncio.run(work())
