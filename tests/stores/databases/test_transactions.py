"""What goes wrong in a transaction leaves nothing behind: neither rows nor the transaction."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from sipway.errors import DatabaseDownError, DatabaseError
from sipway.stores.databases import Database
from tests.databases import new_url, remove, urls
from tests.stores.databases.test_databases import open_database, run

url = urls("all_or_none")


def _person(number: int, name: str | bytes | None = "ann") -> dict[str, Any]:
    return {"id": number, "name": name, "age": None}


async def _seen_by_others(url: str) -> list[Any]:
    other = open_database(url, [])
    try:
        return await other.select("people", ["id"], order="id")
    finally:
        await other.close()


@pytest.mark.parametrize(
    "wrong",
    [_person(2, "\udcff"), _person(2**70), _person(2, None)],
    ids=["text", "number", "null"],
)
def test_a_row_that_cannot_be_written(url: str, wrong: dict[str, Any]) -> None:
    async def work(opened: Database) -> None:
        for _ in range(4):
            with pytest.raises(DatabaseError) as caught:
                await opened.insert("people", _person(1), wrong)
            assert "transaction" not in str(caught.value)
        await opened.insert("people", _person(3))
        assert await _seen_by_others(url) == [(3,)]

    run(url, work)


def test_a_commit_that_another_reader_holds_up(tmp_path: Path) -> None:
    url = new_url("sqlite", tmp_path, "busy")

    async def work(opened: Database) -> None:
        reader = sqlite3.connect(tmp_path / "busy.sqlite", isolation_level=None)
        reader.execute("begin")
        reader.execute("select count(*) from people").fetchall()
        with pytest.raises(DatabaseDownError, match="locked"):
            await opened.insert("people", _person(1), _person(2))
        reader.execute("rollback")
        reader.close()
        await opened.insert("people", _person(3))
        assert await _seen_by_others(url) == [(3,)]

    run(url, work)


_SLOW_IN_MYSQL = """
    create trigger slow before insert on people for each row
        set @slept = if(new.id = 2, sleep(3), 0)
"""
_SLOW_IN_POSTGRES = """
    create function slow() returns trigger language plpgsql as
        'begin perform pg_sleep(3); return new; end';
    create trigger slow before insert on people for each row when (new.id = 2)
        execute function slow()
"""


@pytest.mark.parametrize(
    ("kind", "slow"), [("mysql", _SLOW_IN_MYSQL), ("postgres", _SLOW_IN_POSTGRES)]
)
def test_a_transaction_that_takes_too_long(kind: str, slow: str, tmp_path: Path) -> None:
    url = new_url(kind, tmp_path, "too_long")
    try:

        async def work(opened: Database) -> None:
            for statement in slow.split(";\n"):
                await opened.run(statement)
            with pytest.raises(DatabaseDownError, match="did not answer"):
                await opened.insert("people", _person(1), _person(2))
            await opened.insert("people", _person(3))
            assert await _seen_by_others(url) == [(3,)]

        run(url, work, seconds=0.5)
    finally:
        remove(url)


def test_who_begins_a_transaction_by_hand_has_it_alone(url: str) -> None:
    """Each statement may go to another connection, so one that was begun cannot be gone on with."""
    begin = "start transaction" if url.startswith("mysql:") else "begin"

    async def work(opened: Database) -> None:
        with pytest.raises(DatabaseError, match="leaves a transaction open"):
            await opened.run(begin)
        await opened.insert("people", _person(1))
        assert await _seen_by_others(url) == [(1,)]
        await opened.insert("people", _person(2), _person(3))
        assert await _seen_by_others(url) == [(1,), (2,), (3,)]

    assert run(url, work) == []
