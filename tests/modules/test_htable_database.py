"""htable: tables read from a database and written to it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sipway.core.commands import CommandError, carry_out
from sipway.core.databases import finish, prepare
from sipway.core.program import Program
from sipway.errors import ModuleError
from sipway.modules.htable import storing
from sipway.modules.htable._module import tables
from tests.fakes import LogInMemory
from tests.modules.running import NOW, load

_SCHEMA = """
create table htable (id integer primary key, key_name text not null, key_type integer not null,
                     value_type integer not null, key_value text, expires integer not null);
create table rates (prefix text, name text, price integer, note text, share double);
insert into rates values ('49', 'Germany', 5, 'a', 0.5), ('39', 'Italy', 6, null, 1.5);
insert into rates values (null, 'Nowhere', 0, null, 0);
"""
_COLUMNS = "key_name, key_type, value_type, key_value, expires"
_ROWS = [
    ("plain", 0, 0, "text", 0),
    ("number", 0, 1, "42", 0),
    ("list", 1, 0, "one", 0),
    ("list", 1, 0, "two", 0),
    ("list", 1, 1, "3", 0),
    ("no number", 0, 1, "abc", 0),
    ("twice", 0, 0, "first", 0),
    ("twice", 0, 0, "second", 0),
    ("empty", 0, 0, "", 0),
    ("null", 0, 0, None, 0),
    ("later", 0, 0, "x", int(NOW) + 500),
    ("past", 0, 0, "x", int(NOW) - 500),
]
_READ: dict[str, int | str] = {
    "plain": "text",
    "number": 42,
    "list[0]": "one",
    "list[1]": "two",
    "list[2]": 3,
    "no number": 0,
    "twice": "second",
    "empty": "",
    "later": "x",
    "past": "x",
    "list::size": 3,
}


class Place:
    """A file with a database, and Programs that use it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.run(_SCHEMA)
        with closing(sqlite3.connect(path)) as database, database:
            database.executemany(f"insert into htable ({_COLUMNS}) values (?, ?, ?, ?, ?)", _ROWS)

    def run(self, script: str) -> None:
        with closing(sqlite3.connect(self.path)) as database:
            database.executescript(script)

    def rows(self) -> list[Any]:
        with closing(sqlite3.connect(self.path)) as database:
            return sorted(database.execute(f"select {_COLUMNS} from htable"))

    def program(
        self, definition: str, more: str = "", events: str = ""
    ) -> tuple[Program, LogInMemory]:
        parameters = (
            'loadmodule "db_sqlite.so"\nloadmodule "htable.so"\n'
            f'modparam("htable", "db_url", "sqlite://{self.path}")\n'
            f'modparam("htable", "htable", "t=>{definition}")\n{more}'
        )
        program, log, _ = load(f"request_route {{ exit; }} {events}", parameters=parameters)
        program.clock = lambda: NOW
        return program, log


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "database")


def serve(program: Program, use: Callable[[], Coroutine[Any, Any, object]] | None = None) -> None:
    """As the server does: get ready, do something, come to an end."""

    async def run() -> None:
        await prepare(program)
        try:
            if use is not None:
                await use()
        finally:
            await finish(program)

    asyncio.run(run())


async def give(program: Program, name: str, *parameters: str) -> Any:
    command = program.commands.find(name)
    assert command is not None
    try:
        return (await carry_out(program, command, parameters))[0]
    except CommandError as error:
        return error.code, error.reason


def test_a_table_is_read_at_the_start(place: Place) -> None:
    program, log = place.program("size=8;dbtable=htable")
    tables(program).memory.most = 0  # that is for what comes from elsewhere
    serve(program)
    assert tables(program)["t"].values == _READ
    assert tables(program).memory.used == tables(program)["t"].used > 0
    assert "1 rows of htable are left out" in log.written[0][1]


def test_slices(place: Place) -> None:
    program, _ = place.program("dbtable=htable", 'modparam("htable", "fetch_rows", 2)')
    serve(program)
    assert tables(program)["t"].values == _READ


def test_another_suffix(place: Place) -> None:
    program, _ = place.program(
        "dbtable=htable", 'modparam("htable", "array_size_suffix", "-count")'
    )
    serve(program)
    assert tables(program)["t"].values["list-count"] == 3
    assert "list::size" not in tables(program)["t"].values


def test_other_columns(place: Place) -> None:
    place.run(
        "create table mine (k text, kt int, vt int, v text, e int);"
        "insert into mine values ('x', 0, 1, '5', 0);"
    )
    names = {"key_name": "k", "key_type": "kt", "value_type": "vt", "key_value": "v"}
    program, _ = place.program(
        "dbtable=mine",
        "\n".join(f'modparam("htable", "{name}_column", "{to}")' for name, to in names.items()),
    )
    serve(program)
    assert tables(program)["t"].values == {"x": 5}


def test_times(place: Place) -> None:
    program, _ = place.program(
        "autoexpire=100;dbtable=htable", 'modparam("htable", "db_expires", 1)'
    )
    serve(program)
    table = tables(program)["t"]
    assert "past" not in table.values
    assert table.left("later", NOW) == 500
    assert table.left("plain", NOW) == 100
    assert ("later", "x") in table.sweep(NOW + 502, 100)[0]


