"""Where sets come from: read from the file or the table, and put in the place of the old ones.

Source: README of dispatcher, sections 3.1 to 3.8, 3.42 to 3.44 and 4.16. Everything is read before
anything is changed; whatever is wrong leaves the sets as they are, and says where it stands.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.core.databases import Table, at_first
from sipway.core.module import Param
from sipway.core.program import Program
from sipway.core.send_socket import find_socket, named_socket
from sipway.core.sockets import ListenSocket
from sipway.errors import DatabaseError, ModuleError
from sipway.modules.dispatcher._module import (
    Settings,
    attrs_col,
    attrs_none,
    db_url,
    destination_col,
    extra_attrs,
    flags_col,
    hash_check_interval,
    list_file,
    load_mode,
    mod,
    priority_col,
    read_settings,
    reload_delta,
    retain_latency,
    setid_col,
    table_name,
)
from sipway.modules.dispatcher.board import Board, board, kept, set_board
from sipway.modules.dispatcher.destinations import Attributes, Destination, Line, read_attributes
from sipway.modules.dispatcher.list_file import Entry, Mistake, Read, read_file
from sipway.modules.dispatcher.names import look_up_with_load
from sipway.modules.dispatcher.sets import Sets
from sipway.stores.databases import Value

_VERSION: Final = 4
_NONE: Final = "none=yes"
_SHOWN: Final = 10
_SLICE: Final = 100
_LARGEST: Final = 2**31 - 1
_ATTRIBUTES_FIELD: Final = 4

_table: Final[Param[Table | None]] = Param(mod.name, "table", None)


class LoadError(Exception):
    """Nothing was loaded; the text says why."""


# --- destinations from what was read -----------------------------------------------------------


def _own_socket(program: Program, attributes: Attributes) -> ListenSocket | None:
    """The socket that the attributes name. Raises ValueError if it is none of ours."""
    if attributes.sockname:
        found = named_socket(program.sockets, attributes.sockname)
        if found is None:
            raise ValueError(f"no socket of ours is called {attributes.sockname:.40}")
        return found
    return _named(program, attributes.socket)


def _named(program: Program, text: str) -> ListenSocket | None:
    if not text:
        return None
    found = find_socket(program.sockets, text)
    if found is None:
        raise ValueError(f"none of our sockets is {text:.60}")
    return found


def make(program: Program, entry: Entry, settings: Settings, odd: list[Mistake]) -> Destination:
    """The destination of a line. Raises LoadError with the place of what is wrong."""
    text = entry.line.attributes or (_NONE if attrs_none(program) else "")
    try:
        attributes, strange = read_attributes(text)
        socket = _own_socket(program, attributes) or settings.default_socket
        ping_socket = _named(program, attributes.ping_socket) or settings.ping_socket
    except ValueError as error:
        raise LoadError(str(entry.mistake(str(error), _ATTRIBUTES_FIELD))) from None
    odd += [entry.mistake(each, _ATTRIBUTES_FIELD) for each in strange]
    try:
        made = Destination(entry.line, attributes)
    except ValueError as error:
        raise LoadError(str(entry.mistake(str(error)))) from None
    made.socket = socket
    made.ping_socket = ping_socket
    return made


class _Making:
    """Destinations of all that was read, a few at a time: who calls meanwhile goes first."""

    def __init__(self, program: Program, read: Read, settings: Settings) -> None:
        self._program = program
        self._settings = settings
        self._entries = read.entries
        self._found: list[Destination] = []
        self._odd = list(read.odd)
        self._wrong = [str(each) for each in read.wrong]

    def _add(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            try:
                self._found.append(make(self._program, entry, self._settings, self._odd))
            except LoadError as error:
                self._wrong.append(str(error))

    def _finish(self) -> list[Destination]:
        """Raises LoadError; what is odd, or left out, is logged."""
        if self._wrong and load_mode(self._program):
            raise LoadError("\n".join(self._wrong[:_SHOWN]))
        _log_few(self._program, levels.WARN, [str(each) for each in self._odd], "")
        _log_few(self._program, levels.ERR, self._wrong, ": the destination is left out")
        return self._found

    def at_once(self) -> list[Destination]:
        """Before the server serves. Raises LoadError."""
        self._add(self._entries)
        return self._finish()

    async def between_calls(self) -> list[Destination]:
        """Raises LoadError."""
        for at in range(0, len(self._entries), _SLICE):
            self._add(self._entries[at : at + _SLICE])
            await asyncio.sleep(0)
        return self._finish()


def _log_few(program: Program, level: int, lines: list[str], more: str) -> None:
    for each in lines[:_SHOWN]:
        program.log.line(level, f"dispatcher: {each}{more}")
    if len(lines) > _SHOWN:
        program.log.line(level, f"dispatcher: and {len(lines) - _SHOWN} more of this kind")


# --- file and table ----------------------------------------------------------------------------


def _read_file(program: Program) -> Read:
    """Raises LoadError."""
    name = list_file(program)
    path = Path(program.path).parent / name
    if not name:
        raise LoadError("list_file is empty")
    try:
        read = read_file(path)
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else error
        raise LoadError(f"the list {path} cannot be read: {said}") from None
    if read.broken:
        raise LoadError("\n".join(str(each) for each in read.broken[:_SHOWN]))
    return read


def _columns(program: Program) -> list[str]:
    named = (setid_col, destination_col, flags_col, priority_col, attrs_col)
    return [each(program) for each in named] + [each[1] for each in extra_attrs(program)]


def _text(value: Value) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return "" if value is None else str(value)


async def _read_table(program: Program, table: Table) -> Read:
    """Raises DatabaseError."""
    rows = await table.select(_columns(program))
    read = Read([], [], [], [])
    names = [each[0] for each in extra_attrs(program)]
    for number, (group, uri, flags, priority, attributes, *more) in enumerate(rows, 1):
        where = f"table {table.name}, row {number} ({_text(uri)})"
        try:
            values = [int(each or 0) for each in (group, flags, priority)]
            if not all(abs(each) <= _LARGEST for each in values) or values[0] < 0:
                raise ValueError
        except ValueError:
            read.wrong.append(Mistake(where, "set, flags and priority are numbers"))
            continue
        parts = [_text(attributes).strip().rstrip(";")]
        parts += [
            f"{name}={_text(value)}"
            for name, value in zip(names, more, strict=True)
            if value is not None and value != ""
        ]
        line = Line(values[0], _text(uri), values[1], values[2], ";".join(filter(None, parts)))
        read.entries.append(Entry(line, where, 0, ()))
    return read


# --- loaded ------------------------------------------------------------------------------------


async def load(program: Program) -> None:
    """Read all anew, and swap. Raises LoadError; then the sets stay as they are."""
    here = board(program)
    table = _table(program)
    try:
        if table is None:
            read = await asyncio.to_thread(_read_file, program)
        else:
            read = await _read_table(program, table)
    except DatabaseError as error:
        raise LoadError(str(error)) from None
    made = await _Making(program, read, here.settings).between_calls()
    if retain_latency(program):
        _keep_latencies(made, here.sets)
    _swap(here, made)


def _keep_latencies(destinations: Iterable[Destination], before: Sets) -> None:
    for each in destinations:
        old = before.find(each.group, each.uri)
        if old is not None:
            each.latency = old.latency


def _swap(here: Board, destinations: Iterable[Destination]) -> None:
    here.swap(Sets(destinations, here.sets))
    look_up_with_load(here.program, here.sets.destinations())


async def _load_table(program: Program) -> None:
    """Before serving. Raises DatabaseError."""
    table = _table(program)
    assert table is not None
    here = board(program)
    read = await _read_table(program, table)
    try:
        made = _Making(program, read, here.settings).at_once()
    except LoadError as error:
        raise DatabaseError(str(error)) from None
    _swap(here, with_states(made, kept(program).sets))


def with_states(destinations: list[Destination], before: Sets) -> list[Destination]:
    """With what has become of them while the script was another one."""
    for each in destinations:
        old = before.find(each.group, each.uri)
        if old is not None:
            each.go_on_from(old)
    return destinations


@mod.on_start
def _start(program: Program) -> None:
    """Raises ModuleError."""
    settings = read_settings(program)
    url = db_url(program)
    before = kept(program).sets
    if url is not None:
        table = Table(program, url, table_name(program), _VERSION, module=mod.name)
        program.parameters[_table.key] = table
        set_board(program, Board(program, settings, before))
        at_first(program, lambda: _load_table(program), f"the table {table.name}")
    else:
        try:
            made = _Making(program, _read_file(program), settings).at_once()
        except LoadError as error:
            raise ModuleError(f"dispatcher: {error}") from None
        sets = Sets(with_states(made, before), before)
        set_board(program, Board(program, settings, sets))
    if settings.counts_calls:
        interval = hash_check_interval(program)
        program.services.append(lambda: _expire(program, interval))


async def _expire(program: Program, interval: int) -> None:
    """Forget calls that nobody has ended."""
    here = board(program)
    while True:
        await asyncio.sleep(interval)
        count = here.calls.expire(program.now())
        if count:
            here.tell(
                levels.INFO, f"{count} calls were not ended in time and do not count any more"
            )


# --- reloaded ----------------------------------------------------------------------------------


async def reload(program: Program, now: float) -> None:
    """As `load`, but not while another one goes on, nor sooner than `reload_delta` allows.

    Raises LoadError.
    """
    here = board(program)
    begin(here, now)
    here.is_reloading = True
    try:
        await load(program)
    finally:
        here.is_reloading = False


def begin(here: Board, now: float) -> None:
    """Say that something changes the sets now. Raises LoadError if it may not."""
    if here.is_reloading:
        raise LoadError("a reload goes on already")
    delta = reload_delta(here.program)
    if here.reloaded is not None and 0 <= now - here.reloaded < delta:
        left = delta - (now - here.reloaded)
        raise LoadError(
            f"there was a reload just now, the next may be in {left:.0f} s (reload_delta)"
        )
    here.reloaded = now


def add(program: Program, line: Line) -> None:
    """One more destination, until the next reload. Raises LoadError."""
    here = board(program)
    odd: list[Mistake] = []
    made = make(program, Entry(line, line.uri, 0, ()), here.settings, odd)
    _log_few(program, levels.WARN, [str(each) for each in odd], "")
    _swap(here, [*here.sets.added, made])


def remove(program: Program, group: int, uri: str) -> None:
    """Without a destination, until the next reload."""
    here = board(program)
    left = [each for each in here.sets.added if each.group != group or each.uri != uri]
    _swap(here, left)


@mod.function("ds_reload", may_wait=True)
async def ds_reload(ctx: Context) -> int:
    """Read the file, or the table, anew. Returns 1; -1 if it cannot be read, or too soon."""
    try:
        await reload(ctx.program, ctx.now)
    except LoadError as error:
        board(ctx.program).error(f"ds_reload(): {error}")
        return -1
    return 1
