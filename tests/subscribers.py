"""A database of SQLite with users, for what asks one who may come in."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Final

_TABLES: Final = """
create table version (table_name varchar(32), table_version integer);
insert into version values ('subscriber', 7), ('old_subscriber', 6);
create table subscriber (
    id integer primary key, username varchar(64), domain varchar(64), password varchar(64),
    ha1 varchar(128), ha1b varchar(128), email_address varchar(128), rpid varchar(128),
    number integer
);
create table old_subscriber (username varchar(64), ha1 varchar(128), ha1b varchar(128));
"""

# User, domain, password, address. HA1 is for the realm r.example, HA1B for the domain.
USERS: Final = (
    ("alice", "r.example", "secret", "a@mail.example"),
    ("bob", "r.example", "other", None),
    ("same", "r.example", "one", None),
    ("same", "other.example", "two", None),
    ("nothing", "r.example", "", None),
    ("alice", "caller.example", "third", "third@mail.example"),
)


def _md5(*parts: str) -> str:
    return hashlib.md5(":".join(parts).encode()).hexdigest()


def make(path: Path, users: Iterable[tuple[str, str, str, str | None]] = USERS, *more: str) -> None:
    """A new database in a file; `more` are further statements."""
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(_TABLES)
        for user, domain, password, address in users:
            ha1 = _md5(user, "r.example", password)
            ha1b = _md5(f"{user}@{domain}", domain, password)
            row = (user, domain, password, ha1, ha1b, address, f"sip:{user}@rpid", 7)
            database.execute(
                "insert into subscriber (username, domain, password, ha1, ha1b, email_address,"
                " rpid, number) values (?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
        for each in more:
            database.execute(each)
