"""acc: records that wait for a database."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from sipway.core.databases import databases, finish
from sipway.modules.acc import writing
from sipway.modules.acc.writing import Writer
from sipway.stores.databases import Database, Value
from sipway.stores.databases.times import Moment
from tests.modules.fake_database import FAKE_URL, FakeDatabase
from tests.modules.running import NOW, load

_MODULES = ("tm", "db_sqlite", "db_text", "db_mysql", "db_postgres", "acc")


class _Place:
    """A Writer on a FakeDatabase."""

    def __init__(self) -> None:
        self.program, self.log, _ = load("request_route { ; }", modules=_MODULES)
        self.database = FakeDatabase()
        databases(self.program).open[FAKE_URL] = cast(Database, self.database)
        self.writer = Writer(self.program, FAKE_URL, {"n": 8})

    def put(self, *names: str, table: str = "acc") -> list[bool]:
        return [self.writer.put(table, {"n": name}, NOW) for name in names]

    @property
    def names(self) -> list[Value]:
        return [row["n"] for _, row in self.database.rows]

    @property
    def said(self) -> list[str]:
        return [text.removeprefix("<core>: ").rstrip() for _, text in self.log.written]


async def _turns(count: int = 20) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def test_what_waits_is_written_at_once() -> None:
    place = _Place()

    async def go() -> None:
        task = asyncio.create_task(place.writer.run())
        assert place.put("a", "b") == [True, True]
        place.put("c", table="other")
        place.put("d", "e")
        await _turns()
        assert place.names == ["a", "b", "c", "d", "e"]
        assert place.database.batches == [2, 1, 2]
        place.put("f")
        await _turns()
        assert place.names[-1] == "f"
        task.cancel()

    asyncio.run(go())
    assert len(place.writer) == 0
    assert place.said == []


def test_not_all_at_once() -> None:
    place = _Place()
    place.put(*map(str, range(writing.MOST_AT_ONCE + 1)))
    asyncio.run(place.writer.write_all())
    assert place.database.batches == [writing.MOST_AT_ONCE, 1]


def test_while_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "RETRY_SECONDS", 0.0)
    place = _Place()
    place.database.is_down = True

    async def go() -> None:
        task = asyncio.create_task(place.writer.run())
        place.put("a", "b")
        await _turns()
        assert place.database.tried > 1
        assert len(place.writer) == 2
        place.database.is_down = False
        await _turns()
        task.cancel()

    asyncio.run(go())
    assert place.names == ["a", "b"]
    assert place.said == []  # that it is away says the database


def test_the_queue_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MOST_ROWS", 2)
    place = _Place()
    assert place.put("a", "b", "c", "d") == [True, True, False, False]
    assert place.said == ["acc: 1 record is lost: the database does not take them"]
    assert place.writer.put("acc", {"n": "e"}, NOW + 61) is False
    assert place.said[1:] == ["acc: 2 records are lost: the database does not take them"]
    asyncio.run(place.writer.write_all())
    assert place.put("f") == [True]


def test_long_values_fill_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MOST_CHARACTERS", 10)
    place = _Place()
    assert place.put("12345", "123456", "1234") == [True, False, True]
    asyncio.run(place.writer.write_all())
    assert place.put("1234567890") == [True]


def test_what_is_refused_is_lost_and_said_once() -> None:
    place = _Place()
    place.database.refuses["nowhere"] = "x"
    place.put("a", "b", table="nowhere")
    place.put("c")
    asyncio.run(place.writer.write_all())
    assert place.names == ["c"]
    assert place.said == ["acc: 1 record is lost: table nowhere: no nowhere"]


def test_a_row_that_is_refused_takes_no_other_with_it() -> None:
    place = _Place()
    place.database.refuses["bad"] = "x"
    place.put("a", "bad", "b", "c")
    asyncio.run(place.writer.write_all())
    assert place.names == ["a", "b", "c"]
    place.put("d", "e")
    asyncio.run(place.writer.write_all())
    assert place.database.batches[-1] == 2


def test_many_names_of_tables_fill_no_memory() -> None:
    place = _Place()
    for number in range(200):
        place.database.refuses[f"t{number}"] = "x"
        place.put("a", table=f"t{number}")
    asyncio.run(place.writer.write_all())
    assert len(place.writer._complaints) <= 64


def test_the_end_waits_for_what_is_being_written() -> None:
    place = _Place()

    async def go() -> None:
        place.database.gate = asyncio.Event()
        task = asyncio.create_task(place.writer.run())
        place.put("a")
        await _turns()
        place.put("b")
        task.cancel()
        await _turns()
        place.database.gate.set()
        await place.writer.write_all()

    asyncio.run(go())
    assert place.names == ["a", "b"]


def test_the_end_without_a_database() -> None:
    place = _Place()
    place.database.is_down = True
    place.put("a", "b")
    asyncio.run(finish(place.program))
    assert place.said == ["records of acc cannot be written: 2 are lost"]


# --- what is too long ----------------------------------------------------------------------------


def test_what_is_too_long_is_shortened() -> None:
    """As much as is needed: first to what the tables of Kamailio take."""
    place = _Place()
    place.database.most = {"n": 8, "ua": 64}
    moment = Moment("2026-01-31 23:59:59")
    place.writer.put("acc", {"n": "x" * 300, "ua": "y" * 300, "at": moment, "i": 7}, NOW)
    place.put("short")
    asyncio.run(place.writer.write_all())
    assert [dict(row) for _, row in place.database.rows] == [
        {"n": "x" * 8, "ua": "y" * 64, "at": moment, "i": 7},
        {"n": "short"},
    ]
    assert type(place.database.rows[0][1]["at"]) is Moment
    assert [each.partition(": ")[2] for each in place.said] == [
        "1 record is shortened: table acc: n is too long",
        "1 record is shortened: table acc: ua is too long",
    ]
    assert len(place.writer) == 0
    assert place.writer._size == 0


def test_what_no_table_takes_is_ascii() -> None:
    place = _Place()
    place.database.only_ascii = True
    place.put("\u00e4bc")
    asyncio.run(place.writer.write_all())
    assert place.names == ["?bc"]


def test_columns_of_others_may_be_narrower() -> None:
    place = _Place()
    place.writer = Writer(place.program, FAKE_URL, {"n": 128})
    place.database.most = {"n": 64}
    place.put("x" * 300)
    asyncio.run(place.writer.write_all())
    assert place.names == ["x" * 64]


def test_what_stays_refused_is_lost() -> None:
    place = _Place()
    place.database.refuses["nowhere"] = "x"
    place.put("x" * 300, table="nowhere")
    place.put("a")
    asyncio.run(place.writer.write_all())
    assert place.names == ["a"]
    assert place.said[-1] == "acc: 1 record is lost: table nowhere: no nowhere"
    assert place.database.tried == 3
