"""Making the tables of `schema`, and telling what is wrong with those that are there.

All that asks the database raises DatabaseError when that cannot be asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from sipway.errors import DatabaseError
from sipway.stores.databases.interface import Condition, Database, Value
from sipway.stores.databases.schema import TABLES, VERSION, Column, TableSchema
from sipway.stores.databases.url import DatabaseUrl

_TYPES: Final = {
    "sqlite": {"int": "integer", "small": "smallint", "real": "real", "time": "timestamp"},
    "mysql": {
        "int": "int",
        "small": "smallint unsigned",
        "real": "float(10,2)",
        "time": "datetime",
    },
    # Not smallint, which has a sign there: the highest ports have no room in it.
    "postgres": {"int": "integer", "small": "integer", "real": "real", "time": "timestamp"},
    "text": {"int": "int", "small": "int", "real": "double", "time": "int", "text": "string"},
}
_NUMBERED: Final = {
    "sqlite": "id integer primary key not null",
    "mysql": "id int unsigned auto_increment primary key not null",
    "postgres": "id serial primary key not null",
}


class Finding(NamedTuple):
    """What is to be said of a table.

    state     fine, missing, older, newer or incomplete
    version   what the table `version` says, None if it says nothing
    wanted    the version that modules here want
    columns   those that are missing
    """

    table: str
    state: str
    version: int | None
    wanted: int
    columns: tuple[str, ...] = ()


async def look(database: Database) -> list[Finding]:
    """Every table, and whether modules here can use it."""
    versions = await _versions(database)
    return [await _look_at(database, table, versions) for table in TABLES.values()]


async def make(database: Database, url: DatabaseUrl) -> list[str]:
    """Make all tables that are missing; their names."""
    versions = await _versions(database)
    if await _columns(database, VERSION.name) is None:
        await _make_table(database, url, VERSION)
        await _set_version(database, VERSION, None)
    made: list[str] = []
    for table in TABLES.values():
        if await _columns(database, table.name) is None:
            await _make_table(database, url, table)
            await _set_version(database, table, versions.get(table.name))
            made.append(table.name)
    return made


async def migrate(database: Database, url: DatabaseUrl) -> list[Finding]:
    """Make what is missing: tables, and columns of older ones. What `look` had said before.

    What nobody uses any more stays, and so does a table that is newer.
    """
    before = await look(database)
    await make(database, url)
    for found in before:
        if found.state not in ("older", "incomplete"):
            continue
        table = TABLES[found.table]
        if url.scheme == "text" and found.columns:
            raise DatabaseError(
                f"{url.name}/{table.name} has no column {found.columns[0]}",
                hint="a file is given a column by hand: name(type) in its first line",
            )
        for column in table.columns:
            if column.name in found.columns:
                await database.run(
                    f"alter table {_quoted(url, table.name)} add column {_declared(url, column)}"
                )
        await _set_version(database, table, found.version)
    return before


async def _look_at(database: Database, table: TableSchema, versions: dict[str, int]) -> Finding:
    version = versions.get(table.name)
    there = await _columns(database, table.name)
    if there is None:
        return Finding(table.name, "missing", version, table.version)
    missing = tuple(column.name for column in table.columns if column.name not in there)
    if version is not None and version > table.version:
        state = "newer"
    elif version is None or version < table.version:
        state = "older"
    else:
        state = "incomplete" if missing else "fine"
    return Finding(table.name, state, version, table.version, missing)


async def _columns(database: Database, table: str) -> frozenset[str] | None:
    """The columns of a table, None if there is no such table."""
    try:
        await database.select(table, [], limit=1)
    except DatabaseError as error:
        if type(error) is not DatabaseError:
            raise  # it is down, or there is a file that is no table
        return None
    answer = await database.run(f"select * from {table} where 1 = 0")
    return frozenset(answer.columns)


async def _versions(database: Database) -> dict[str, int]:
    try:
        rows = await database.select(VERSION.name, ["table_name", "table_version"])
    except DatabaseError as error:
        if type(error) is not DatabaseError:
            raise
        return {}
    return {str(name): int(version or 0) for name, version in rows}


async def _set_version(database: Database, table: TableSchema, known: int | None) -> None:
    row: dict[str, Value] = {"table_name": table.name, "table_version": table.version}
    if known is None:
        await database.delete(VERSION.name, [Condition("table_name", table.name)])
        await database.insert(VERSION.name, row)
    else:
        await database.update(VERSION.name, row, [Condition("table_name", table.name)])


async def _make_table(database: Database, url: DatabaseUrl, table: TableSchema) -> None:
    if url.scheme == "text":
        path = Path(url.name) / table.name
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(_file_head(table))
        except OSError as error:
            raise DatabaseError(f"{path} cannot be made: {error.strerror}") from None
        return
    for statement in statements(url, table):
        await database.run(statement)


def statements(url: DatabaseUrl, table: TableSchema) -> list[str]:
    """The SQL that makes a table and its indexes."""
    parts = [] if table is VERSION else [_NUMBERED[url.scheme]]
    parts += [_declared(url, column) for column in table.columns]
    if table.unique:
        parts.append(_index(url, table, "unique", table.unique, "constraint {name} {kind} ({of})"))
    made = [f"create table {_quoted(url, table.name)} ({', '.join(parts)})"]
    made += [
        _index(url, table, "index", columns, "create {kind} {name} on {table} ({of})")
        for columns in table.indexes
    ]
    return made


def _index(
    url: DatabaseUrl, table: TableSchema, kind: str, columns: Sequence[str], form: str
) -> str:
    return form.format(
        kind=kind,
        name=f"{table.name}_{'_'.join(columns)}_{kind[:3]}",
        table=_quoted(url, table.name),
        of=", ".join(_quoted(url, column) for column in columns),
    )


def _declared(url: DatabaseUrl, column: Column) -> str:
    kind = f"varchar({column.size})" if column.size else _TYPES[url.scheme][column.kind]
    text = f"{_quoted(url, column.name)} {kind}"
    if column.nullable:
        return f"{text} default null"
    if column.default is not None:
        plain = column.kind in ("int", "small", "real")
        text += f" default {column.default}" if plain else f" default '{column.default}'"
    return f"{text} not null"


def _quoted(url: DatabaseUrl, name: str) -> str:
    return f"`{name}`" if url.scheme == "mysql" else name


def _file_head(table: TableSchema) -> str:
    columns: Iterable[str] = (
        f"{column.name}({_TYPES['text'][column.kind]}{',null' if column.nullable else ''})"
        for column in table.columns
    )
    first = ["id(int,auto)"]
    return " ".join((*first, *columns)) + "\n"
