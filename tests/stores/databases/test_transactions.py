"""What goes wrong in a transaction leaves nothing behind: neither rows nor the transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sipway.errors import DatabaseDownError, DatabaseError
from sipway.stores.databases import Database
from tests.databases import KINDS, new_url, remove
from tests.stores.databases.test_databases import make_table, open_database, run


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    made = new_url(request.param, tmp_path, "all_or_none")
    yield made
    remove(made)


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
