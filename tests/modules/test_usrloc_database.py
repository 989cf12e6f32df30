"""usrloc with a database: what is read at the start, what is written, and when."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sipway.core.databases import database, finish, prepare
from sipway.core.program import Program
from sipway.errors import DatabaseDownError
from sipway.modules.usrloc import locations
from sipway.modules.usrloc.contact import MEMORY_ONLY
from sipway.modules.usrloc.rows import COLUMNS, Layout, row_of
from sipway.stores.databases import Condition, Database, read_url
from sipway.stores.databases.tables import make
from tests.databases import new_url, remove, urls
from tests.modules.mirrored import (
    LATER,
    MODULES,
    SEEN,
    contact_of,
    loaded,
    put,
    rows,
    run,
    until,
)
from tests.modules.running import NOW, load, mistakes

url = urls("usrloc")


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    return new_url("sqlite", tmp_path, "usrloc")


def test_every_change_is_written_at_once(url: str) -> None:
    async def work(program: Program, opened: Database) -> None:
        put(program, "alice", contact_of("alice", q=500, cflags=8, user_agent=b"x"))
        put(program, "bob", contact_of("bob"))
        await until(opened, 2)
        assert await rows(opened, "username", "domain", "contact", "q", "cflags", "user_agent") == [
            ("alice", None, "sip:alice@192.0.2.1:5060", 0.5, 8, "x"),
            ("bob", None, "sip:bob@192.0.2.1:5060", -1.0, 0, "n/a"),
        ]
        put(program, "alice", contact_of("alice", q=700, modified=SEEN + 1))
        while (await rows(opened, "q"))[-1] != (0.7,):
            await asyncio.sleep(0.005)
        put(program, "bob")
        await until(opened, 1)

    assert run(url, 1, work).written == []


def test_at_the_end_everything_is_written(url: str) -> None:
    async def work(program: Program, opened: Database) -> None:
        put(program, "alice", contact_of("alice"), contact_of("alice", port=5062))
        assert await rows(opened, "ruid") == []

    run(url, 2, work)

    async def look(program: Program, opened: Database) -> None:
        assert await rows(opened, "ruid") == [("r-alice-5060",), ("r-alice-5062",)]
        found = locations(program).table("location").get("alice")
        assert [each.uri for each in found] == [
            b"sip:alice@192.0.2.1:5060",
            b"sip:alice@192.0.2.1:5062",
        ]

    run(url, 2, look)


def test_all_of_a_contact_comes_back(url: str) -> None:
    whole = contact_of(
        "alice",
        q=250,
        call_id=b"call@x",
        cseq=17,
        received=b"sip:198.51.100.7:1024;transport=tcp",
        path=b"<sip:p@192.0.2.9;lr>",
        socket=b"tcp:192.0.2.9:5060",
        user_agent=b"phone 1.0",
        methods=521,
        instance=b"<urn:uuid:1>",
        reg_id=2,
        cflags=64,
        server_id=3,
        connection=7,
        keepalive=1,
    )

    async def work(program: Program, opened: Database) -> None:
        put(program, "alice@example.org", whole)

    run(url, 2, work, '"use_domain", 1')

    async def look(program: Program, opened: Database) -> None:
        [found] = locations(program).table("location").get("alice@example.org")
        for name in (
            "uri", "expires", "q", "call_id", "cseq", "received", "path", "socket", "user_agent",
            "methods", "instance", "reg_id", "ruid", "flags", "cflags", "modified", "server_id",
            "connection", "keepalive",
        ):  # fmt: skip
            assert getattr(found, name) == getattr(whole, name), name
        assert locations(program).table("location").owner_of(b"r-alice-5060") == "alice@example.org"
        assert await rows(opened, "username", "domain") == [("alice", "example.org")]

    run(url, 1, look, '"use_domain", 1')


def test_a_contact_for_ever(url: str) -> None:
    async def work(program: Program, opened: Database) -> None:
        put(program, "gw", contact_of("gw", expires=0))

    run(url, 1, work)

    async def look(program: Program, opened: Database) -> None:
        assert [each.expires for each in locations(program).table("location").get("gw")] == [0]

    run(url, 1, look)


def test_numbers_in_place_of_times(sqlite: str) -> None:
    async def before(program: Program, opened: Database) -> None:
        await opened.run("drop table location")
        names = (
            "username domain contact path received callid user_agent socket instance ruid".split()
        )
        rest = (
            "expires q cseq last_modified flags cflags methods reg_id server_id connection_id"
            " keepalive partition"
        ).split()
        columns = ", ".join(
            [*(f"{each} text" for each in names), *(f"{each} bigint" for each in rest)]
        )
        await opened.run(f"create table location ({columns})")

    async def work(program: Program, opened: Database) -> None:
        put(program, "alice", contact_of("alice"))
        await until(opened, 1)
        assert await rows(opened, "expires", "last_modified") == [(LATER, SEEN)]

    run(sqlite, 1, work, '"expires_type", 1', before=before)


def test_the_later_of_two_changes_holds(sqlite: str) -> None:
    async def work(program: Program, opened: Database) -> None:
        put(program, "alice", contact_of("alice", ruid="one", cseq=1))

    run(sqlite, 2, work)
    program, _ = loaded(sqlite, 2)
    put(program, "alice", contact_of("alice", ruid="one", cseq=5, modified=SEEN + 9))
    put(program, "bob", contact_of("bob"))

    async def whole() -> None:
        await prepare(program)
        table = locations(program).table("location")
        assert [each.cseq for each in table.get("alice")] == [5]
        assert len(table.get("bob")) == 1, "what the store alone has stays"
        await finish(program)
        opened = database(program, sqlite, "test")
        assert await rows(opened, "username", "cseq") == [("alice", 5), ("bob", 0)]
        await opened.close()

    asyncio.run(whole())


def test_what_has_expired_goes_with_the_next_sweep(sqlite: str) -> None:
    async def before(program: Program, opened: Database) -> None:
        layout = Layout({each: each for each in COLUMNS}, seconds=False, domains=False)
        for user, expires in (("old", SEEN), ("new", LATER)):
            await opened.insert("location", row_of(user, contact_of(user, expires=expires), layout))

    async def work(program: Program, opened: Database) -> None:
        table = locations(program).table("location")
        assert len(table.get("old")) == 1
        told: list[bytes] = []
        table.sweep(int(NOW), lambda key, _: told.append(key))
        assert told == [b"old"]
        await until(opened, 1)
        assert await rows(opened, "username") == [("new",)]

    run(sqlite, 1, work, before=before)


def test_what_has_expired_is_removed_on_demand(sqlite: str) -> None:
    async def before(program: Program, opened: Database) -> None:
        layout = Layout({each: each for each in COLUMNS}, seconds=False, domains=False)
        for user, expires in (("old", SEEN), ("new", LATER), ("ever", 0)):
            await opened.insert("location", row_of(user, contact_of(user, expires=expires), layout))

    async def work(program: Program, opened: Database) -> None:
        assert len(await rows(opened, "username")) == 3

    run(sqlite, 0, work, before=before)
    program, _ = loaded(sqlite, 1, '"db_timer_clean", 1', '"timer_interval", 1')

    async def whole() -> None:
        service = asyncio.ensure_future(program.services[-1]())
        opened = database(program, sqlite, "test")
        await until(opened, 2)
        service.cancel()
        assert await rows(opened, "username") == [("ever",), ("new",)]
        await finish(program)

    asyncio.run(whole())


def test_contacts_in_memory_only_are_not_written(sqlite: str) -> None:
    async def work(program: Program, opened: Database) -> None:
        put(program, "alice", contact_of("alice", flags=MEMORY_ONLY))
        put(program, "bob", contact_of("bob"))
        await until(opened, 1)
        assert await rows(opened, "username") == [("bob",)]

    run(sqlite, 1, work)


def test_only_what_this_server_has_written(sqlite: str) -> None:
    async def work(program: Program, opened: Database) -> None:
        put(
            program,
            "alice",
            contact_of("alice", server_id=1),
            contact_of("alice", port=2, server_id=2),
        )

    run(sqlite, 2, work)
    program, _, _ = load(
        "request_route { exit; }",
        parameters=f'server_id=2\nmodparam("usrloc", "db_url", "{sqlite}")'
        '\nmodparam("usrloc", "db_mode", 1)\nmodparam("usrloc", "server_id_filter", 1)',
        modules=MODULES,
    )
    program.clock = lambda: NOW

    async def whole() -> None:
        await prepare(program)
        found = locations(program).table("location").get("alice")
        assert [each.server_id for each in found] == [2]
        await finish(program)

    asyncio.run(whole())


def test_contacts_of_the_sockets_of_others_are_left_out(sqlite: str) -> None:
    async def work(program: Program, opened: Database) -> None:
        ours = contact_of("alice", socket=b"udp:192.0.2.9:5060")
        theirs = contact_of("alice", port=2, socket=b"udp:192.0.2.8:5060")
        put(program, "alice", ours, theirs, contact_of("alice", port=3))

    run(sqlite, 2, work)

    async def look(program: Program, opened: Database) -> None:
        found = locations(program).table("location").get("alice")
        assert [each.socket for each in found] == [b"udp:192.0.2.9:5060", b""]

    run(sqlite, 2, look, '"skip_remote_socket", 1')


def test_it_is_not_read_where_that_is_not_wanted(sqlite: str) -> None:
    async def work(program: Program, opened: Database) -> None:
        put(program, "alice", contact_of("alice"))

    run(sqlite, 2, work)

    async def look(program: Program, opened: Database) -> None:
        assert locations(program).table("location").get("alice") == []

    run(sqlite, 2, look, '"db_load", 0')


def test_columns_and_tables_have_other_names(sqlite: str) -> None:
    async def before(program: Program, opened: Database) -> None:
        await opened.run("alter table location rename column ruid to uid")
        await opened.run("alter table location rename column username to who")
        await opened.run("alter table aliases rename column ruid to uid")
        await opened.run("alter table aliases rename column username to who")

    async def work(program: Program, opened: Database) -> None:
        for name in ("location", "aliases"):
            locations(program).table(name).put("alice", [contact_of("alice")], 0)
        await finish(program)
        for name in ("location", "aliases"):
            assert await opened.select(name, ["who", "uid"]) == [("alice", "r-alice-5060")]

    names = ('"ruid_column", "uid"', '"user_column", "who"')
    run(sqlite, 2, work, *names, '"preload", "aliases"', '"version_table", 0', before=before)


def test_a_row_that_is_no_contact_is_counted(sqlite: str) -> None:
    async def before(program: Program, opened: Database) -> None:
        await opened.insert("location", {"ruid": "a", "username": "", "contact": "sip:x"})
        await opened.insert("location", {"ruid": "b", "username": "alice", "contact": ""})

    async def work(program: Program, opened: Database) -> None:
        assert len(locations(program).table("location")) == 0

    log = run(sqlite, 1, work, before=before)
    assert [text for _, text in log.written] == [
        "<core>: usrloc: 2 rows of the table location are no contacts\n"
    ]


def test_another_version_of_the_table_is_said(sqlite: str) -> None:
    async def before(program: Program, opened: Database) -> None:
        where = [Condition("table_name", "location")]
        await opened.update("version", {"table_version": 8}, where)

    async def work(program: Program, opened: Database) -> None:
        put(program, "alice", contact_of("alice"))

    log = run(sqlite, 2, work, before=before)
    assert any("location is of version 8, 9 is wanted" in text for _, text in log.written)


def test_nothing_is_lost_while_the_database_is_away(tmp_path: Path) -> None:
    folder = tmp_path / "db"
    url = f"sqlite://{folder}/file"
    program, log = loaded(url, 1)

    async def whole() -> None:
        service = asyncio.ensure_future(program.services[-1]())
        put(program, "alice", contact_of("alice"))
        await asyncio.sleep(0.05)  # it has been tried by then, once or not at all
        folder.mkdir()
        opened = database(program, url, "test")
        while True:
            try:
                await make(opened, read_url(url))
                break
            except DatabaseDownError:  # for a second nobody tries again
                await asyncio.sleep(0.05)
        await until(opened, 1)
        service.cancel()
        await finish(program)

    asyncio.run(whole())
    assert any("contacts cannot be written" in text for _, text in log.written)


def test_the_end_in_the_middle_of_writing_loses_nothing(sqlite: str) -> None:
    async def work(program: Program, opened: Database) -> None:
        for number in range(100):
            put(program, f"user{number}", contact_of(f"user{number}"))
        await _until_some(opened)  # the service is at it, and is about to be ended

    run(sqlite, 1, work)

    async def look(program: Program, opened: Database) -> None:
        assert len(await rows(opened, "ruid")) == 100

    run(sqlite, 1, look)


async def _until_some(opened: Database) -> None:
    while not await opened.select("location", ["ruid"], limit=1):
        await asyncio.sleep(0)


def test_one_contact_that_is_refused_takes_no_other_with_it(tmp_path: Path) -> None:
    url = new_url("mysql", tmp_path, "refused")

    async def work(program: Program, opened: Database) -> None:
        await opened.run("set session sql_mode = 'STRICT_ALL_TABLES'")
        put(
            program,
            "alice",
            contact_of("alice", ruid="long", path=b"<sip:p;lr>" * 200),
            contact_of("alice", ruid="agent", user_agent=b"x" * 400),
            contact_of("alice", ruid="fine"),
        )

    try:
        log = run(url, 1, work)

        async def look(program: Program, opened: Database) -> None:
            assert await rows(opened, "ruid") == [("agent",), ("fine",)]

        run(url, 0, look)
    finally:
        remove(url)
    assert any("a contact is refused" in text for _, text in log.written)


@pytest.mark.parametrize(
    ("parameter", "reason"),
    [
        ('"db_mode", 5', "a number from 0 to 4 is wanted, not 5"),
        ('"expires_type", 2', "expires_type is 0"),
        ('"rm_expired_delay", -1', "it is 0 or more"),
    ],
)
def test_parameters_that_are_wrong(parameter: str, reason: str) -> None:
    found = mistakes(
        "request_route { exit; }", parameters=f'modparam("usrloc", {parameter})', modules=MODULES
    )
    assert any(reason in each for each in found), found
