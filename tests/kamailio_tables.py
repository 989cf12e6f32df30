"""SQLite files with tables as Kamailio has them, as far as modules read them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

Row = tuple[int | float | str | None, ...]

# By table: the version that modules ask for, and the columns; a number has a # before its name.
TABLES: Final = {
    "address": (6, "#grp ip_addr #mask #port tag"),
    "trusted": (6, "src_ip proto from_pattern ruri_pattern tag #priority"),
    "domain": (2, "domain did"),
    "domain_attrs": (1, "did name #type value"),
    "dispatcher": (4, "#setid destination #flags #priority attrs description"),
    "dbaliases": (1, "alias_username alias_domain username domain"),
    "speed_dial": (2, "username domain sd_username sd_domain new_uri"),
    "uri": (1, "username domain uri_user"),
    "subscriber": (7, "username domain"),
    "grp": (2, "username domain grp"),
    "re_grp": (1, "reg_exp #group_id"),
    "secfilter": (1, "#action #type data"),
    "pl_pipes": (1, "pipeid algorithm #plimit"),
}


def columns_of(name: str) -> dict[str, str]:
    """The columns of a table, each with its type."""
    return {
        each.strip("#"): "integer" if each.startswith("#") else "varchar(128)"
        for each in TABLES[name][1].split()
    }


def tables(
    rows: Mapping[str, Sequence[Row]], *, versions: Mapping[str, int] | None = None
) -> Callable[[Path], None]:
    """What makes a file with these rows; `versions` instead of those that are right."""

    def make(path: Path) -> None:
        with closing(sqlite3.connect(path)) as file, file:
            file.execute("create table version (table_name text, table_version integer)")
            for name, (version, _) in TABLES.items():
                columns = ", ".join(" ".join(each) for each in columns_of(name).items())
                file.execute(f"create table {name} (id integer primary key, {columns})")
                shown = (versions or {}).get(name, version)
                file.execute("insert into version values (?, ?)", (name, shown))
            for name, values in rows.items():
                change(file, name, values)

    return make


def change(file: sqlite3.Connection, name: str, rows: Sequence[Row]) -> None:
    """Have a table hold these rows and no others."""
    file.execute(f"delete from {name}")
    names = ", ".join(columns_of(name))
    for row in rows:
        marks = ", ".join("?" * len(row))
        file.execute(f"insert into {name} ({names}) values ({marks})", row)


def rewrite(path: Path, rows: Mapping[str, Sequence[Row]]) -> None:
    """Have tables of a file hold these rows and no others."""
    with closing(sqlite3.connect(path)) as file, file:
        for name, values in rows.items():
            change(file, name, values)
