"""The module itself, its connections, and the results that a message has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sipway.core.context import Context
from sipway.core.databases import at_first, database
from sipway.core.extras import extras
from sipway.core.module import Module
from sipway.core.program import Program
from sipway.language.record import Record
from sipway.language.signatures import Meaning
from sipway.stores.databases import Answer, Database, Value, seconds_of
from sipway.stores.databases.times import Moment

mod = Module("sqlops")

_ARROW: Final = "=>"


class Connection(Record):
    """A database that the script has given a name; `kind` is its scheme."""

    name: str
    url: str

    @property
    def kind(self) -> str:
        return self.url.partition(":")[0].lower()


def _read_connection(text: str) -> Connection:
    name, arrow, url = text.partition(_ARROW)
    name, url = name.strip(), url.strip()
    if not arrow or not name or ":" not in url:
        raise ValueError(f'"{text}" is not name=>URL, such as cb=>mysql://user:pw@localhost/db')
    return Connection(name, url)


def _read_mode(mode: int) -> int:
    if mode not in (0, 1, 2):
        raise ValueError(f"connect_mode is 0, 1 or 2, not {mode}")
    return mode


def _read_size(size: int) -> int:
    if size < 1:
        raise ValueError(f"it is more than 0, not {size}")
    return size


_NO_CONNECTIONS: Final[list[Connection]] = []
_NO_NAMES: Final[list[str]] = []

_sqlcon = mod.param(
    "sqlcon", str, _NO_CONNECTIONS, convert=_read_connection, repeatable=True,
    doc="name=>URL of a database",
)  # fmt: skip
_connect_mode = mod.param(
    "connect_mode", int, 0, convert=_read_mode,
    doc="0, 1: ask each database at the start, and say so if it is not there; 2: do not",
)  # fmt: skip
log_buf_size = mod.param(
    "log_buf_size", int, 128, convert=_read_size, doc="longest part of a query in the log"
)
mod.param(
    "sqlres", str, _NO_NAMES, repeatable=True, meaning=Meaning.IGNORED,
    doc="results need no declaration",
)  # fmt: skip
mod.param("tr_buf_size", int, 2048, meaning=Meaning.IGNORED, doc="texts have no bound")
mod.param("results_maxsize", int, 32, meaning=Meaning.IGNORED, doc="results belong to a message")


def connection_names(parameters: Mapping[tuple[str, str], Any]) -> frozenset[str]:
    """The names of all connections, of what the script sets parameters to."""
    found: list[Connection] = parameters.get((mod.name, "sqlcon"), _NO_CONNECTIONS)
    return frozenset(each.name for each in found)


def connection(program: Program, name: str) -> tuple[Connection, Database]:
    """The connection of this name, the last of several. The script was checked to have it."""
    found = next(each for each in reversed(_sqlcon(program)) if each.name == name)
    return found, database(program, found.url, mod.name)


@mod.on_start
def _start(program: Program) -> None:
    for each in _sqlcon(program):
        opened = database(program, each.url, mod.name)
        if _connect_mode(program) != 2:
            at_first(program, lambda opened=opened: opened.run("select 1"), f"sqlops: {each.name}")  # type: ignore[misc]


# --- results -----------------------------------------------------------------------------------


class Kept(Record):
    """What a message has of queries: results by name, rows changed by connection."""

    results: Mapping[str, Answer]
    changed: Mapping[str, int]


_NOTHING: Final = Kept({}, {})


def kept(ctx: Context) -> Kept:
    found: Kept = _NOTHING if ctx.extras is None else ctx.extras.of_modules.get(mod.name, _NOTHING)
    return found


def keep(
    ctx: Context, *, result: tuple[str, Answer] | None, changed: tuple[str, int] | None
) -> None:
    """Keep a result, or how many rows a query has changed, for the variables."""
    before = kept(ctx)
    extras(ctx).of_modules[mod.name] = Kept(
        before.results if result is None else {**before.results, result[0]: result[1]},
        before.changed if changed is None else {**before.changed, changed[0]: changed[1]},
    )


def script_value(value: Value) -> int | str | None:
    """What a script sees of a column: numbers and texts; a time is in seconds since 1970."""
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, Moment):
        return seconds_of(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return str(value)