def test_without_db_expires_all_live_as_long_as_the_table_says(place: Place) -> None:
    program, _ = place.program("autoexpire=100;dbtable=htable")
    serve(program)
    table = tables(program)["t"]
    assert {table.left(key, NOW) for key in _READ} == {100}


@pytest.mark.parametrize(
    ("attributes", "seen"),
    [
        ("cols='prefix,name'", {"49": "Germany", "39": "Italy"}),
        ("cols='prefix,price'", {"49": "5", "39": "6"}),
        ("cols='prefix,name,price,note'", {"49": "Germany,5,a", "39": "Italy,6,*"}),
        ("cols='prefix,name,note';coldelim=';'", {"49": "Germany;a", "39": "Italy;*"}),
        ("cols='prefix,name,note';colnull=''", {"49": "Germany,a", "39": "Italy,"}),
        ("cols='prefix,share'", {"49": "0.5", "39": "1.5"}),
        ("cols='price,name'", {"5": "Germany", "6": "Italy", "0": "Nowhere"}),
    ],
)
def test_columns_of_its_own(place: Place, attributes: str, seen: dict[str, str]) -> None:
    program, _ = place.program(f"dbtable=rates;{attributes}")
    serve(program)
    assert tables(program)["t"].values == seen


def test_mod_init_comes_after_that(place: Place) -> None:
    program, log = place.program(
        "dbtable=htable",
        events='event_route[htable:mod-init] { xlog("$sht(t=>number)"); $sht(t=>plain) = "mine"; }',
    )
    serve(program)
    assert log.written[-1][1].strip() == "<script>: 42"
    assert tables(program)["t"].values["plain"] == "mine"


def test_what_cannot_be_read_is_said_and_the_script_begins_all_the_same(place: Place) -> None:
    program, log = place.program(
        "dbtable=none;dbmode=1",
        events="event_route[htable:mod-init] { $sht(t=>x) = 1; }",
    )
    serve(program)
    assert tables(program)["t"].values == {"x": 1}
    said = "\n".join(text for _, text in log.written)
    assert "the tables of htable cannot be read: " in said
    assert "no such table: none" in said
    assert "it was never read, so it is not written over" in said


def test_one_table_that_cannot_be_read_leaves_the_others(place: Place) -> None:
    program, _ = place.program("dbtable=none", 'modparam("htable", "htable", "u=>dbtable=htable")')
    serve(program)
    assert tables(program)["u"].values == _READ


def test_what_is_read_late_does_not_take_what_was_set_meanwhile(place: Place) -> None:
    program, _ = place.program("dbtable=late;autoexpire=100")

    async def play() -> None:
        table = tables(program)["t"]
        table.set("x", "set", NOW)
        place.run("create table late as select * from htable")
        place.run("insert into late values (99, 'x', 0, 0, 'read', 0)")
        await storing.Stored(program).load(table)
        assert table.values == {**_READ, "x": "set"}
        table.set("y", "set", NOW)
        await storing.Stored(program).load(table)
        assert table.values == {**_READ, "x": "read"}

    serve(program, play)


def test_reload(place: Place) -> None:
    program, log = place.program(
        "dbtable=htable",
        'modparam("htable", "htable", "none=>")',
        events='event_route[htable:reloaded:t] { xlog("again $sht(t=>plain)"); }',
    )

    async def play() -> None:
        place.run("update htable set key_value = 'new' where key_name = 'plain'")
        tables(program)["t"].set("mine", 1, NOW)
        assert await give(program, "htable.reload", "t") == "Ok. Htable reloaded."
        assert tables(program)["t"].values == {**_READ, "plain": "new"}
        assert await give(program, "htable.reload") == (500, "No htable name given")
        assert await give(program, "htable.reload", "tt") == (500, "No such htable")
        assert await give(program, "htable.reload", "none") == (500, "No database htable")
        place.run("drop table htable")
        code, reason = await give(program, "htable.reload", "t")
        assert code == 500
        assert "no such table" in reason
        assert tables(program)["t"].values == {**_READ, "plain": "new"}

    serve(program, play)
    assert [text.strip() for _, text in log.written if "again" in text] == ["<script>: again new"]


def test_a_table_is_read_every_so_often(place: Place) -> None:
    program, _ = place.program(
        "dbtable=htable;reloadat=1",
        events="event_route[htable:reloaded:t] { $sht(t=>told) = 1; }",
    )

    async def play() -> None:
        table = tables(program)["t"]
        table.set("mine", 1, NOW)
        assert len(program.services) == 1
        service = asyncio.create_task(program.services[0]())
        async with asyncio.timeout(10):
            while "told" not in table.values:
                await asyncio.sleep(0.01)
        service.cancel()
        assert table.values == {**_READ, "told": 1}

    serve(program, play)


def test_a_url_that_is_none(tmp_path: Path) -> None:
    parameters = (
        'loadmodule "htable.so"\nmodparam("htable", "db_url", "sqlite:///x")\n'
        'modparam("htable", "htable", "t=>dbtable=x")\n'
    )
    with pytest.raises(ModuleError, match="db_sqlite is not loaded"):
        load("request_route { exit; }", parameters=parameters)


def test_without_a_url_nothing_is_read() -> None:
    parameters = 'loadmodule "htable.so"\nmodparam("htable", "htable", "t=>dbtable=x")\n'
    program, _, _ = load("request_route { exit; }", parameters=parameters)
    serve(program)
    assert tables(program)["t"].values == {}
