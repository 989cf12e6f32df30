"""The module db_postgres: databases of PostgreSQL, `postgres://user:password@host/kamailio`.

Source: README of Kamailio's module db_postgres.
"""

from __future__ import annotations

from typing import Final

from sipway.core.databases import add_driver
from sipway.core.module import Module
from sipway.core.program import Program
from sipway.errors import ModuleError
from sipway.language.signatures import Meaning
from sipway.stores.databases import Database, DatabaseUrl
from sipway.stores.databases.guard import Guard

mod = Module("db_postgres")

_SECONDS: Final = 10.0
_CONNECT_SECONDS: Final = 5.0


def _seconds(seconds: int) -> int:
    if seconds < 0:
        raise ValueError(f"{seconds} is no time to wait")
    return seconds


_timeout = mod.param(
    "timeout", int, 0, convert=_seconds,
    doc="seconds for an attempt to connect, and for a statement; 0 is five and ten",
)  # fmt: skip


def _pairs(text: str) -> list[tuple[str, str]]:
    """From `name=value;name=value`."""
    found = [part.strip().partition("=") for part in text.split(";") if part.strip()]
    for name, equals, _ in found:
        if not equals or not name.strip().isidentifier():
            raise ValueError(f'"{text}" is not name=value;name=value')
    return [(name.strip(), value.strip()) for name, _, value in found]


_NO_PAIRS: Final[list[list[tuple[str, str]]]] = []
_con_param = mod.param(
    "con_param", str, _NO_PAIRS, convert=_pairs, repeatable=True,
    doc="of the connection, as libpq names it: connect_timeout=15;sslmode=require",
)  # fmt: skip
for _name, _default, _what in (
    ("retries", 2, "it always connects again, and asks again when nothing was asked yet"),
    ("tcp_keepalive", 0, "connections that have gone are noticed when they are used"),
    ("lockset", 4, "nobody waits for a lock"),
    ("bytea_output_escape", 1, "bytes are bytes"),
):
    mod.param(_name, int, _default, meaning=Meaning.IGNORED, doc=_what)


@mod.on_start
def _start(program: Program) -> None:
    try:
        from sipway.stores.databases.postgres import (  # noqa: PLC0415 - loaded when it is used
            PostgresDatabase,
        )
    except ImportError as error:
        raise ModuleError(
            f"db_postgres needs {error.name}, which is not installed",
            hint='pip install "sipway[postgres]"',
        ) from None
    seconds = _timeout(program)
    parameters = dict(pair for pairs in _con_param(program) for pair in pairs)

    def open_database(url: DatabaseUrl, guard: Guard) -> Database:
        return PostgresDatabase(
            url,
            guard,
            connect_seconds=float(parameters.get("connect_timeout", seconds or _CONNECT_SECONDS)),
            parameters=tuple(parameters.items()),
        )

    add_driver(program, "postgres", open_database, seconds or _SECONDS)
