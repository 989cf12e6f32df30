"""Short questions to SQLite are answered where they are asked, all others are left to threads."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sipway.errors import DatabaseDownError
from sipway.stores.databases.guard import Guard
from sipway.stores.databases.interface import AskLater
from sipway.stores.databases.sqlite import SqliteDatabase
from sipway.stores.databases.sqlite_at_once import ShortQuestions
from tests.databases import sqlite_with

_BY_ID = "select name from people where id = ? limit 1"
_BY_NAME = "select id from people where name = ? limit 1"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "people.sqlite"
    sqlite_with(
        made,
        "create table people (id integer primary key, name text)",
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000)"
        " insert into people select i, 'user' || i from n",
    )
    return made


class _Clock:
    def __init__(self) -> None:
        self.now = 0.0
        self.step = 0.0  # by which each look at it moves it on

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def _run(path: Path, work: Callable[[ShortQuestions, _Clock], Awaitable[Any]]) -> None:
    async def whole() -> None:
        clock = _Clock()
        at_once = ShortQuestions(
            lambda: sqlite3.connect(path, timeout=0.0, isolation_level=None), clock
        )
        await work(at_once, clock)
        at_once.close()

    asyncio.run(whole())


def _is_later(answer: object) -> bool:
    return isinstance(answer, AskLater)


def test_what_an_index_finds_is_answered(path: Path) -> None:
    async def work(at_once: ShortQuestions, _: _Clock) -> None:
        for at in range(1, 4000):  # far more steps than one question may take, all in all
            assert at_once.first(_BY_ID, (at,)) == (f"user{at}",)
        assert at_once.first(_BY_ID, (9999,)) is None

    _run(path, work)


def test_what_begins_and_ends_many_times_is_never_too_long(path: Path) -> None:
    """SQLite counts the steps of a statement, also of those that begin and end, for ever."""

    async def work(at_once: ShortQuestions, _: _Clock) -> None:
        for at in range(1, 4000):
            assert at_once.first(_BY_ID, (at,)) == (f"user{at}",)
            await asyncio.sleep(0)

    _run(path, work)


def test_what_is_looked_for_in_all_rows_is_left_to_threads(path: Path) -> None:
    async def work(at_once: ShortQuestions, clock: _Clock) -> None:
        assert _is_later(at_once.first(_BY_NAME, ("user4999",)))
        assert at_once.first(_BY_ID, (1,)) == ("user1",)
        # Not even tried for a while, though this one would be short.
        assert _is_later(at_once.first(_BY_NAME, ("user1",)))
        clock.now += 60
        assert at_once.first(_BY_NAME, ("user1",)) == (1,)

    _run(path, work)


def test_a_locked_file_is_left_to_threads(path: Path) -> None:
    async def work(at_once: ShortQuestions, _: _Clock) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("begin exclusive")
            assert _is_later(at_once.first(_BY_ID, (1,)))
            other.execute("rollback")
        await asyncio.sleep(0)
        assert at_once.first(_BY_ID, (1,)) == ("user1",)

    _run(path, work)


def test_nobody_is_kept_from_writing_when_the_loop_goes_on(path: Path) -> None:
    async def work(at_once: ShortQuestions, _: _Clock) -> None:
        with closing(sqlite3.connect(path, timeout=0.0, isolation_level=None)) as other:
            assert at_once.first(_BY_ID, (1,)) == ("user1",)
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("update people set name = 'ann' where id = 1")
            await asyncio.sleep(0)
            other.execute("update people set name = 'ann' where id = 1")
            assert at_once.first(_BY_ID, (1,)) == ("ann",)

    _run(path, work)


def test_a_slow_disk_is_left_to_threads_for_a_moment(path: Path) -> None:
    async def work(at_once: ShortQuestions, clock: _Clock) -> None:
        clock.step = 0.02
        answers = [at_once.first(_BY_ID, (1,)) for _ in range(10)]
        assert [_is_later(each) for each in answers] == [False] * 4 + [True] * 6
        clock.step = 0.0
        clock.now += 2
        assert at_once.first(_BY_ID, (1,)) == ("user1",)
        clock.step = 0.2
        at_once.first(_BY_ID, (1,))
        assert _is_later(at_once.first(_BY_ID, (1,)))

    _run(path, work)


def test_one_that_was_long_by_chance_changes_nothing(path: Path) -> None:
    async def work(at_once: ShortQuestions, clock: _Clock) -> None:
        for _ in range(20):
            clock.step = 0.02
            assert at_once.first(_BY_ID, (1,)) == ("user1",)
            clock.step = 0.0
            for _ in range(10):
                assert at_once.first(_BY_ID, (1,)) == ("user1",)

    _run(path, work)


@pytest.mark.parametrize("text", ["select x from people where id = ?", "select from", ""])
def test_what_is_wrong_is_left_to_threads(path: Path, text: str) -> None:
    async def work(at_once: ShortQuestions, _: _Clock) -> None:
        assert _is_later(at_once.first(text, (1,)))
        assert at_once.first(_BY_ID, (1,)) == ("user1",)

    _run(path, work)


def test_a_file_that_is_not_there_is_down(tmp_path: Path) -> None:
    async def work() -> None:
        guard = Guard("sqlite", 5.0, lambda *_: None)
        opened = SqliteDatabase(str(tmp_path / "none"), "sqlite", guard, create=False)
        with pytest.raises(DatabaseDownError, match="unable to open"):
            await opened.first("people", ("name",), ("id",), (1,))
        sqlite_with(tmp_path / "none", "create table people (id integer, name text)")
        assert await opened.first("people", ("name",), ("id",), (1,)) is None
        await opened.close()

    asyncio.run(work())


def test_a_look_through_all_rows_is_answered_all_the_same(path: Path) -> None:
    async def work() -> None:
        guard = Guard("sqlite", 5.0, lambda *_: None)
        opened = SqliteDatabase(str(path), "sqlite", guard)
        asked = [opened.first("people", ("id",), ("name",), (f"user{at}",)) for at in (1, 4999)]
        assert await asyncio.gather(*asked) == [(1,), (4999,)]
        await opened.close()

    asyncio.run(work())
