"""Databases as modules see them: by URL, with versions, read before serving."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from sipway.core.databases import (
    Table,
    at_first,
    at_last,
    database,
    databases,
    finish,
    number_of,
    prepare,
)
from sipway.core.program import Program
from sipway.errors import DatabaseDownError, DatabaseError, ModuleError
from sipway.stores.databases import Condition, read_url
from tests.databases import sqlite_with
from tests.fakes import LogInMemory
from tests.modules.running import load

_VERSIONS = (
    "create table version (table_name text, table_version integer)",
    "insert into version values ('people', 3), ('other', 4)",
    "create table people (name text)",
    "create table other (name text)",
    "create table bare (name text)",
    "insert into people values ('ann')",
)


def _loaded(parameters: str = "") -> tuple[Program, LogInMemory]:
    program, log, _ = load(
        "request_route { exit; }",
        modules=("db_sqlite", "db_text", "db_mysql", "db_postgres"),
        parameters=parameters,
    )
    return program, log


@pytest.mark.parametrize(
    ("url", "user", "password", "host", "port", "name", "shown"),
    [
        (
            "mysql://kam:p@ss:w/ord@db.example.org:3307/kamailio",
            "kam", "p@ss:w/ord", "db.example.org", 3307, "kamailio",
            "mysql://kam@db.example.org:3307/kamailio",
        ),
        ("postgres://a:b@[::1]/k", "a", "b", "::1", 0, "k", "postgres://a@::1/k"),
        ("mysql://h/k", "", "", "h", 0, "k", "mysql://h/k"),
        ("mysql://root:@h/k", "root", "", "h", 0, "k", "mysql://root@h/k"),
        ("MYSQL://root@/k", "root", "", "localhost", 0, "k", "mysql://root@localhost/k"),
        ("sqlite:///a/b.db", "", "", "", 0, "/a/b.db", "sqlite:///a/b.db"),
        ("sqlite:////a/b.db", "", "", "", 0, "//a/b.db", "sqlite:////a/b.db"),
        ("text:///a/b", "", "", "", 0, "/a/b", "text:///a/b"),
    ],
)  # fmt: skip
def test_urls(
    url: str, user: str, password: str, host: str, port: int, name: str, shown: str
) -> None:
    read = read_url(url)
    assert (read.user, read.password, read.host, read.port, read.name) == (
        user, password, host, port, name,
    )  # fmt: skip
    assert read.shown == shown


@pytest.mark.parametrize(
    "url",
    ["", "kamailio", "mysql://", "mysql://u:hidden@h", "mysql://u:hidden@h:x/k", "sqlite://"],
)
def test_urls_that_are_none(url: str) -> None:
    with pytest.raises(DatabaseError) as caught:
        read_url(url)
    assert "hidden" not in str(caught.value)


def test_who_names_the_same_url_shares_a_database(tmp_path: Path) -> None:
    program, _ = _loaded()
    url = f"sqlite://{tmp_path}/a"
    assert database(program, url, "one") is database(program, url, "two")
    assert database(program, url, "one") is not database(program, url + "b", "one")


def test_a_driver_that_is_not_loaded_is_named() -> None:
    program, _, _ = load("request_route { exit; }")
    with pytest.raises(ModuleError, match=r'loadmodule "db_mysql.so"'):
        database(program, "mysql://root:x@localhost/k", "auth_db")
    with pytest.raises(ModuleError, match="there are no oracle:// databases"):
        database(program, "oracle://root:x@localhost/k", "auth_db")


def test_the_version_of_a_table_is_checked(tmp_path: Path) -> None:
    url = sqlite_with(tmp_path / "a", *_VERSIONS)
    program, _ = _loaded()

    async def work() -> None:
        people = Table(program, url, "people", 3, module="m")
        assert await people.select(["name"]) == [("ann",)]
        with pytest.raises(DatabaseError, match="the table other is of version 4, 3 is wanted"):
            await Table(program, url, "other", 3, module="m").select(["name"])
        with pytest.raises(DatabaseError, match="the table bare has no version, 1 is wanted"):
            await Table(program, url, "bare", 1, module="m").insert({"name": "x"})
        assert await Table(program, url, "bare", None, module="m").select(["name"]) == []
        await databases(program).close()

    asyncio.run(work())


def test_a_version_that_was_missing_is_found_when_it_is_there(tmp_path: Path) -> None:
    url = sqlite_with(tmp_path / "a", *_VERSIONS)
    program, _ = _loaded()

    async def work() -> None:
        bare = Table(program, url, "bare", 1, module="m")
        with pytest.raises(DatabaseError, match="has no version"):
            await bare.select(["name"])
        await bare.database.run("insert into version values ('bare', 1)")
        assert await bare.select(["name"]) == []
        await databases(program).close()

    asyncio.run(work())


@pytest.mark.parametrize(
    "wrong", ["'2'", "'two'", "null", "x'ff'", "2.5", "'99999999999999999999'"]
)
def test_a_version_that_was_wrong_is_found_when_it_is_right(tmp_path: Path, wrong: str) -> None:
    url = sqlite_with(tmp_path / "a", *_VERSIONS, f"insert into version values ('bare', {wrong})")
    program, _ = _loaded()

    async def work() -> None:
        bare = Table(program, url, "bare", 1, module="m")
        with pytest.raises(DatabaseError, match=r"the table bare .*, 1 is wanted"):
            await bare.select(["name"])
        await bare.database.run("update version set table_version = 1 where table_name = 'bare'")
        assert await bare.select(["name"]) == []
        await databases(program).close()

    asyncio.run(work())


@pytest.mark.parametrize("name", ["a\udcffnn", "ann\0", "\ud800"])
def test_what_is_no_text_stands_in_no_row(tmp_path: Path, name: str) -> None:
    program, log = _loaded()
    people = Table(program, sqlite_with(tmp_path / "a", *_VERSIONS), "people", 3, module="m")

    async def work() -> None:
        assert await people.find("f", ["name"], [Condition("name", name)]) == []
        assert await people.find("f", ["name"], [Condition("name", "ann")]) == [("ann",)]
        await databases(program).close()

    asyncio.run(work())
    assert log.written == []


def test_that_a_table_cannot_be_asked_is_said_once(tmp_path: Path) -> None:
    program, log = _loaded()
    none = Table(program, sqlite_with(tmp_path / "a", *_VERSIONS), "none", None, module="m")

    async def work() -> None:
        for _ in range(3):
            assert await none.find("f", ["name"], [Condition("name", "ann")]) is None
        await databases(program).close()

    asyncio.run(work())
    assert len(log.written) == 1
    assert log.written[0][1].endswith("no such table: none\n")


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (5, 5),
        ("5", 5),
        (b"5", 5),
        ("-5", -5),
        ("+5", 5),
        ("007", 7),
        (5.0, 5),
        (2**31 - 1, 2**31 - 1),
    ],
)
def test_numbers(value: Any, number: int) -> None:
    assert number_of(value) == number


@pytest.mark.parametrize(
    "value",
    [None, "", "x", "5_0", "\u0663", " 5", "5 ", "0x10", "1.5", 1.5, 2**31, -(2**31) - 1, b"\xff",
     "9" * 5000, "1e3", float("nan"), float("inf")],
)  # fmt: skip
def test_what_is_no_number(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^(a number is missing|.{1,60} is no number)$"):
        number_of(value)


def test_another_table_of_versions(tmp_path: Path) -> None:
    url = sqlite_with(
        tmp_path / "a",
        "create table v2 (table_name text, table_version integer)",
        "insert into v2 values ('people', 9)",
        "create table people (name text)",
    )
    program, _ = _loaded('version_table = "v2"')

    async def work() -> None:
        assert await Table(program, url, "people", 9, module="m").select(["name"]) == []
        await databases(program).close()

    asyncio.run(work())


def test_what_is_read_first_is_read_before_serving() -> None:
    program, log = _loaded()
    read: list[str] = []

    async def good() -> None:
        await asyncio.sleep(0)
        read.append("good")

    at_first(program, good, "the good table")
    asyncio.run(prepare(program))
    assert read == ["good"]
    assert log.written == []
    assert program.services == []


def test_what_cannot_be_read_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sipway.core.databases._RETRIES", (0.0, 0.0))
    program, log = _loaded()
    tries: list[int] = []

    async def third_time() -> None:
        tries.append(len(tries))
        if len(tries) < 3:
            raise DatabaseDownError("it is down")

    async def serve() -> None:
        at_first(program, third_time, "the table t")
        await prepare(program)
        assert len(tries) == 1
        for service in program.services:
            await service()

    asyncio.run(serve())
    assert len(tries) == 3
    assert [text.removeprefix("<core>: ") for _, text in log.written] == [
        "the table t cannot be read: it is down\n",
        "the table t has been read\n",
    ]


def test_a_database_that_takes_for_ever_does_not_hold_up_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sipway.core.databases._FIRST_SECONDS", 0.01)
    program, log = _loaded()

    async def for_ever() -> None:
        await asyncio.Event().wait()

    at_first(program, for_ever, "the table t")
    asyncio.run(prepare(program))
    assert [text.removeprefix("<core>: ") for _, text in log.written] == [
        "the table t takes too long, serving without it\n"
    ]
    assert len(program.services) == 1, "it is tried again"


def test_what_is_left_is_written_at_the_end() -> None:
    program, log = _loaded()
    written: list[str] = []

    async def save(what: str) -> None:
        if what == "bad":
            raise DatabaseDownError("it is down")
        written.append(what)

    for what in ("bad", "good"):
        at_last(program, lambda what=what: save(what), f"the {what} table")  # type: ignore[misc]
    asyncio.run(finish(program))
    assert written == ["good"]
    assert [text.removeprefix("<core>: ") for _, text in log.written] == [
        "the bad table cannot be written: it is down\n"
    ]


@pytest.mark.parametrize(
    ("parameter", "reason"),
    [
        ('"db_sqlite", "db_set_journal_mode", "/a=fast"', "there is no journal mode fast"),
        ('"db_sqlite", "db_set_journal_mode", "/a"', "is not path=value"),
        ('"db_sqlite", "db_set_busy_timeout", "/a=soon;"', "soon is no number of milliseconds"),
        ('"db_text", "db_delim", "::"', "db_delim is one character"),
        ('"db_text", "max_result_rows", 0', "it is more than 0"),
        ('"db_mysql", "opt_ssl_mode", 6', "opt_ssl_mode is 0 to 5"),
        ('"db_mysql", "timeout_interval", -1', "-1 is no time to wait"),
        ('"db_postgres", "timeout", -1', "-1 is no time to wait"),
        ('"db_postgres", "con_param", "sslmode"', "is not name=value"),
    ],
)
def test_parameters_that_are_wrong(parameter: str, reason: str) -> None:
    from tests.modules.running import mistakes

    found = mistakes(
        "request_route { exit; }",
        parameters=f"modparam({parameter})",
        modules=("db_sqlite", "db_text", "db_mysql", "db_postgres"),
    )
    assert any(reason in each for each in found), found


def test_parameters_of_a_file_of_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "a"
    url = sqlite_with(path, *_VERSIONS)
    program, _ = _loaded(
        f'modparam("db_sqlite", "db_set_readonly", "{path}")\n'
        f'modparam("db_sqlite", "db_set_busy_timeout", "{path}=10;")'
    )

    async def work() -> Any:
        opened = database(program, url, "m")
        assert await opened.select("people", ["name"]) == [("ann",)]
        with pytest.raises(DatabaseError, match="readonly"):
            await opened.insert("people", {"name": "bob"})
        await databases(program).close()

    asyncio.run(work())


def test_a_journal_mode(tmp_path: Path) -> None:
    path = tmp_path / "a"
    url = sqlite_with(path, *_VERSIONS)
    program, _ = _loaded(f'modparam("db_sqlite", "db_set_journal_mode", "{path}=WAL;")')

    async def work() -> Any:
        opened = database(program, url, "m")
        assert (await opened.run("pragma journal_mode")).rows == [("wal",)]
        await databases(program).close()

    asyncio.run(work())
