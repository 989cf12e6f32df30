"""secfilter: its lists in a database, the commands that change them, parameters and arguments."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sipway.core.commands import CommandError, carry_out
from sipway.core.databases import finish, prepare
from sipway.core.program import Program
from sipway.errors import ModuleError
from tests.fakes import LogInMemory
from tests.kamailio_tables import rewrite, tables
from tests.modules.commanding import give
from tests.modules.running import NOW, mistakes
from tests.modules.with_secfilter import KINDS, checks, code_of, program_of, shown

# --- the database ------------------------------------------------------------------------

_ROWS = [(0, 0, "scan"), (1, 4, "saint"), (2, 0, "555")]


def _of_database(path: Path, more: str = "") -> Program:
    return program_of(
        parameters=f'loadmodule "db_sqlite.so"\n'
        f'modparam("secfilter", "db_url", "sqlite://{path}")\n{more}'
    )


def _serve(program: Program) -> None:
    async def start() -> None:
        await prepare(program)
        await finish(program)

    asyncio.run(start())


def _told(program: Program) -> list[str]:
    assert isinstance(program.log, LogInMemory)
    return [text for _, text in program.log.written]


def test_lists_of_the_database(tmp_path: Path) -> None:
    tables({"secfilter": _ROWS})(tmp_path / "db")
    program = _of_database(tmp_path / "db")
    _serve(program)
    assert shown(program, "ua") == ["scan"]
    assert shown(program, "user", "Whitelisted") == ["saint"]
    assert shown(program, "dst") == ["555"]


def test_rows_that_are_wrong_are_told(tmp_path: Path) -> None:
    wrong = [(9, 0, f"x{number}") for number in range(30)]
    tables({"secfilter": [*_ROWS, *wrong]})(tmp_path / "db")
    program = _of_database(tmp_path / "db")
    _serve(program)
    assert shown(program, "ua") == ["scan"]
    told = [each for each in _told(program) if "left out" in each]
    assert len(told) == 21
    assert "30 rows" in told[-1]


def test_names_of_table_and_columns(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "db")) as database, database:
        database.executescript(
            """
            create table version (table_name text, table_version integer);
            insert into version values ('mine', 1);
            create table mine (a integer, b integer, c text);
            insert into mine values (1, 4, 'saint');
            """
        )
    names = {"table_name": "mine", "action_col": "a", "type_col": "b", "data_col": "c"}
    more = "".join(f'modparam("secfilter", "{x}", "{y}")\n' for x, y in names.items())
    program = _of_database(tmp_path / "db", more)
    _serve(program)
    assert shown(program, "user", "Whitelisted") == ["saint"]
    program = _of_database(tmp_path / "db")
    _serve(program)
    assert any("the table secfilter cannot be read" in each for each in _told(program))


def test_another_version(tmp_path: Path) -> None:
    tables({"secfilter": _ROWS}, versions={"secfilter": 2})(tmp_path / "db")
    program = _of_database(tmp_path / "db")
    _serve(program)
    assert shown(program, "ua") == []
    assert any("version 2" in each for each in _told(program))


def test_without_its_driver() -> None:
    with pytest.raises(ModuleError, match="db_sqlite is not loaded"):
        program_of(parameters='modparam("secfilter", "db_url", "sqlite:///x")')


def _reloads(program: Program, *times: float) -> list[Any]:
    """What comes of secfilter.reload at these times."""
    command = program.commands.find("secfilter.reload")
    assert command is not None

    async def run() -> list[Any]:
        found: list[Any] = []
        for now in times:
            program.clock = lambda now=now: now
            try:
                found += await carry_out(program, command, [])
            except CommandError as error:
                found.append(error.reason)
        await finish(program)
        return found

    return asyncio.run(run())


_DONE = "Data reloaded"
_EARLY = "the last reload was less than 5 seconds ago"


def test_reload(tmp_path: Path) -> None:
    tables({"secfilter": _ROWS})(tmp_path / "db")
    program = _of_database(tmp_path / "db")
    _serve(program)
    give(program, "secfilter.add_bl", "ua", "more")
    rewrite(tmp_path / "db", {"secfilter": [(0, 0, "other")]})
    assert _reloads(program, NOW) == [_DONE]
    assert shown(program, "ua") == ["other"]


def test_reload_delta(tmp_path: Path) -> None:
    tables({"secfilter": _ROWS})(tmp_path / "db")
    program = _of_database(tmp_path / "db")
    times = (NOW, NOW + 4, NOW + 5, NOW - 1000)  # the last one: somebody has set the clock
    assert _reloads(program, *times) == [_DONE, _EARLY, _DONE, _DONE]
    program = _of_database(tmp_path / "db", 'modparam("secfilter", "reload_delta", 0)')
    assert _reloads(program, NOW, NOW) == [_DONE, _DONE]


def test_a_reload_that_fails_leaves_the_lists(tmp_path: Path) -> None:
    assert give(program_of(), "secfilter.reload") == (500, "there is no db_url")
    tables({"secfilter": _ROWS})(tmp_path / "db")
    program = _of_database(tmp_path / "db")
    _serve(program)
    (tmp_path / "db").write_bytes(b"no database at all, whatever is read of it" * 100)
    code, _ = give(program, "secfilter.reload")
    assert code == 500
    assert shown(program, "ua") == ["scan"]


# --- commands ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_values_are_added_and_removed(kind: str) -> None:
    program = program_of()
    said = f"({kind}, some)"
    assert give(program, "secfilter.add_bl", kind, "some") == (
        f"Values {said} inserted into blacklist"
    )
    assert give(program, "secfilter.add_wl", kind, "some") == (
        f"Values {said} inserted into whitelist"
    )
    assert shown(program, kind) == ["some"]
    assert shown(program, kind, "Whitelisted") == ["some"]
    assert give(program, "secfilter.del_bl", kind, "some") == (
        f"Values {said} removed from blacklist"
    )
    assert give(program, "secfilter.del_wl", kind, "some") == (
        f"Values {said} removed from whitelist"
    )
    assert shown(program, kind) == shown(program, kind, "Whitelisted") == []


def test_numbers_are_added_and_removed() -> None:
    program = program_of()
    assert give(program, "secfilter.add_dst", 555) == (
        "Values (555) inserted into blacklist destinations"
    )
    assert shown(program, "dst") == ["555"]
    assert give(program, "secfilter.del_dst", 555) == (
        "Values (555) removed from blacklist destinations"
    )
    assert shown(program, "dst") == []


def _usage(name: str, parameters: str) -> str:
    return f"Invalid Parameters. Usage: secfilter.{name} {parameters}"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (("secfilter.print", "x"), "Invalid type"),
        (("secfilter.add_bl",), _usage("add_bl", "type value")),
        (("secfilter.add_bl", "ua"), _usage("add_bl", "type value")),
        (("secfilter.add_bl", "ua", ""), _usage("add_bl", "type value")),
        (("secfilter.add_bl", "ua", "x" * 256), _usage("add_bl", "type value")),
        (("secfilter.add_bl", "UA", "x"), "Error inserting values in the blacklist"),
        (("secfilter.add_wl", "ua"), _usage("add_wl", "type value")),
        (("secfilter.add_wl", "ua", ""), _usage("add_wl", "type value")),
        (("secfilter.add_wl", "x", "x"), "Error insert values in the whitelist"),
        (("secfilter.add_dst",), _usage("add_dst", "number")),
        (("secfilter.add_dst", ""), _usage("add_dst", "number")),
        (("secfilter.del_bl", "ua"), _usage("del_bl", "type value")),
        (("secfilter.del_bl", "x", "x"), "Invalid type"),
        (("secfilter.del_bl", "ua", "none"), "none is not in that list"),
        (("secfilter.del_wl", "ua"), _usage("del_wl", "type value")),
        (("secfilter.del_wl", "ua", "none"), "none is not in that list"),
        (("secfilter.del_dst",), _usage("del_dst", "number")),
        (("secfilter.del_dst", "none"), "none is not in that list"),
    ],
)
def test_commands_that_are_wrong(given: tuple[Any, ...], reason: str) -> None:
    program = program_of()
    before = give(program, "secfilter.print")
    assert give(program, *given) == (500, reason)
    assert give(program, "secfilter.print") == before


def test_all_lists_are_shown() -> None:
    found = give(program_of(), "secfilter.print")
    assert list(found) == ["User-Agent", "Country", "Domain", "IP-Address", "User", "Destination"]


def test_what_is_counted() -> None:
    program = checks(
        'secf_check_from_hdr(); secf_check_ip(); secf_check_dst("5"); xlog("$rc")',
        ("bl", "user", "ali"),
        ("wl", "ip", "192."),
    )
    give(program, "secfilter.add_dst", 5)
    for _ in range(2):
        code_of(program)
    found = give(program, "secfilter.stats")
    assert {name: value for name, value in found["Blacklist"].items() if value} == {"From-User": 2}
    assert {name: value for name, value in found["Whitelist"].items() if value} == {"IP-Address": 2}
    assert found["Other"] == {"Destination": 2, "SQL-Injection": 0}
    assert list(found["Blacklist"]) == list(found["Whitelist"])
    assert len(found["Blacklist"]) == 12
    assert give(program, "secfilter.stats_reset") == "The statistics has been reset"
    again = give(program, "secfilter.stats")
    assert not any(value for each in again.values() for value in each.values())


@pytest.mark.parametrize(
    "parameter",
    ['"reload_delta", -1', '"cleanup_interval", -1', '"dst_exact_match", "x"', '"none", 1'],
)
def test_parameters_that_are_wrong(parameter: str) -> None:
    parameters = f'modparam("secfilter", {parameter})'
    assert mistakes("request_route { exit; }", parameters, modules=("secfilter",)) != []


@pytest.mark.parametrize(
    "call",
    [
        'secf_check_ip("x")',
        "secf_check_country()",
        "secf_check_dst()",
        'secf_check_dst("a", "b")',
        "secf_check_sqli_hdr()",
        "secf_check_sqli_all(1)",
        'secf_check_name_from_hdr("x")',
    ],
)
def test_arguments_that_are_wrong(call: str) -> None:
    assert mistakes(f"request_route {{ {call}; }}", modules=("secfilter",)) != []
