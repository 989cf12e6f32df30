"""The module db_sqlite: databases in files of SQLite, `sqlite:///etc/kamailio/kamailio.sqlite`.

Source: README of Kamailio's module db_sqlite. Unlike there a file that another process has locked
is waited for, five seconds, where the script says nothing else: nobody else waits meanwhile.
"""

from __future__ import annotations

from typing import Final

from sipway.core.databases import add_driver
from sipway.core.module import Module
from sipway.core.program import Program
from sipway.errors import DatabaseError
from sipway.stores.databases import Database, DatabaseUrl
from sipway.stores.databases.guard import Guard

mod = Module("db_sqlite")

_SECONDS: Final = 10.0
_BUSY_SECONDS: Final = 5.0


def _assigned(text: str) -> tuple[str, str]:
    """From `/path/to/file=value;`."""
    path, equals, value = text.rpartition("=")
    if not equals or not path:
        raise ValueError(f'"{text}" is not path=value')
    return _path(path), value.rstrip("; ")


def _journal_mode(text: str) -> tuple[str, str]:
    path, mode = _assigned(text)
    if mode.lower() not in ("delete", "truncate", "persist", "memory", "wal", "off"):
        raise ValueError(
            f"there is no journal mode {mode}: DELETE, TRUNCATE, PERSIST, MEMORY, WAL and OFF are"
        )
    return path, mode.lower()


def _busy_timeout(text: str) -> tuple[str, float]:
    path, milliseconds = _assigned(text)
    if not milliseconds.isdigit():
        raise ValueError(f"{milliseconds} is no number of milliseconds")
    return path, int(milliseconds) / 1000


def _path(text: str) -> str:
    """Paths count as the same with and without the slash at their beginning, as in Kamailio."""
    return text.strip().lstrip("/")


_NO_PATHS: Final[list[str]] = []
_NO_MODES: Final[list[tuple[str, str]]] = []
_NO_TIMES: Final[list[tuple[str, float]]] = []

_read_only = mod.param(
    "db_set_readonly", str, _NO_PATHS, convert=_path, repeatable=True,
    doc="path of a file that is never written",
)  # fmt: skip
_journal_modes = mod.param(
    "db_set_journal_mode", str, _NO_MODES, convert=_journal_mode, repeatable=True,
    doc="path=mode: how SQLite keeps its journal",
)  # fmt: skip
_busy_timeouts = mod.param(
    "db_set_busy_timeout", str, _NO_TIMES, convert=_busy_timeout, repeatable=True,
    doc="path=milliseconds to wait while another process has the file locked",
)  # fmt: skip


@mod.on_start
def _start(program: Program) -> None:
    from sipway.stores.databases.sqlite import (  # noqa: PLC0415 - loaded when it is used
        SqliteDatabase,
    )

    def open_database(url: DatabaseUrl, guard: Guard) -> Database:
        path = _path(url.name)
        if not path:
            raise DatabaseError(f"{url.shown} names no file")
        return SqliteDatabase(
            url.name,
            url.shown,
            guard,
            read_only=path in _read_only(program),
            journal_mode=dict(_journal_modes(program)).get(path),
            busy_seconds=dict(_busy_timeouts(program)).get(path, _BUSY_SECONDS),
        )

    add_driver(program, "sqlite", open_database, _SECONDS)
