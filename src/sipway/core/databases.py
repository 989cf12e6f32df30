"""The databases that a script's modules ask, by their URLs, and what is read before serving.

    _db_url = mod.param("db_url", str, "mysql://kamailio:kamailiorw@localhost/kamailio")

    @mod.on_start
    def _start(program: Program) -> None:
        table = Table(program, _db_url(program), "address", 6, module=mod.name)
        at_first(program, lambda: _load(program, table), "the table address")

All modules that name a URL share one database. A kind of database is known when the script has
loaded its module (`db_mysql` for `mysql://`), as in Kamailio; those start before all others. What
is asked while requests wait is asked by coroutines, so nobody else waits.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from itertools import chain, repeat
from typing import Any, Final

from sipway.core import log as levels
from sipway.core.log import Log
from sipway.core.program import Program
from sipway.errors import DatabaseError, ModuleError
from sipway.stores.databases import (
    Answer,
    AtOnce,
    Condition,
    Database,
    DatabaseUrl,
    Row,
    Value,
    read_url,
)
from sipway.stores.databases.guard import Guard

Open = Callable[[DatabaseUrl, Guard], Database]
"""Makes a database of a URL; it connects when it is first asked."""

Load = Callable[[], Coroutine[Any, Any, object]]

USUAL_URL: Final = "mysql://kamailioro:kamailioro@localhost/kamailio"
"""What modules that only read ask, as in Kamailio, where a script names nothing else."""

_MODULE_OF: Final = {
    "mysql": "db_mysql",
    "postgres": "db_postgres",
    "sqlite": "db_sqlite",
    "text": "db_text",
}
_MOST_VERSIONS: Final = 1024
_FIRST_SECONDS: Final = 10.0
_LAST_SECONDS: Final = 5.0
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,20}")
_LARGEST: Final = 0x7FFFFFFF
_NO_CHARACTER: Final = re.compile("[\ud800-\udfff]")
_RETRIES: Final = (1.0, 2.0, 5.0, 10.0, 30.0)


class Databases:
    """The open databases of a worker, by URL; they outlive a changed script."""

    def __init__(self) -> None:
        self.drivers: dict[str, tuple[Open, float]] = {}
        self.first: list[tuple[Load, str]] = []
        self.last: list[tuple[Load, str]] = []
        self.open: dict[str, Database] = {}
        self.versions: set[tuple[str, str, int]] = set()

    async def close(self) -> None:
        """Let go of all connections."""
        for each in self.open.values():
            await each.close()


def databases(program: Program) -> Databases:
    return program.shared.of_module("databases", Databases)


def add_driver(program: Program, scheme: str, open: Open, seconds: float) -> None:  # noqa: A002
    """Say how databases of a kind are opened, and how long each statement may take."""
    databases(program).drivers[scheme] = (open, seconds)


def database(program: Program, url: str, module: str) -> Database:
    """The database of a URL that `module` was given. Raises ModuleError, for what it says why."""
    known = databases(program)
    found = known.open.get(url)
    if found is not None:
        return found
    try:
        parts = read_url(url)
        driver = known.drivers.get(parts.scheme)
        if driver is None:
            raise _no_driver(module, parts.scheme)
        opener, seconds = driver
        made = known.open[url] = opener(
            parts, Guard(parts.shown, seconds, lambda ok, line: _say(program.log, ok, line))
        )
    except DatabaseError as error:
        raise ModuleError(f"{module}: {error.message}", hint=error.hint) from None
    return made


def _no_driver(module: str, scheme: str) -> ModuleError:
    by = _MODULE_OF.get(scheme)
    if by is None:
        known = ", ".join(f"{each}://" for each in _MODULE_OF)
        return ModuleError(f"{module}: there are no {scheme}:// databases, only {known}")
    return ModuleError(
        f"{module} is given a {scheme}:// URL, and {by} is not loaded",
        hint=f'loadmodule "{by}.so"',
    )


def _say(log: Log, is_there: bool, line: str) -> None:
    log.line(levels.NOTICE if is_there else levels.ERR, f"database {line}")


class Table:
    """A table of Kamailio's schema, whose version is looked up in the table `version` once.

    Raises DatabaseError, with the reason, when the version is another than `version`, and looks
    again the next time; None is for tables that have none.
    """

    def __init__(
        self, program: Program, url: str, name: str, version: int | None, *, module: str
    ) -> None:
        self.name = name
        self.database = database(program, url, module)
        self._version = version
        self._versions = databases(program).versions
        self._key = (url, name, version or 0)
        self._version_table = program.settings.version_table
        self._log = program.log

    async def select(
        self,
        columns: Sequence[str],
        where: Sequence[Condition] = (),
        *,
        order: str | None = None,
        limit: int | None = None,
    ) -> list[Row]:
        await self._check()
        return await self.database.select(self.name, columns, where, order=order, limit=limit)

    async def find(
        self,
        function: str,
        columns: Sequence[str],
        where: Sequence[Condition],
        *,
        order: str | None = None,
        limit: int | None = None,
    ) -> list[Row] | None:
        """The rows that a message asks for with `function` of a script.

        None when the database cannot be asked, which is said once. Bytes that are no characters,
        which peers may send, are in no row.
        """
        if not all(can_be_stored(each.value) for each in where):
            return []
        try:
            if limit == 1 and order is None and all(map(_is_key, where)):
                keys = tuple([each.column for each in where])
                row = await self.first(tuple(columns), keys, tuple([each.value for each in where]))
                return [] if row is None else [row]
            return await self.select(columns, where, order=order, limit=limit)
        except DatabaseError as error:
            self._log.once(levels.ERR, f"{function}(): {error}")
            return None

    async def first(
        self, columns: tuple[str, ...], keys: tuple[str, ...], values: tuple[Value, ...]
    ) -> Row | None:
        """As `Database.first`."""
        if self._version is not None and self._key not in self._versions:
            await self._check()
        return await self.database.first(self.name, columns, keys, values)

    def first_at_once(self, columns: tuple[str, ...], keys: tuple[str, ...]) -> AtOnce | None:
        """As `Database.first_at_once`; None too before the version is known to be right."""
        if self._version is not None and self._key not in self._versions:
            return None
        return self.database.first_at_once(self.name, columns, keys)

    async def insert(self, *rows: Mapping[str, Value]) -> None:
        await self._check()
        await self.database.insert(self.name, *rows)

    async def update(self, changes: Mapping[str, Value], where: Sequence[Condition] = ()) -> int:
        await self._check()
        return await self.database.update(self.name, changes, where)

    async def replace(self, row: Mapping[str, Value], keys: Sequence[str]) -> None:
        await self._check()
        await self.database.replace(self.name, row, keys)

    async def delete(self, where: Sequence[Condition] = ()) -> int:
        await self._check()
        return await self.database.delete(self.name, where)

    async def run(self, sql: str, values: Sequence[Value] = ()) -> Answer:
        await self._check()
        return await self.database.run(sql, values)

    async def _check(self) -> None:
        if self._version is None or self._key in self._versions:
            return
        rows = await self.database.select(
            self._version_table, ["table_version"], [Condition("table_name", self.name)]
        )
        found = rows[0][0] if rows else None
        if not _is_number(found, self._version):
            shown = text_of(found)
            has = "has no version" if shown is None else f"is of version {shown:.20}"
            raise DatabaseError(
                f"{self.database.shown}: the table {self.name} {has}, {self._version} is wanted",
                hint=f"the table {self._version_table} says so",
            )
        if len(self._versions) >= _MOST_VERSIONS:  # scripts may take names from messages
            self._versions.clear()
        self._versions.add(self._key)


def _is_key(condition: Condition) -> bool:
    return condition.operator == "=" and condition.value is not None


def text_of(value: Value) -> str | None:
    """What a column holds as text, None for a null."""
    if value is None:
        return None
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)


def number_of(value: Value) -> int:
    """What a column holds as a number of a script, of 32 bits. Raises ValueError."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = text_of(value)
    if text is None:
        raise ValueError("a number is missing")
    if _NUMBER.fullmatch(text) is None or not -_LARGEST - 1 <= int(text) <= _LARGEST:
        raise ValueError(f'"{text:.40}" is no number')
    return int(text)


