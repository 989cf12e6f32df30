"""pipelimit: pipes of a database."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sipway.core.databases import finish, prepare
from sipway.core.program import Program
from sipway.errors import ModuleError
from tests.modules.commanding import give
from tests.modules.piping import codes, program_of, written

_SCHEMA = """
create table {table} (id integer primary key, {columns[0]} text, {columns[1]} text,
                      {columns[2]} integer);
create table version (table_name text, table_version integer);
insert into version values ('{table}', {version});
"""


def _database(
    path: Path,
    *rows: tuple[Any, ...],
    table: str = "pl_pipes",
    columns: tuple[str, ...] = ("pipeid", "algorithm", "plimit"),
    version: int = 1,
) -> str:
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(_SCHEMA.format(table=table, columns=columns, version=version))
        names = ", ".join(columns)
        database.executemany(f"insert into {table} ({names}) values (?, ?, ?)", rows)
    return f"""
    loadmodule "db_sqlite.so"
    modparam("pipelimit", "db_url", "sqlite://{path}")
    modparam("pipelimit", "plp_table_name", "{table}")
    modparam("pipelimit", "plp_pipeid_column", "{columns[0]}")
    modparam("pipelimit", "plp_algorithm_column", "{columns[1]}")
    modparam("pipelimit", "plp_limit_column", "{columns[2]}")
    """


def _read(program: Program) -> list[str]:
    """What is there after the start."""

    async def start() -> None:
        await prepare(program)
        await finish(program)

    asyncio.run(start())
    found: list[str] = give(program, "pl.get_pipes")
    return [each.removeprefix("PIPE: id=").removesuffix(" counter=0") for each in found]


def test_pipes_of_the_database(tmp_path: Path) -> None:
    parameters = _database(
        tmp_path / "database",
        *(("one", "TAILDROP", 3), ("two", "red", 2), ("", "RED", 1), ("nop", "NOP", -1)),
    )
    program = program_of(parameters=parameters)
    assert _read(program) == [
        "one algorithm=TAILDROP limit=3",
        "two algorithm=RED limit=2",
        " algorithm=RED limit=1",
        "nop algorithm=NOP limit=-1",
    ]
    assert codes(program, 4, "one") == [1, 1, 1, -1]


def test_other_names_of_table_and_columns(tmp_path: Path) -> None:
    parameters = _database(
        tmp_path / "database", ("one", "RED", 3), table="mine", columns=("a", "b", "c")
    )
    assert _read(program_of(parameters=parameters)) == ["one algorithm=RED limit=3"]


def test_rows_that_are_wrong_are_left_out_and_told(tmp_path: Path) -> None:
    parameters = _database(
        tmp_path / "database",
        ("one", "RED", 3),
        ("one", "RED", 4),
        ("bad", "XXX", 3),
        ("empty", "", 3),
        ("null", None, 3),
        (None, "RED", 3),
        ("text", "RED", "x"),
        ("hot", "FEEDBACK", 101),
        ("two", "RED", 4),
    )
    program = program_of(parameters=parameters)
    assert _read(program) == ["one algorithm=RED limit=3", "two algorithm=RED limit=4"]
    told = [each for each in written(program) if "pl_pipes" in each]
    assert len(told) == 7
    assert sum("is left out" in each for each in told) == 6


def test_a_database_that_is_not_as_it_should_be(tmp_path: Path) -> None:
    program = program_of(parameters=_database(tmp_path / "database", version=2))
    assert _read(program) == []
    assert any("table pl_pipes" in each and "version 2" in each for each in written(program))
    with pytest.raises(ModuleError, match="db_sqlite is not loaded"):
        program_of(parameters='modparam("pipelimit", "db_url", "sqlite:///x")')
    with pytest.raises(ModuleError, match="pipelimit"):
        program_of(parameters='modparam("pipelimit", "db_url", "nonsense")')
