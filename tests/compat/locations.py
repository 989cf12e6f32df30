"""Databases with a table `location`, as Kamailio's own tools make them, and what its rows say."""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

_SCHEMAS: Final = Path("/usr/share/kamailio")
"""Where it is not installed there are no flows."""

COLUMNS: Final = (
    "username", "domain", "contact", "q", "callid", "cseq", "methods", "flags", "cflags",
    "user_agent", "received", "path", "instance", "reg_id", "server_id", "connection_id",
    "partition", "keepalive",
)  # fmt: skip
_DAY: Final = 86_400


def statements(kind: str) -> str:
    """The SQL that makes the tables, of `db_sqlite` or `mysql`."""
    files = (_SCHEMAS / kind / f"{each}-create.sql" for each in ("standard", "usrloc"))
    return "\n".join(each.read_text() for each in files)


def make_sqlite(path: Path) -> None:
    """A new database."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript(statements("db_sqlite"))


def rows_of(path: Path) -> list[tuple[Any, ...]]:
    """Each with how many seconds the contact lives, in tens, in front."""
    seconds = f"round((expires - last_modified) * {_DAY / 10})"
    with closing(sqlite3.connect(path)) as database:
        return database.execute(
            f"select {seconds}, {', '.join(COLUMNS)} from location order by username, contact"
        ).fetchall()


def attributes_of(path: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(
            "select contact, aname, atype, avalue from location_attrs as a, location as l"
            " where a.ruid = l.ruid order by contact, aname"
        ).fetchall()


def shown(rows: Iterable[Sequence[Any]]) -> list[str]:
    """A line for each row; numbers as text, ports of phones are replaced by whoever compares."""
    return ["; ".join(str(each) for each in row) for row in rows]


def by_flow(rows: Iterable[Sequence[Any]], callid: int) -> Mapping[str, Sequence[str]]:
    """Rows by the flow whose Call-ID they have, which may have something in front."""
    found: dict[str, list[str]] = defaultdict(list)
    for row, line in zip(rows, shown(rows), strict=True):
        found[re.sub(r"^(other|third)-", "", row[callid])].append(line)
    return found
