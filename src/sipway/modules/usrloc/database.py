"""usrloc with a database: `db_mode` and the parameters around it.

With 1 and 2 the store of the server has the contacts as it has with 0, and the table of a database
is kept like it (`mirror`), so that what Kamailio wrote is found here, and the other way round. With
4 the table is read and never written. With 3 the table alone has them (`records`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any, Final

from sipway.core import log as levels
from sipway.core.databases import at_first, at_last
from sipway.core.module import Param
from sipway.core.program import Program
from sipway.errors import DatabaseError
from sipway.language.signatures import Meaning
from sipway.modules.usrloc._module import (
    DB_ONLY,
    DB_READONLY,
    NO_DB,
    WRITE_THROUGH,
    db_mode,
    desc_time_order,
    locations,
    mod,
    preload,
    settings,
    timer_interval,
    use_domain,
)
from sipway.modules.usrloc.location_rows import LocationRows
from sipway.modules.usrloc.locations import Location
from sipway.modules.usrloc.mirror import Mirror
from sipway.modules.usrloc.records import Records, set_records
from sipway.modules.usrloc.rows import COLUMNS, VERSION, Layout

_USUAL: Final = "location"


def _natural(number: int) -> int:
    if number < 0:
        raise ValueError(f"it is 0 or more, not {number}")
    return number


def _type(number: int) -> int:
    if number not in (0, 1):
        raise ValueError(f"expires_type is 0, times, or 1, numbers; not {number}")
    return number


_db_url = mod.param(
    "db_url", str, "mysql://kamailio:kamailiorw@localhost/kamailio", doc="URL of the database"
)
_columns: Final = {
    name: mod.param(
        f"{'user' if name == 'username' else name}_column",
        str,
        name,
        doc=f"how the column {name} is called",
    )
    for name in COLUMNS
}
_expires_type = mod.param(
    "expires_type", int, 0, convert=_type, doc="1: times are numbers in the database"
)
_db_load = mod.param("db_load", int, 1, doc="read the database at the start")
_server_id_filter = mod.param(
    "server_id_filter", int, 0, doc="read only what this server has written"
)
_db_timer_clean = mod.param(
    "db_timer_clean",
    int,
    0,
    doc="with db_mode 1 and 2: remove what has expired, whoever has written it",
)
_rm_expired_delay = mod.param(
    "rm_expired_delay",
    int,
    0,
    convert=_natural,
    doc="seconds that rows stay when they have expired",
)
_skip_remote_socket = mod.param(
    "skip_remote_socket", int, 0, doc="leave out what came by a socket that this server has not"
)
_version_table = mod.param(
    "version_table", int, 1, doc="0: the version of the table is not looked at"
)
for _name, _default, _what in (
    ("db_insert_update", 0, "a row is changed, or added"),
    ("db_check_update", 0, "a row that is not there is added"),
    ("db_ops_ruid", 1, "rows are found by ruid"),
    ("db_raw_fetch_type", 0, "rows come in one go"),
    ("db_insert_null", 0, "what has no value is null"),
):
    mod.param(_name, int, _default, meaning=Meaning.IGNORED, doc=_what)
_db_update_as_insert = mod.param(
    "db_update_as_insert", int, 0, doc="a change adds a row, for tables without a key"
)
_db_clean_tcp = mod.param(
    "db_clean_tcp", int, 0, doc="contacts that came by a connection are removed at the start"
)


# Among the parameters of the Program: what they come to is read as one of them.
_rows: Final[Param[Any]] = Param(mod.name, "rows", None)
_mirror: Final[Param[Any]] = Param(mod.name, "mirror", None)


def rows_of(program: Program) -> LocationRows | None:
    """The tables of the database, None with `db_mode` 0."""
    found: LocationRows | None = _rows(program)
    return found


def mirror_of(program: Program) -> Mirror | None:
    """What keeps the tables of a database like the store, None where nothing does."""
    found: Mirror | None = _mirror(program)
    return found


@mod.on_start
def _start(program: Program) -> None:
    mode = db_mode(program)
    if mode == NO_DB:
        return
    rows = LocationRows(
        program,
        _db_url(program),
        Layout(
            {name: column(program) for name, column in _columns.items()},
            bool(_expires_type(program)),
            bool(use_domain(program)),
        ),
        VERSION if _version_table(program) else None,
        module=mod.name,
        keeps_attributes=settings(program).xavp_contact is not None,
        only_inserts=bool(_db_update_as_insert(program)),
        sockets=frozenset(each.text.encode() for each in program.sockets)
        if _skip_remote_socket(program)
        else None,
    )
    program.parameters[_rows.key] = rows
    names = dict.fromkeys((_USUAL, *preload(program)))
    for name in names:
        rows.table(name)  # so that a URL that is none is told at the start
    if mode == DB_ONLY:
        _keep_there(program, rows, names)
    else:
        _keep_here(program, rows, names, mode)


def _server_id(program: Program) -> int | None:
    """Of this server, where only its own contacts are wanted."""
    return (program.settings.server_id or 0) if _server_id_filter(program) else None


def _keep_there(program: Program, rows: LocationRows, names: Iterable[str]) -> None:
    """Nothing is kept here, so the tables of the server stay empty."""
    for name in names:
        locations(program).table(name)
    known = Records(rows, bool(desc_time_order(program)))
    known.names.update(dict.fromkeys(names))
    set_records(program, known)
    delay = _rm_expired_delay(program)

    async def remove(name: str) -> None:
        await known.remove_expired(program, name, delay, _server_id(program))

    program.services.append(
        lambda: _every(program, timer_interval(program), lambda: list(known.names), remove)
    )


def _keep_here(program: Program, rows: LocationRows, names: dict[str, None], mode: int) -> None:
    """The store has the contacts; the database is read at the start, and written if that may be."""
    found = locations(program)
    mirror = Mirror(
        program,
        found,
        rows,
        server_id=_server_id(program),
        cleans_connections=bool(_db_clean_tcp(program)),
    )
    writes = mode != DB_READONLY
    loads = bool(_db_load(program)) or not writes
    known: set[str] = set()

    def begin(location: Location) -> None:
        if writes:
            location.on_change = mirror.note
        if location.name in known:
            return
        known.add(location.name)
        if not loads:
            return
        load = partial(mirror.load, location.name)
        if location.name in names:
            at_first(program, load, f"the table {location.name}")
        elif program.spawn is not None:  # one that the script has named just now
            program.spawn(_load_late(program, location.name, mirror))

    for name in names:
        found.table(name)
    found.tell_of_tables(begin)
    if not writes:
        return
    program.parameters[_mirror.key] = mirror
    interval = timer_interval(program)
    if mode == WRITE_THROUGH:
        program.services.append(mirror.write_as_noted)
    else:
        program.services.append(lambda: mirror.write_every(interval))
    if _db_timer_clean(program):

        async def remove(name: str) -> None:
            await mirror.remove_expired(name, _rm_expired_delay(program))

        program.services.append(
            lambda: _every(program, interval, lambda: [each.name for each in found], remove)
        )
    at_last(program, mirror.write_all, "contacts")


async def _load_late(program: Program, name: str, mirror: Mirror) -> None:
    try:
        await mirror.load(name)
    except DatabaseError as error:
        program.log.line(levels.ERR, f"usrloc: the table {name} cannot be read: {error}")


async def _every(
    program: Program,
    interval: int,
    names: Callable[[], Iterable[str]],
    work: Callable[[str], Awaitable[None]],
) -> None:
    """Do some work on each table from time to time; what goes wrong is said once."""
    said: set[str] = set()
    while True:
        await asyncio.sleep(interval)
        troubles = set()
        for name in names():
            try:
                await work(name)
            except DatabaseError as error:
                troubles.add(str(error))
        for each in sorted(troubles - said):
            program.log.line(levels.ERR, f"usrloc: {each}")
        said = troubles
