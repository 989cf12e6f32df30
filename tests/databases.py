"""Databases for tests: one of each kind, with tables of its own, gone afterwards."""

from __future__ import annotations

import asyncio
import os
import socket
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

MYSQL: Final = ("127.0.0.1", 3306)
POSTGRES: Final = ("127.0.0.1", 5432)
KINDS: Final = ("sqlite", "text", "mysql", "postgres")

_TIMES_OUT: Final = 2.0


def is_there(address: tuple[str, int]) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as tried:
        tried.settimeout(_TIMES_OUT)
        return tried.connect_ex(address) == 0


def new_url(kind: str, directory: Path, name: str) -> str:
    """The URL of a new, empty database; skips where there is no server of its kind."""
    if kind == "sqlite":
        return f"sqlite://{directory / name}.sqlite"
    if kind == "text":
        place = directory / name
        place.mkdir(exist_ok=True)
        return f"text://{place}"
    # Tests run side by side.
    unique = f"sipway_{name}_{os.getpid()}"
    if kind == "mysql":
        if not is_there(MYSQL):
            pytest.skip("MariaDB is not running here")
        run_mysql(f"drop database if exists {unique}", f"create database {unique}")
        return f"mysql://root:@{MYSQL[0]}/{unique}"
    if not is_there(POSTGRES):
        pytest.skip("PostgreSQL is not running here")
    _postgres(f"drop database if exists {unique}", f"create database {unique}")
    return f"postgres://postgres:postgres@{POSTGRES[0]}/{unique}"


def urls(name: str, kinds: Sequence[str] = KINDS) -> Any:
    """A fixture `url`: a new database of each kind, with this name in its own; gone at the end."""

    @pytest.fixture(params=kinds)
    def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
        made = new_url(request.param, tmp_path, name)
        yield made
        remove(made)

    return url


def remove(url: str) -> None:
    """Remove what `new_url` has made on a server."""
    kind, name = url.partition(":")[0], url.rpartition("/")[2]
    if kind == "mysql":
        run_mysql(f"drop database if exists {name}")
    elif kind == "postgres":
        _postgres(f"drop database if exists {name} with (force)")


def sqlite_with(path: Path, *statements: str) -> str:
    """The URL of a database of SQLite with what the statements make."""
    connection = sqlite3.connect(path)
    for each in statements:
        connection.execute(each)
    connection.commit()
    connection.close()
    return f"sqlite://{path}"


def run_mysql(*statements: str, database: str | None = None) -> None:
    """Have MariaDB carry statements out; those of blanks alone are left out."""
    import asyncmy

    async def run(statements: Iterable[str]) -> None:
        connection = await asyncmy.connect(host=MYSQL[0], port=MYSQL[1], user="root", db=database)
        for each in filter(str.strip, statements):
            await connection.query(each)  # type: ignore[no-untyped-call]
        await connection.ensure_closed()

    asyncio.run(run(statements))


def _postgres(*statements: str) -> None:
    import psycopg

    with psycopg.connect(
        host=POSTGRES[0], port=POSTGRES[1], user="postgres", password="postgres", autocommit=True
    ) as connection:
        for each in statements:
            connection.execute(each.encode())
