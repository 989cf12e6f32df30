"""usrloc with db_mode 3: what runs beside the messages, and commands."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from sipway.core.commands import CommandError, carry_out
from sipway.core.program import Program
from sipway.modules.usrloc.walked import Walked
from sipway.stores.databases import Database, moment
from tests.databases import new_url, urls
from tests.modules.only_database import (
    LATER,
    LOOK,
    SEEN,
    Server,
    add,
    rows,
    run,
)
from tests.modules.running import NOW

url = urls("only")


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    return new_url("sqlite", tmp_path, "only")


async def _serve_until(server: Server, done: Callable[[], Awaitable[bool]]) -> None:
    server.program.spawn = asyncio.ensure_future
    tasks = [asyncio.ensure_future(each()) for each in server.program.services]
    while not await done():
        await asyncio.sleep(0.005)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def test_what_has_expired_is_removed_and_told_of(url: str) -> None:
    more = (
        'event_route[usrloc:contact-expired] { xlog("$ulc(exp=>aor) $ulc(exp=>addr)'
        ' $ulc(exp=>domain)\\n"); }'
    )

    async def work(server: Server, opened: Database) -> None:
        await add(opened, "old", expires=int(NOW) - 31)
        await add(opened, "recent", expires=int(NOW) - 29)
        await add(opened, "new")
        await add(opened, "ever", expires=0)

        async def done() -> bool:
            return bool(server.log.written)

        await _serve_until(server, done)
        assert server.lines == ["old sip:old@192.0.2.1:5060 location"]
        assert await rows(opened, "username") == [("ever",), ("new",), ("recent",)]

    times = ('"usrloc", "timer_interval", 1', '"usrloc", "rm_expired_delay", 30')
    run(Server(url, LOOK, *times, more=more), work)


def test_what_other_servers_have_written_stays_where_that_is_wanted(sqlite: str) -> None:
    async def work(server: Server, opened: Database) -> None:
        await add(opened, "ours", expires=SEEN, server_id=2)
        await add(opened, "theirs", expires=SEEN, server_id=1)

        async def done() -> bool:
            return len(await rows(opened, "username")) < 2

        await _serve_until(server, done)
        assert await rows(opened, "username") == [("theirs",)]

    given = ('"usrloc", "timer_interval", 1', '"usrloc", "server_id_filter", 1')
    run(Server(sqlite, LOOK, *given, head="server_id=2"), work)


def test_a_walk_goes_through_what_the_database_says_when_it_begins(sqlite: str) -> None:
    async def work(server: Server, opened: Database) -> None:
        await add(opened, "alice")
        await add(opened, "bob")
        walked = Walked(server.program)
        assert list(walked.tables()) == []
        await walked.prepare()
        [table] = walked.tables()
        assert [key for key, _ in table.after(b"", 9)] == [b"alice", b"bob"]
        await add(opened, "carol")
        assert len(table) == 2
        await walked.prepare()
        assert [len(each) for each in walked.tables()] == [3]

    run(Server(sqlite), work)


def test_contacts_of_the_database_stay_though_they_do_not_answer(sqlite: str) -> None:
    """README of nathelper, keepalive_timeout: not with db_mode 3."""

    async def work(server: Server, opened: Database) -> None:
        await add(opened, "alice", socket=b"udp:192.0.2.9:5060")

        pinged = 0

        async def done() -> bool:
            nonlocal pinged
            if len(server.socket.outgoing) > pinged:
                pinged = len(server.socket.outgoing)
                server.time += 2.0
            return pinged > 2

        await _serve_until(server, done)
        assert all(data.startswith(b"OPTIONS ") for data, _ in server.socket.outgoing)
        assert await rows(opened, "expires") == [(moment(LATER),)]

    pings = ("natping_interval", "keepalive_timeout")
    given = (f'"nathelper", "{each}", 1' for each in pings)
    asks = ('"nathelper", "sipping_bflag", 7', '"nathelper", "sipping_from", "sip:p@x"')
    run(Server(sqlite, LOOK, *given, *asks, '"nathelper", "ping_nated_only", 0'), work)


def test_pings_go_to_the_contacts_of_the_database(sqlite: str) -> None:
    async def work(server: Server, opened: Database) -> None:
        await add(opened, "alice", socket=b"udp:192.0.2.9:5060")

        async def done() -> bool:
            return bool(server.socket.outgoing)

        await _serve_until(server, done)
        assert [data for data, _ in server.socket.outgoing] == [b"\0\0\0\0"]

    run(Server(sqlite, LOOK, '"nathelper", "natping_interval", 10'), work)


@pytest.mark.parametrize(
    ("parameter", "said"),
    [
        ('"usrloc", "handle_lost_tcp", 1', "handle_lost_tcp does nothing with db_mode 3"),
        ('"usrloc", "ka_mode", 1', "ka_mode does nothing with db_mode 3"),
    ],
)
def test_what_is_of_memory_only_is_told(sqlite: str, parameter: str, said: str) -> None:
    assert any(said in each for each in Server(sqlite, LOOK, parameter).lines)


# --- commands -------------------------------------------------------------------------------


async def _given(program: Program, name: str, *given: Any) -> Any:
    command = program.commands.find(name)
    assert command is not None
    try:
        values = await carry_out(program, command, given)
    except CommandError as error:
        return error.code, error.reason
    return values[0] if values else None


def test_commands(url: str) -> None:
    async def work(server: Server, opened: Database) -> None:
        async def give(name: str, *given: Any) -> Any:
            return await _given(server.program, name, *given)

        await add(opened, "alice", 1)
        await add(opened, "alice", 2)
        await add(opened, "old", expires=SEEN)
        found = await give("ul.lookup", "location", "alice")
        assert [each["Address"] for _, each in found["Contacts"]] == [
            "sip:alice@192.0.2.1:1",
            "sip:alice@192.0.2.1:2",
        ]
        assert found["Contacts"][0][1]["State"] == "CS_SYNC"
        not_there = (500, "AOR not found in location table")
        assert await give("ul.lookup", "location", "old") == not_there
        assert await give("ul.lookup", "nothing", "old") == (500, "Domain table not found")
        assert await give("ul.db_users", "location") == 1
        assert await give("ul.db_contacts", "location") == 2
        assert await give("ul.db_expired_contacts", "location") == 1
        for name in ("nothing", "location where 1=1; --"):
            code, why = await give("ul.db_contacts", name)
            assert code == 500
            assert "Failed to query contact count" in why
        added = ("ul.add", "location", "joe", "sip:joe@192.0.2.3", 60, 1, ".", 0, 0, 5)
        await give(*added, "sip:192.0.2.4:5", "udp:192.0.2.9:5060")
        assert (
            "joe", "sip:joe@192.0.2.3", "sip:192.0.2.4:5", "udp:192.0.2.9:5060", None, 5
        ) in await rows(
            opened, "username", "contact", "received", "socket", "path", "methods"
        )  # fmt: skip
        assert await give("ul.rm_contact", "location", "alice", "sip:alice@192.0.2.1:1") is None
        gone = (404, "Contact not found")
        assert await give("ul.rm_contact", "location", "alice", "sip:alice@192.0.2.1:1") == gone
        assert await give("ul.rm", "location", "joe") is None
        assert await give("ul.flush") is None
        assert await rows(opened, "ruid") == [("r-alice-2",), ("r-old-5060",)]
        [(_, table)] = (await give("ul.dump"))["Domains"]
        assert list(table["AoRs"]) == []

    run(Server(url), work)


def test_commands_say_that_the_database_is_down(tmp_path: Path) -> None:
    server = Server(f"sqlite://{tmp_path}/absent/file")

    async def whole() -> None:
        for name, *given in (
            ("ul.lookup", "location", "a"),
            ("ul.rm", "location", "a"),
            ("ul.rm_contact", "location", "a", "b"),
            ("ul.add", "location", "a", "sip:b@c", 1, 1),
            ("ul.db_users", "location"),
        ):
            code, why = await _given(server.program, name, *given)
            assert (code, "absent/file" in why) == (500, True)
        await server.end()

    asyncio.run(whole())