def _is_number(value: Value, number: int) -> bool:
    try:
        return number_of(value) == number
    except ValueError:
        return False


def can_be_stored(value: Value) -> bool:
    """Whether it can stand in a column: not a text that holds no characters, or ends too early."""
    if not isinstance(value, str):
        return True
    return "\0" not in value and (value.isascii() or _NO_CHARACTER.search(value) is None)


def at_first(program: Program, load: Load, what: str) -> None:
    """Have `load` run before anything is served.

    It may raise DatabaseError: then that is said, it is served without, and `load` is tried
    again until it succeeds.
    """
    databases(program).first.append((load, what))


async def prepare(program: Program) -> None:
    """Run what is to be run before serving, all at once; whoever takes too long goes on later."""
    known = databases(program)
    loads, known.first = known.first, []
    if not loads:
        return
    tasks = {asyncio.create_task(_load(program.log, *each)): each for each in loads}
    _, late = await asyncio.wait(tasks, timeout=_FIRST_SECONDS)
    for task in late:
        task.cancel()
    again = [each for task, each in tasks.items() if task in late or not task.result()]
    for task in late:
        program.log.line(levels.ERR, f"{tasks[task][1]} takes too long, serving without it")
    for each in again:
        program.services.append(partial(_again, program.log, *each))


def at_last(program: Program, save: Load, what: str) -> None:
    """Have `save` run when nothing is served any more. That it raises DatabaseError is said."""
    databases(program).last.append((save, what))


async def finish(program: Program) -> None:
    """Run what is to be run at the end, and let go of all databases, within a few seconds."""
    known = databases(program)
    saves, known.last = known.last, []
    try:
        async with asyncio.timeout(_LAST_SECONDS):
            for save, what in saves:
                try:
                    await save()
                except DatabaseError as error:
                    program.log.line(levels.ERR, f"{what} cannot be written: {error}")
            await known.close()
    except TimeoutError:
        program.log.line(levels.ERR, "databases take too long, ending without them")


async def _load(log: Log, load: Load, what: str) -> bool:
    try:
        await load()
    except DatabaseError as error:
        log.line(levels.ERR, f"{what} cannot be read: {error}")
        return False
    return True


async def _again(log: Log, load: Load, what: str) -> None:
    """Try until it succeeds, less and less often."""
    for seconds in chain(_RETRIES, repeat(_RETRIES[-1])):
        await asyncio.sleep(seconds)
        try:
            await load()
        except DatabaseError:
            continue
        log.line(levels.NOTICE, f"{what} has been read")
        return
