"""usrloc with a database: what is read at the start, what is written, and when."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sipway.core.commands import CommandError, carry_out
from sipway.core.databases import database, databases, finish, prepare
from sipway.core.program import Program
from sipway.errors import DatabaseDownError
from sipway.modules.usrloc import Contact, locations
from sipway.modules.usrloc.contact import MEMORY_ONLY
from sipway.modules.usrloc.rows import COLUMNS, Layout, row_of
from sipway.stores.databases import Condition, Database, moment, read_url
from sipway.stores.databases.tables import make
from tests.databases import KINDS, new_url, remove
from tests.fakes import LogInMemory
from tests.modules.running import NOW, load, mistakes

_MODULES = ("usrloc", "registrar", "db_sqlite", "db_text", "db_mysql", "db_postgres")
_LATER = int(NOW) + 600
_SEEN = int(NOW) - 60

Work = Callable[[Program, Database], Awaitable[Any]]


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    made = new_url(request.param, tmp_path, "usrloc")
    yield made
    remove(made)


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    return new_url("sqlite", tmp_path, "usrloc")


def _loaded(url: str, mode: int, *parameters: str) -> tuple[Program, LogInMemory]:
    set_ = [f'modparam("usrloc", "db_url", "{url}")', f'modparam("usrloc", "db_mode", {mode})']
    set_ += [f'modparam("usrloc", {each})' for each in parameters]
    program, log, _ = load(
        "request_route { exit; }", parameters="\n".join(set_), modules=_MODULES, level=1
    )
    program.clock = lambda: NOW
    return program, log


def _run(
    url: str, mode: int, work: Work, *parameters: str, before: Work | None = None
) -> LogInMemory:
    """Make the tables, have the server read them, do the work, end the server."""
    program, log = _loaded(url, mode, *parameters)

    async def whole() -> None:
        opened = database(program, url, "test")
        await make(opened, read_url(url))
        if before is not None:
            await before(program, opened)
        await prepare(program)
        services = [
            asyncio.ensure_future(each())
            for each in program.services
            if "mirror" in getattr(each, "__module__", "") + repr(each)
        ]
        await work(program, opened)
        for each in services:
            each.cancel()
        await asyncio.gather(*services, return_exceptions=True)
        await finish(program)
        await databases(program).close()

    asyncio.run(whole())
    return log


def _contact(user: str, *, port: int = 5060, ruid: str = "", **more: Any) -> Contact:
    uri = f"sip:{user}@192.0.2.1:{port}".encode()
    more = {
        "modified": _SEEN,
        "expires": _LATER,
        "ruid": (ruid or f"r-{user}-{port}").encode(),
        **more,
    }
    expires = more.pop("expires")
    return Contact(uri, expires, **more)


def _put(program: Program, user: str, *contacts: Contact) -> None:
    table = locations(program).table("location")
    table.put(user, list(contacts), len(table.get(user)))


async def _rows(opened: Database, *columns: str) -> list[tuple[Any, ...]]:
    return sorted(await opened.select("location", columns), key=str)


async def _until(opened: Database, count: int) -> None:
    while len(await opened.select("location", ["ruid"])) != count:
        await asyncio.sleep(0.005)


def test_every_change_is_written_at_once(url: str) -> None:
    async def work(program: Program, opened: Database) -> None:
        _put(program, "alice", _contact("alice", q=500, cflags=8, user_agent=b"x"))
        _put(program, "bob", _contact("bob"))
        await _until(opened, 2)
        assert await _rows(
            opened, "username", "domain", "contact", "q", "cflags", "user_agent"
        ) == [
            ("alice", None, "sip:alice@192.0.2.1:5060", 0.5, 8, "x"),
            ("bob", None, "sip:bob@192.0.2.1:5060", -1.0, 0, "n/a"),
        ]
        _put(program, "alice", _contact("alice", q=700, modified=_SEEN + 1))
        while (await _rows(opened, "q"))[-1] != (0.7,):
            await asyncio.sleep(0.005)
        _put(program, "bob")
        await _until(opened, 1)

    assert _run(url, 1, work).written == []


def test_at_the_end_everything_is_written(url: str) -> None:
    async def work(program: Program, opened: Database) -> None:
        _put(program, "alice", _contact("alice"), _contact("alice", port=5062))
        assert await _rows(opened, "ruid") == []

    _run(url, 2, work)

    async def look(program: Program, opened: Database) -> None:
        assert await _rows(opened, "ruid") == [("r-alice-5060",), ("r-alice-5062",)]
        found = locations(program).table("location").get("alice")
        assert [each.uri for each in found] == [
            b"sip:alice@192.0.2.1:5060",
            b"sip:alice@192.0.2.1:5062",
        ]

    _run(url, 2, look)


def test_all_of_a_contact_comes_back(url: str) -> None:
    whole = _contact(
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
        _put(program, "alice@example.org", whole)

    _run(url, 2, work, '"use_domain", 1')

    async def look(program: Program, opened: Database) -> None:
        [found] = locations(program).table("location").get("alice@example.org")
        for name in (
            "uri", "expires", "q", "call_id", "cseq", "received", "path", "socket", "user_agent",
            "methods", "instance", "reg_id", "ruid", "flags", "cflags", "modified", "server_id",
            "connection", "keepalive",
        ):  # fmt: skip
            assert getattr(found, name) == getattr(whole, name), name
        assert locations(program).table("location").owner_of(b"r-alice-5060") == "alice@example.org"
        assert await _rows(opened, "username", "domain") == [("alice", "example.org")]

    _run(url, 1, look, '"use_domain", 1')


def test_a_contact_for_ever(url: str) -> None:
    async def work(program: Program, opened: Database) -> None:
        _put(program, "gw", _contact("gw", expires=0))

    _run(url, 1, work)

    async def look(program: Program, opened: Database) -> None:
        assert [each.expires for each in locations(program).table("location").get("gw")] == [0]

    _run(url, 1, look)


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
        _put(program, "alice", _contact("alice"))
        await _until(opened, 1)
        assert await _rows(opened, "expires", "last_modified") == [(_LATER, _SEEN)]

    _run(sqlite, 1, work, '"expires_type", 1', before=before)


def test_the_later_of_two_changes_holds(sqlite: str) -> None:
    async def work(program: Program, opened: Database) -> None:
        _put(program, "alice", _contact("alice", ruid="one", cseq=1))

    _run(sqlite, 2, work)
    program, _ = _loaded(sqlite, 2)
    _put(program, "alice", _contact("alice", ruid="one", cseq=5, modified=_SEEN + 9))
    _put(program, "bob", _contact("bob"))

    async def whole() -> None:
        await prepare(program)
        table = locations(program).table("location")
        assert [each.cseq for each in table.get("alice")] == [5]
        assert len(table.get("bob")) == 1, "what the store alone has stays"
        await finish(program)
        opened = database(program, sqlite, "test")
        assert await _rows(opened, "username", "cseq") == [("alice", 5), ("bob", 0)]
        await opened.close()

    asyncio.run(whole())


def test_what_has_expired_goes_with_the_next_sweep(sqlite: str) -> None:
    async def before(program: Program, opened: Database) -> None:
        layout = Layout({each: each for each in COLUMNS}, seconds=False, domains=False)
        for user, expires in (("old", _SEEN), ("new", _LATER)):
            await opened.insert("location", row_of(user, _contact(user, expires=expires), layout))

    async def work(program: Program, opened: Database) -> None:
        table = locations(program).table("location")
        assert len(table.get("old")) == 1
        told: list[bytes] = []
        table.sweep(int(NOW), lambda key, _: told.append(key))
        assert told == [b"old"]
        await _until(opened, 1)
        assert await _rows(opened, "username") == [("new",)]

    _run(sqlite, 1, work, before=before)


def test_what_has_expired_is_removed_on_demand(sqlite: str) -> None:
    async def before(program: Program, opened: Database) -> None:
        layout = Layout({each: each for each in COLUMNS}, seconds=False, domains=False)
        for user, expires in (("old", _SEEN), ("new", _LATER), ("ever", 0)):
            await opened.insert("location", row_of(user, _contact(user, expires=expires), layout))

    async def work(program: Program, opened: Database) -> None:
        assert len(await _rows(opened, "username")) == 3

    _run(sqlite, 0, work, before=before)
    program, _ = _loaded(sqlite, 1, '"db_timer_clean", 1', '"timer_interval", 1')

    async def whole() -> None:
        service = asyncio.ensure_future(program.services[-1]())
        opened = database(program, sqlite, "test")
        await _until(opened, 2)
        service.cancel()
        assert await _rows(opened, "username") == [("ever",), ("new",)]
        await finish(program)

    asyncio.run(whole())


def test_contacts_in_memory_only_are_not_written(sqlite: str) -> None:
    async def work(program: Program, opened: Database) -> None:
        _put(program, "alice", _contact("alice", flags=MEMORY_ONLY))
        _put(program, "bob", _contact("bob"))
        await _until(opened, 1)
        assert await _rows(opened, "username") == [("bob",)]

    _run(sqlite, 1, work)


def test_only_what_this_server_has_written(sqlite: str) -> None:
    async def work(program: Program, opened: Database) -> None:
        _put(
            program, "alice", _contact("alice", server_id=1), _contact("alice", port=2, server_id=2)
        )

    _run(sqlite, 2, work)
    program, _, _ = load(
        "request_route { exit; }",
        parameters=f'server_id=2\nmodparam("usrloc", "db_url", "{sqlite}")'
        '\nmodparam("usrloc", "db_mode", 1)\nmodparam("usrloc", "server_id_filter", 1)',
        modules=_MODULES,
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
        ours = _contact("alice", socket=b"udp:192.0.2.9:5060")
        theirs = _contact("alice", port=2, socket=b"udp:192.0.2.8:5060")
        _put(program, "alice", ours, theirs, _contact("alice", port=3))

    _run(sqlite, 2, work)

    async def look(program: Program, opened: Database) -> None:
        found = locations(program).table("location").get("alice")
        assert [each.socket for each in found] == [b"udp:192.0.2.9:5060", b""]

    _run(sqlite, 2, look, '"skip_remote_socket", 1')


def test_it_is_not_read_where_that_is_not_wanted(sqlite: str) -> None:
    async def work(program: Program, opened: Database) -> None:
        _put(program, "alice", _contact("alice"))

    _run(sqlite, 2, work)

    async def look(program: Program, opened: Database) -> None:
        assert locations(program).table("location").get("alice") == []

    _run(sqlite, 2, look, '"db_load", 0')


def test_columns_and_tables_have_other_names(sqlite: str) -> None:
    async def before(program: Program, opened: Database) -> None:
        await opened.run("alter table location rename column ruid to uid")
        await opened.run("alter table location rename column username to who")
        await opened.run("alter table aliases rename column ruid to uid")
        await opened.run("alter table aliases rename column username to who")

    async def work(program: Program, opened: Database) -> None:
        for name in ("location", "aliases"):
            locations(program).table(name).put("alice", [_contact("alice")], 0)
        await finish(program)
        for name in ("location", "aliases"):
            assert await opened.select(name, ["who", "uid"]) == [("alice", "r-alice-5060")]

    names = ('"ruid_column", "uid"', '"user_column", "who"')
    _run(sqlite, 2, work, *names, '"preload", "aliases"', '"version_table", 0', before=before)


def test_a_row_that_is_no_contact_is_counted(sqlite: str) -> None:
    async def before(program: Program, opened: Database) -> None:
        await opened.insert("location", {"ruid": "a", "username": "", "contact": "sip:x"})
        await opened.insert("location", {"ruid": "b", "username": "alice", "contact": ""})

    async def work(program: Program, opened: Database) -> None:
        assert len(locations(program).table("location")) == 0

    log = _run(sqlite, 1, work, before=before)
    assert [text for _, text in log.written] == [
        "<core>: usrloc: 2 rows of the table location are no contacts\n"
    ]


def test_another_version_of_the_table_is_said(sqlite: str) -> None:
    async def before(program: Program, opened: Database) -> None:
        where = [Condition("table_name", "location")]
        await opened.update("version", {"table_version": 8}, where)

    async def work(program: Program, opened: Database) -> None:
        _put(program, "alice", _contact("alice"))

    log = _run(sqlite, 2, work, before=before)
    assert any("location is of version 8, 9 is wanted" in text for _, text in log.written)


def test_nothing_is_lost_while_the_database_is_away(tmp_path: Path) -> None:
    folder = tmp_path / "db"
    url = f"sqlite://{folder}/file"
    program, log = _loaded(url, 1)

    async def whole() -> None:
        service = asyncio.ensure_future(program.services[-1]())
        _put(program, "alice", _contact("alice"))
        await asyncio.sleep(0.05)  # it has been tried by then, once or not at all
        folder.mkdir()
        opened = database(program, url, "test")
        while True:
            try:
                await make(opened, read_url(url))
                break
            except DatabaseDownError:  # for a second nobody tries again
                await asyncio.sleep(0.05)
        await _until(opened, 1)
        service.cancel()
        await finish(program)

    asyncio.run(whole())
    assert any("contacts cannot be written" in text for _, text in log.written)


def test_the_end_in_the_middle_of_writing_loses_nothing(sqlite: str) -> None:
    async def work(program: Program, opened: Database) -> None:
        for number in range(100):
            _put(program, f"user{number}", _contact(f"user{number}"))
        await _until_some(opened)  # the service is at it, and is about to be ended

    _run(sqlite, 1, work)

    async def look(program: Program, opened: Database) -> None:
        assert len(await _rows(opened, "ruid")) == 100

    _run(sqlite, 1, look)


async def _until_some(opened: Database) -> None:
    while not await opened.select("location", ["ruid"], limit=1):
        await asyncio.sleep(0)


def test_one_contact_that_is_refused_takes_no_other_with_it(tmp_path: Path) -> None:
    url = new_url("mysql", tmp_path, "refused")

    async def work(program: Program, opened: Database) -> None:
        await opened.run("set session sql_mode = 'STRICT_ALL_TABLES'")
        _put(
            program,
            "alice",
            _contact("alice", ruid="long", path=b"<sip:p;lr>" * 200),
            _contact("alice", ruid="agent", user_agent=b"x" * 400),
            _contact("alice", ruid="fine"),
        )

    try:
        log = _run(url, 1, work)

        async def look(program: Program, opened: Database) -> None:
            assert await _rows(opened, "ruid") == [("agent",), ("fine",)]

        _run(url, 0, look)
    finally:
        remove(url)
    assert any("a contact is refused" in text for _, text in log.written)


def test_attributes_are_rows_of_their_own(url: str) -> None:
    kept = b'[["a","one"],["n",5],["t",[["in","x"]]]]'

    async def attributes(opened: Database) -> list[Any]:
        columns = ("username", "ruid", "aname", "atype", "avalue")
        return sorted(await opened.select("location_attrs", columns))

    async def work(program: Program, opened: Database) -> None:
        _put(program, "alice", _contact("alice", attributes=kept), _contact("alice", port=2))
        while len(await attributes(opened)) != 2:
            await asyncio.sleep(0.005)
        assert await attributes(opened) == [
            ("alice", "r-alice-5060", "a", 0, "one"),
            ("alice", "r-alice-5060", "n", 1, "5"),
        ]

    xavp = '"xavp_contact", "ul"'
    _run(url, 1, work, xavp)

    async def look(program: Program, opened: Database) -> None:
        first, second = locations(program).table("location").get("alice")
        # An $xavp in it has no place in the table.
        assert first.attributes == b'[["a","one"],["n",5]]'
        assert second.attributes == b""
        _put(program, "alice", _contact("alice", modified=_SEEN + 1))
        while await attributes(opened):
            await asyncio.sleep(0.005)
        _put(program, "alice", _contact("alice", modified=_SEEN + 2, attributes=kept))
        while not await attributes(opened):
            await asyncio.sleep(0.005)
        _put(program, "alice")
        while await attributes(opened):
            await asyncio.sleep(0.005)

    _run(url, 1, look, xavp)


def test_the_table_of_attributes_is_left_alone_without_the_parameter(sqlite: str) -> None:
    async def before(program: Program, opened: Database) -> None:
        await opened.run("drop table location_attrs")

    async def work(program: Program, opened: Database) -> None:
        _put(program, "alice", _contact("alice", attributes=b'[["a","one"]]'))
        await _until(opened, 1)

    assert _run(sqlite, 1, work, before=before).written == []


def test_a_table_may_be_read_only_at_the_start(url: str) -> None:
    async def work(program: Program, opened: Database) -> None:
        _put(program, "alice", _contact("alice"))

    _run(url, 2, work)

    async def look(program: Program, opened: Database) -> None:
        assert len(locations(program).table("location").get("alice")) == 1, "db_load counts not"
        _put(program, "alice")
        _put(program, "bob", _contact("bob"))
        await finish(program)
        assert await _rows(opened, "ruid") == [("r-alice-5060",)]

    _run(url, 4, look, '"db_load", 0')


def test_what_came_by_connections_is_removed_at_the_start(url: str) -> None:
    async def work(program: Program, opened: Database) -> None:
        _put(program, "alice", _contact("alice"), _contact("alice", port=2, connection=7))
        _put(program, "bob", _contact("bob", connection=1))

    _run(url, 2, work)

    async def look(program: Program, opened: Database) -> None:
        assert await _rows(opened, "ruid") == [("r-alice-5060",)]
        table = locations(program).table("location")
        assert [each.ruid for each in table.get("alice")] == [b"r-alice-5060"]
        assert table.get("bob") == []

    _run(url, 1, look, '"db_clean_tcp", 1')


def test_what_the_store_has_of_connections_goes_too(sqlite: str) -> None:
    program, _ = _loaded(sqlite, 1, '"db_clean_tcp", 1')
    _put(program, "alice", _contact("alice"), _contact("alice", port=2, connection=7))
    _put(program, "bob", _contact("bob", connection=1))

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
        _put(program, "alice", _contact("alice", cseq=1))
        await _until(opened, 1)
        _put(program, "alice", _contact("alice", cseq=2, modified=_SEEN + 1))
        await _until(opened, 2)
        assert await _rows(opened, "cseq") == [(1,), (2,)]

    _run(sqlite, 1, work, '"db_update_as_insert", 1', before=before)

    async def look(program: Program, opened: Database) -> None:
        table = locations(program).table("location")
        assert [each.cseq for each in table.get("alice")] == [2], "the latest one counts"
        _put(program, "alice")
        await _until(opened, 0)

    _run(sqlite, 1, look, '"db_update_as_insert", 1')


def test_only_rows_of_this_server_are_cleaned_where_that_is_wanted(sqlite: str) -> None:
    async def work(program: Program, opened: Database) -> None:
        _put(program, "a", _contact("a", server_id=0, expires=_SEEN))
        _put(program, "b", _contact("b", server_id=1, expires=_SEEN))

    _run(sqlite, 2, work)
    program, _ = _loaded(
        sqlite, 1, '"db_timer_clean", 1', '"timer_interval", 1', '"server_id_filter", 1'
    )

    async def whole() -> None:
        service = asyncio.ensure_future(program.services[-1]())
        opened = database(program, sqlite, "test")
        await _until(opened, 1)
        service.cancel()
        assert await _rows(opened, "server_id") == [(1,)]
        await finish(program)

    asyncio.run(whole())


def test_commands_ask_the_database(sqlite: str) -> None:
    async def work(program: Program, opened: Database) -> None:
        _put(program, "alice", _contact("alice"), _contact("alice", port=2))
        assert await _rows(opened, "ruid") == []
        assert await _given(program, "ul.flush") == []
        assert len(await _rows(opened, "ruid")) == 2
        where = [Condition("ruid", "r-alice-2")]
        await opened.update("location", {"expires": moment(_SEEN)}, where)
        assert await _given(program, "ul.db_users", "location") == [1]
        assert await _given(program, "ul.db_contacts", "location") == [1]
        assert await _given(program, "ul.db_expired_contacts", "location") == [1]

    _run(sqlite, 2, work)
    program, _, _ = load("request_route { exit; }", modules=_MODULES)
    for name in ("ul.db_users", "ul.db_contacts", "ul.db_expired_contacts"):
        with pytest.raises(CommandError, match="not supported in db_mode=0"):
            asyncio.run(_given(program, name, "location"))


def test_flush_says_that_the_database_is_down(tmp_path: Path) -> None:
    program, _ = _loaded(f"sqlite://{tmp_path}/absent/file", 2)
    _put(program, "alice", _contact("alice"))
    with pytest.raises(CommandError, match="Not everything could be written"):
        asyncio.run(_given(program, "ul.flush"))


async def _given(program: Program, name: str, *given: Any) -> list[Any]:
    command = program.commands.find(name)
    assert command is not None
    return await carry_out(program, command, given)


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
        "request_route { exit; }", parameters=f'modparam("usrloc", {parameter})', modules=_MODULES
    )
    assert any(reason in each for each in found), found
