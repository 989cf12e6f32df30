"""htable: tables written to a database."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sipway.core.databases import databases
from sipway.modules.htable._module import tables
from tests.modules.running import NOW
from tests.modules.test_htable_database import Place, give, serve


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "database")


_WRITTEN = [("n", 0, 1, "5", 0), ("x", 0, 0, "v", 0)]


def test_store(place: Place) -> None:
    program, _ = place.program("dbtable=htable", 'modparam("htable", "htable", "none=>")')

    async def play() -> None:
        table = tables(program)["t"]
        table.clear()
        table.set("x", "v", NOW)
        table.set("n", 5, NOW)
        answer = await give(program, "htable.store", "t")
        assert answer == "Ok. Htable successfully stored to DB."
        assert place.rows() == _WRITTEN
        assert await give(program, "htable.store", "none") == (500, "No database htable")
        table.clear()
        await give(program, "htable.store", "t")
        assert place.rows() == []

    serve(program, play)


def test_store_with_columns_of_its_own(place: Place) -> None:
    program, _ = place.program("dbtable=rates;cols='prefix,name'")

    async def play() -> None:
        code, reason = await give(program, "htable.store", "t")
        assert code == 500
        assert "not written" in reason

    serve(program, play)


def test_what_cannot_be_written_leaves_what_was_there(place: Place) -> None:
    program, _ = place.program("dbtable=htable")
    before = place.rows()
    place.run(
        "create trigger refuse before insert on htable when new.key_value = 'bad'"
        " begin select raise(abort, 'not this'); end;"
    )

    async def play() -> None:
        tables(program)["t"].set("x", "bad", NOW)
        code, reason = await give(program, "htable.store", "t")
        assert code == 500
        assert "not this" in reason

    serve(program, play)
    assert place.rows() == before


def test_writing_that_is_cut_off_leaves_what_was_there(place: Place) -> None:
    program, _ = place.program("dbtable=htable")
    before = place.rows()
    assert before
    place.run(
        "create view numbers as with recursive n(i) as (select 1 union all select 1 from n)"
        " select i from n"
    )
    place.run(
        "create trigger endless before insert on htable when new.key_value = 'bad'"
        " begin select count(*) from numbers; end;"
    )

    async def play() -> None:
        tables(program)["t"].set("x", "bad", NOW)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await give(program, "htable.store", "t")

    serve(program, play)
    assert place.rows() == before


@pytest.mark.parametrize(
    ("definition", "times", "until"),
    [
        ("dbtable=htable;dbmode=1", 0, 0),
        ("dbtable=htable;dbmode=1;autoexpire=100", 0, 0),
        ("dbtable=htable;dbmode=1;autoexpire=100", 1, int(NOW) + 100),
    ],
)
def test_at_the_end(place: Place, definition: str, times: int, until: int) -> None:
    program, _ = place.program(definition, f'modparam("htable", "db_expires", {times})')

    async def play() -> None:
        table = tables(program)["t"]
        table.clear()
        table.set("x", "v", NOW)
        table.set("n", 5, NOW)

    serve(program, play)
    assert place.rows() == [(*each[:4], until) for each in _WRITTEN]


def test_nothing_is_written_at_the_end_without_dbmode(place: Place) -> None:
    program, _ = place.program("dbtable=htable")
    assert databases(program).last == []


def test_bytes_that_are_no_text(place: Place) -> None:
    program, _ = place.program("dbtable=htable")
    odd = b"\xff\xfe".decode("utf-8", "surrogateescape")

    async def play() -> None:
        table = tables(program)["t"]
        table.clear()
        table.set(odd, odd, NOW)
        await give(program, "htable.store", "t")
        table.clear()
        await give(program, "htable.reload", "t")
        assert table.values == {odd: odd}

    serve(program, play)


def test_all_tables_are_tried_at_the_end(place: Place) -> None:
    program, log = place.program(
        "dbtable=gone;dbmode=1", 'modparam("htable", "htable", "u=>dbtable=htable;dbmode=1")'
    )
    place.run("create table gone as select * from htable")

    async def play() -> None:
        place.run("drop table gone")
        tables(program)["u"].clear()
        tables(program)["u"].set("x", "v", NOW)

    serve(program, play)
    assert place.rows() == [("x", 0, 0, "v", 0)]
    assert "cannot be written" in log.written[-1][1]
