"""acc: records in a database."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from sipway.core.context import Context
from sipway.core.databases import databases, finish, prepare
from sipway.core.program import Program
from sipway.errors import DatabaseDownError, ModuleError
from sipway.modules.acc import writing
from sipway.modules.acc.engines import engines_of
from sipway.stores.databases import Database, Value, seconds_of
from tests.databases import urls
from tests.fakes import LogInMemory, request
from tests.modules.fake_database import FakeDatabase
from tests.modules.running import NOW, context, load, mistakes

_MODULES = ("tm", "db_sqlite", "db_text", "db_mysql", "db_postgres", "acc")
_FIXED = ("method", "from_tag", "to_tag", "callid", "sip_code", "sip_reason", "time")
_EXTRA = ("src", "n")


url = urls("acc")


def _program(url: str, code: str, *parameters: str) -> tuple[Program, LogInMemory]:
    values = [f'modparam("acc", "db_url", "{url}")']
    values += [f'modparam("acc", {each})' for each in parameters]
    program, log, _ = load(
        f"request_route {{ {code} ; }}", parameters="\n".join(values), modules=_MODULES
    )
    return program, log


def _run(program: Program, data: bytes | None = None) -> Context:
    ctx = context(program, data)
    assert program.request_route is not None
    program.request_route(ctx)
    return ctx


def _create(url: str, table: str) -> str | None:
    """The statement that makes a table; db_text has files."""
    columns = (*_FIXED[:-1], *_EXTRA)
    if url.startswith("text:"):
        folder = Path(url.removeprefix("text://"))
        kinds = [f"{name}(string,null)" for name in columns]
        (folder / table).write_text(" ".join([*kinds, "time(int)"]) + "\n")
        return None
    kind = "timestamp" if url.startswith("postgres") else "datetime"
    return (
        f"create table {table} ({', '.join(f'{name} varchar(128)' for name in columns)},"
        f" time {kind} not null)"
    )


async def _serve(program: Program, data: bytes | None = None) -> None:
    """As the server does: services run while a message comes in, then the end."""
    await prepare(program)
    tasks = [asyncio.create_task(each()) for each in program.services]
    _run(program, data)
    for each in tasks:
        each.cancel()
    await finish(program)


def test_rows(url: str) -> None:
    """In every kind of database."""
    program, log = _program(
        url,
        """
        $avp(n) = 7; acc_db_request("404 Not 'Here'", "acc");
        $avp(n) = $null; acc_request("text", "missed_$(rm{s.tolower})");
        """,
        '"db_extra", "src=$fU;n=$avp(n)"',
    )

    async def go() -> list[Any]:
        opened = databases(program).open[url]
        for table in ("acc", "missed_options"):
            statement = _create(url, table)
            if statement is not None:
                await opened.run(statement)
        await _serve(program, request(from_="<sip:\u00e4@caller.example>;tag=a'1"))
        columns = ["time", *_FIXED[:-1], *_EXTRA]
        found = [await opened.select(table, columns) for table in ("acc", "missed_options")]
        await opened.close()
        return [
            (seconds_of(row[0]), *(str(each or "") for each in row[1:]))
            for rows in found
            for row in rows
        ]

    assert asyncio.run(go()) == [
        (int(NOW), "OPTIONS", "a'1", "", "call-1", "404", "Not 'Here'", "\u00e4", "7"),
        (int(NOW), "OPTIONS", "a'1", "", "call-1", "", "text", "\u00e4", ""),
    ]
    assert [text for _, text in log.written if "ERROR" in text or "lost" in text] == []


def test_a_long_name_saves_nobody_from_being_accounted(url: str) -> None:
    program, log = _program(
        url, """acc_db_request("404 $fU", "acc");""", '"db_extra", "src=$fU;n=$ru"'
    )
    long = "x" * 300

    async def go() -> list[Any]:
        opened = databases(program).open[url]
        statement = _create(url, "acc")
        if statement is not None:
            await opened.run(statement)
        await _serve(program, request(f"M{long}", call_id=long, from_=f"<sip:{long}@b>;tag={long}"))
        found = await opened.select("acc", ["method", "from_tag", "callid", "src", "sip_code"])
        await opened.close()
        return found

    row = asyncio.run(go())[0]
    assert [long.startswith(each.removeprefix("M")) for each in row[:4]] == [True] * 4
    assert all(row)
    assert row[4] == "404"
    assert not any("lost" in text for _, text in log.written)


class _Unsure:
    """Goes away behind a commit, before it has said that it was made, once."""

    def __init__(self, real: Database) -> None:
        self._real = real
        self.shown = real.shown
        self.left = 1
        self.select = real.select
        self.close = real.close

    async def insert(self, *given: Any, in_transaction: bool) -> None:
        await self._real.insert(*given, in_transaction=in_transaction)
        if self.left:
            self.left -= 1
            raise DatabaseDownError("it went away")


def test_nothing_is_billed_twice(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "RETRY_SECONDS", 0.0)
    program, _ = _program(
        url,
        """
        acc_db_request("404 a", "acc"); $avp(n) = 7; acc_db_request("404 a", "acc");
        acc_db_request("404 b", "acc");
        """,
        '"db_extra", "src=$fU;n=$avp(n)"',
        '"acc_extra_nullable", 1',
    )

    async def go() -> list[Any]:
        opened = databases(program).open[url]
        statement = _create(url, "acc")
        if statement is not None:
            await opened.run(statement)
        writer = cast(Any, engines_of(program).rows)._writer
        writer._database = _Unsure(opened)
        _run(program)
        assert await writer._write(0.0) is False
        _run(program)
        await writer.write_all()
        found = await opened.select("acc", ["sip_reason", "n"], order="sip_reason")
        await opened.close()
        return sorted((each[0], str(each[1])) for each in found)

    twice = [("a", "7"), ("a", "None"), ("b", "7")]
    assert asyncio.run(go()) == sorted(twice * 2)


# --- rows ----------------------------------------------------------------------------------------


def _rows(code: str, *parameters: str, data: bytes | None = None) -> list[Mapping[str, Value]]:
    program, _, _ = load(
        f"request_route {{ {code} ; }}",
        parameters="\n".join(f'modparam("acc", {each})' for each in (_SQLITE, *parameters)),
        modules=_MODULES,
    )
    _run(program, data)
    database = FakeDatabase()
    engines = program.parameters["acc", "engines"]
    engines.rows._writer._database = database
    asyncio.run(engines.rows._writer.write_all())
    return [row for _, row in database.rows]


_SQLITE = '"db_url", "sqlite:///nowhere"'
_ASK = 'acc_db_request("200 OK", "acc")'


def test_the_names_of_columns() -> None:
    (row,) = _rows(_ASK)
    assert tuple(row) == _FIXED
    names = [
        f'"acc_{name}_column", "c_{name}"'
        for name in ("method", "from_tag", "to_tag", "callid", "sip_code", "sip_reason", "time")
    ]
    (row,) = _rows(_ASK, *names)
    assert tuple(row) == tuple(f"c_{name}" for name in _FIXED)


def test_precise_times() -> None:
    first = _rows(_ASK, '"time_mode", 1')[0]
    assert (first["time_attr"], first["time_exten"]) == (int(NOW), 104714)
    second = _rows(_ASK, '"time_mode", 2', '"time_attr", "t"')[0]
    assert second["t"] == pytest.approx(NOW, abs=1e-6)
    fourth = _rows(_ASK, '"time_mode", 4', '"time_format", "%H %Z"')[0]
    assert str(fourth["time_attr"]).endswith(" GMT")


def test_null() -> None:
    extra = '"db_extra", "a=$avp(none);b=$rU"'
    assert _rows(_ASK, extra)[0]["a"] == ""
    row = _rows(_ASK, extra, '"acc_extra_nullable", 1')[0]
    assert row["a"] is None
    assert row["b"] == "bob"


def test_a_row_for_each_leg() -> None:
    code = f'$avp(s) = "s1"; $avp(d) = "d1"; $avp(d) = "d2"; {_ASK}'
    rows = _rows(code, '"multi_leg_info", "src=$avp(s);dst=$avp(d)"')
    assert [(each["src"], each["dst"]) for each in rows] == [("s1", "d2"), ("", "d1")]
    assert len(_rows(_ASK, '"multi_leg_info", "src=$avp(s)"')) == 1


def test_what_no_database_takes_is_changed() -> None:
    row = _rows(
        'acc_db_request("200 $hdr(X)", "acc")',
        data=request(extra="X: a\udcffb\0c\u00e4\r\n", from_="<sip:a@b>;tag=1"),
    )[0]
    assert row["sip_reason"] == "a\ufffdbc\u00e4"


# --- parameters ----------------------------------------------------------------------------------


def test_without_a_database() -> None:
    program, log, _ = load(
        'request_route { $var(a) = acc_db_request("2", "x"); $var(b) = acc_request("2", "x"); }',
        parameters='modparam("acc", "db_flag", 1)',
        modules=_MODULES,
    )
    assert _run(program).vars == [-1, 1]
    assert log.written[0][1] == "<core>: acc_db_request(): db_url is not set\n"
    assert program.parameters["acc", "engines"].mask == 0


def test_a_queue_that_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MOST_ROWS", 0)
    program, _ = _program(
        "sqlite:///nowhere", '$var(a) = acc_db_request("1", "x"); $var(b) = acc_request("1", "x")'
    )
    assert _run(program).vars == [-1, -1]


def test_parameters_that_are_wrong() -> None:
    def found(*parameters: str) -> list[str]:
        values = "\n".join(f'modparam("acc", {each})' for each in parameters)
        return mistakes("request_route { ; }", values, modules=_MODULES)

    assert found('"db_flag", 32') == ["a flag is a number from 0 to 31, not 32"]
    assert found('"db_extra", "a=x"') == ['"x" does not begin with a variable']
    assert len(found('"db_table_acc", "acc_$nothing"')) == 1
    assert found('"db_insert_mode", 1', '"db_version_check", 0') == []


@pytest.mark.parametrize("name", ["db_extra", "multi_leg_info", "acc_method_column"])
@pytest.mark.parametrize("column", ["a b", "1st", "", "m\u00fcller", "x;drop"])
def test_what_is_no_name_of_a_column(name: str, column: str) -> None:
    value = column if name == "acc_method_column" else f"{column.replace(';', ':')}=$avp(x)"
    with pytest.raises(ModuleError, match="is no name of a column"):
        _program("sqlite:///nowhere", "exit", f'"{name}", "{value}"')


@pytest.mark.parametrize(
    ("name", "mode", "wrong"),
    [
        ("time_attr", 0, False),
        ("time_attr", 3, True),
        ("time_exten", 1, True),
        ("time_exten", 2, False),
    ],
)
def test_names_of_times_are_those_of_columns(name: str, mode: int, wrong: bool) -> None:
    given = (f'"{name}", "a b"', f'"time_mode", {mode}')
    if wrong:
        with pytest.raises(ModuleError, match=f"of {name} is no name of a column"):
            _program("sqlite:///nowhere", "exit", *given)
    else:
        _program("sqlite:///nowhere", "exit", *given)


def test_a_database_that_is_none() -> None:
    with pytest.raises(ModuleError, match="acc"):
        _program("nonsense", ";")
    with pytest.raises(ModuleError, match="more entries than acc_extra_size, 1"):
        _program("sqlite:///x", ";", '"acc_extra_size", 1', '"db_extra", "a=$rm;b=$rm"')


def test_a_table_is_wanted() -> None:
    for call in ('acc_db_request("x", "")', 'acc_request("x", "")'):
        (message,) = mistakes(f"request_route {{ {call}; }}", modules=_MODULES)
        assert message.endswith("wants the name of a table: it is empty")
    for call in ('acc_db_request("x")', 'acc_request("x")', 'acc_db_request("", "t")'):
        assert len(mistakes(f"request_route {{ {call}; }}", modules=_MODULES)) == 1
