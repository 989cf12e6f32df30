"""usrloc with a database: attributes, connections, read only, rows added, commands."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from sipway.core.commands import CommandError, carry_out
from sipway.core.databases import database, finish, prepare
from sipway.core.program import Program
from sipway.modules.usrloc import locations
from sipway.stores.databases import Condition, Database, moment, read_url
from sipway.stores.databases.tables import make
from tests.databases import new_url, urls
from tests.modules.mirrored import (
    MODULES,
    SEEN,
    contact_of,
    loaded,
    put,
    rows,
    run,
    until,
)
from tests.modules.running import load

url = urls("usrloc")


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    return new_url("sqlite", tmp_path, "usrloc")


def test_attributes_are_rows_of_their_own(url: str) -> None:
    kept = b'[["a","one"],["n",5],["t",[["in","x"]]]]'

    async def attributes(opened: Database) -> list[Any]:
        columns = ("username", "ruid", "aname", "atype", "avalue")
        return sorted(await opened.select("location_attrs", columns))

    async def work(program: Program, opened: Database) -> None:
        put(program, "alice", contact_of("alice", attributes=kept), contact_of("alice", port=2))
        while len(await attributes(opened)) != 2:
            await asyncio.sleep(0.005)
        assert await attributes(opened) == [
            ("alice", "r-alice-5060", "a", 0, "one"),
            ("alice", "r-alice-5060", "n", 1, "5"),
        ]

    xavp = '"xavp_contact", "ul"'
    run(url, 1, work, xavp)

    async def look(program: Program, opened: Database) -> None:
        first, second = locations(program).table("location").get("alice")
        # An $xavp in it has no place in the table.
        assert first.attributes == b'[["a","one"],["n",5]]'
        assert second.attributes == b""
        put(program, "alice", contact_of("alice", modified=SEEN + 1))
        while await attributes(opened):
            await asyncio.sleep(0.005)
        put(program, "alice", contact_of("alice", modified=SEEN + 2, attributes=kept))
        while not await attributes(opened):
            await asyncio.sleep(0.005)
        put(program, "alice")
        while await attributes(opened):
            await asyncio.sleep(0.005)

    run(url, 1, look, xavp)


def test_the_table_of_attributes_is_left_alone_without_the_parameter(sqlite: str) -> None:
    async def before(program: Program, opened: Database) -> None:
        await opened.run("drop table location_attrs")

    async def work(program: Program, opened: Database) -> None:
        put(program, "alice", contact_of("alice", attributes=b'[["a","one"]]'))
        await until(opened, 1)

    assert run(sqlite, 1, work, before=before).written == []


def test_a_table_may_be_read_only_at_the_start(url: str) -> None:
    async def work(program: Program, opened: Database) -> None:
        put(program, "alice", contact_of("alice"))

    run(url, 2, work)

    async def look(program: Program, opened: Database) -> None:
        assert len(locations(program).table("location").get("alice")) == 1, "db_load counts not"
        put(program, "alice")
        put(program, "bob", contact_of("bob"))
        await finish(program)
        assert await rows(opened, "ruid") == [("r-alice-5060",)]

    run(url, 4, look, '"db_load", 0')


def test_what_came_by_connections_is_removed_at_the_start(url: str) -> None:
    async def work(program: Program, opened: Database) -> None:
        put(program, "alice", contact_of("alice"), contact_of("alice", port=2, connection=7))
        put(program, "bob", contact_of("bob", connection=1))

    run(url, 2, work)

    async def look(program: Program, opened: Database) -> None:
        assert await rows(opened, "ruid") == [("r-alice-5060",)]
        table = locations(program).table("location")
        assert [each.ruid for each in table.get("alice")] == [b"r-alice-5060"]
        assert table.get("bob") == []

    run(url, 1, look, '"db_clean_tcp", 1')


def test_what_the_store_has_of_connections_goes_too(sqlite: str) -> None:
    program, _ = loaded(sqlite, 1, '"db_clean_tcp", 1')
    put(program, "alice", contact_of("alice"), contact_of("alice", port=2, connection=7))
    put(program, "bob", contact_of("bob", connection=1))

    async def whole() -> None:
        opened = database(program, sqlite, "test")
        await make(opened, read_url(sqlite))
        await prepare(program)
        table = locations(program).table("location")
        assert [each.ruid for each in table.get("alice")] == [b"r-alice-5060"]
        assert len(table) == 1
        await finish(program)

    asyncio.run(whole())


def test_changes_are_added_as_rows_where_that_is_wanted(sqlite: str) -> None:
    async def before(program: Program, opened: Database) -> None:
        [(made,)] = await opened.select("sqlite_master", ["sql"], [Condition("name", "location")])
        await opened.run("drop table location")
        await opened.run(re.sub(r", constraint \w+ unique \(ruid\)", "", str(made)))

    async def work(program: Program, opened: Database) -> None:
        put(program, "alice", contact_of("alice", cseq=1))
        await until(opened, 1)
        put(program, "alice", contact_of("alice", cseq=2, modified=SEEN + 1))
        await until(opened, 2)
        assert await rows(opened, "cseq") == [(1,), (2,)]

    run(sqlite, 1, work, '"db_update_as_insert", 1', before=before)

    async def look(program: Program, opened: Database) -> None:
        table = locations(program).table("location")
        assert [each.cseq for each in table.get("alice")] == [2], "the latest one counts"
        put(program, "alice")
        await until(opened, 0)

    run(sqlite, 1, look, '"db_update_as_insert", 1')


def test_only_rows_of_this_server_are_cleaned_where_that_is_wanted(sqlite: str) -> None:
    async def work(program: Program, opened: Database) -> None:
        put(program, "a", contact_of("a", server_id=0, expires=SEEN))
        put(program, "b", contact_of("b", server_id=1, expires=SEEN))

    run(sqlite, 2, work)
    program, _ = loaded(
        sqlite, 1, '"db_timer_clean", 1', '"timer_interval", 1', '"server_id_filter", 1'
    )

    async def whole() -> None:
        service = asyncio.ensure_future(program.services[-1]())
        opened = database(program, sqlite, "test")
        await until(opened, 1)
        service.cancel()
        assert await rows(opened, "server_id") == [(1,)]
        await finish(program)

    asyncio.run(whole())


def test_commands_ask_the_database(sqlite: str) -> None:
    async def work(program: Program, opened: Database) -> None:
        put(program, "alice", contact_of("alice"), contact_of("alice", port=2))
        assert await rows(opened, "ruid") == []
        assert await _given(program, "ul.flush") == []
        assert len(await rows(opened, "ruid")) == 2
        where = [Condition("ruid", "r-alice-2")]
        await opened.update("location", {"expires": moment(SEEN)}, where)
        assert await _given(program, "ul.db_users", "location") == [1]
        assert await _given(program, "ul.db_contacts", "location") == [1]
        assert await _given(program, "ul.db_expired_contacts", "location") == [1]

    run(sqlite, 2, work)
    program, _, _ = load("request_route { exit; }", modules=MODULES)
    for name in ("ul.db_users", "ul.db_contacts", "ul.db_expired_contacts"):
        with pytest.raises(CommandError, match="not supported in db_mode=0"):
            asyncio.run(_given(program, name, "location"))


def test_flush_says_that_the_database_is_down(tmp_path: Path) -> None:
    program, _ = loaded(f"sqlite://{tmp_path}/absent/file", 2)
    put(program, "alice", contact_of("alice"))
    with pytest.raises(CommandError, match="Not everything could be written"):
        asyncio.run(_given(program, "ul.flush"))


async def _given(program: Program, name: str, *given: Any) -> list[Any]:
    command = program.commands.find(name)
    assert command is not None
    return await carry_out(program, command, given)
