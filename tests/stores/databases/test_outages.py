"""Servers that go, come back, stall and talk nonsense: who asks is told, and it ends by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sipway.errors import DatabaseDownError, DatabaseError
from sipway.stores.databases import Database
from tests.databases import MYSQL, POSTGRES, new_url, remove
from tests.stores.databases.between import Between
from tests.stores.databases.test_databases import Said, open_database

Work = Callable[[Database, Between, Said], Awaitable[Any]]
Play = Callable[[Work], Said]


@pytest.fixture(params=["mysql", "postgres"])
def play(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Play]:
    """Run something with a database and somebody between."""
    url = new_url(request.param, tmp_path, "outages")
    server = MYSQL if request.param == "mysql" else POSTGRES

    def play(work: Work) -> Said:
        said: Said = []

        async def whole() -> None:
            async with Between(server) as between:
                through = url.replace(server[0], f"{server[0]}:{between.port}")
                opened = open_database(through, said, seconds=2.0)
                try:
                    await work(opened, between, said)
                finally:
                    between.go_on()
                    await opened.close()

        asyncio.run(whole())
        return said

    yield play
    remove(url)


async def _until_it_answers(opened: Database) -> None:
    while True:
        try:
            assert (await opened.run("select 1")).rows == [(1,)]
        except DatabaseDownError:
            await asyncio.sleep(0.05)
        else:
            return


def test_a_connection_that_was_cut_is_made_anew(play: Play) -> None:
    async def work(opened: Database, between: Between, said: Said) -> None:
        await opened.run("select 1")
        between.hang_up()
        await _until_it_answers(opened)

    said = play(work)
    assert [ok for ok, _ in said] in ([], [False, True])


def test_a_server_that_goes_and_comes_back(play: Play) -> None:
    async def work(opened: Database, between: Between, said: Said) -> None:
        await opened.run("select 1")
        await between.vanish()
        for _ in range(20):
            with pytest.raises(DatabaseDownError):
                await opened.run("select 1")
        assert [ok for ok, _ in said] == [False], "one line, however many ask"
        await between.listen()
        await _until_it_answers(opened)

    said = play(work)
    assert [ok for ok, _ in said] == [False, True]


def test_a_server_that_stalls(play: Play) -> None:
    async def work(opened: Database, between: Between, said: Said) -> None:
        await opened.run("select 1")
        between.stall()
        asked = [asyncio.ensure_future(opened.run("select 1")) for _ in range(40)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert {type(each) for each in answers} == {DatabaseDownError}
        between.go_on()
        await _until_it_answers(opened)

    said = play(work)
    assert [ok for ok, _ in said] == [False, True]


@pytest.mark.parametrize(
    "garbage", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0" * 64, b"\xff" * 512]
)
def test_a_server_that_talks_nonsense(play: Play, garbage: bytes) -> None:
    async def work(opened: Database, between: Between, said: Said) -> None:
        await opened.run("select 1")
        between.garbage = garbage
        for _ in range(3):
            with pytest.raises(DatabaseError):
                await opened.run("select 1")
        between.garbage = None
        between.hang_up()
        await _until_it_answers(opened)

    play(work)


def test_who_gives_up_does_not_get_the_next_answer_wrong(play: Play) -> None:
    async def work(opened: Database, between: Between, said: Said) -> None:
        await opened.run("select 1")
        between.stall()
        asked = asyncio.ensure_future(opened.run("select 7"))
        await asyncio.sleep(0.05)  # until it is on its way
        asked.cancel()
        between.go_on()
        for number in range(5):
            assert (await opened.run(f"select {number}")).rows == [(number,)]

    play(work)
