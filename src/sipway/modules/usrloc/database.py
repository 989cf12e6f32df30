"""usrloc with a database: `db_mode` and the parameters around it.

The store of the server keeps contacts whatever `db_mode` says; 1 and 2 keep the table of a database
like it (`mirror`), so that what Kamailio wrote is found here, and the other way round.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, Final

from sipway.core import log as levels
from sipway.core.databases import at_first, at_last
from sipway.core.program import Program
from sipway.errors import DatabaseError
from sipway.language.signatures import Meaning
from sipway.modules.usrloc._module import locations, mod, preload, timer_interval, use_domain
from sipway.modules.usrloc.locations import Location
from sipway.modules.usrloc.mirror import Mirror
from sipway.modules.usrloc.rows import COLUMNS, VERSION, Layout

NO_DB: Final = 0
WRITE_THROUGH: Final = 1
WRITE_BACK: Final = 2

_USUAL: Final = "location"


def _mode(mode: int) -> int:
    if mode == 3:
        raise ValueError(
            "db_mode 3, without anything in memory, is not there yet; 1 writes each change at once"
        )
    if mode not in (NO_DB, WRITE_THROUGH, WRITE_BACK):
        raise ValueError(f"db_mode is 0 to 3, not {mode}")
    return mode


def _natural(number: int) -> int:
    if number < 0:
        raise ValueError(f"it is 0 or more, not {number}")
    return number


def _type(number: int) -> int:
    if number not in (0, 1):
        raise ValueError(f"expires_type is 0, times, or 1, numbers; not {number}")
    return number


_db_mode = mod.param(
    "db_mode", int, NO_DB, convert=_mode,
    doc="0: no database; 1: each change is written at once; 2: every timer_interval",
)  # fmt: skip
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
    "db_timer_clean", int, 0, doc="remove what has expired, whoever has written it"
)
_rm_expired_delay = mod.param(
    "rm_expired_delay", int, 0, convert=_natural, doc="seconds after which db_timer_clean does so"
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
for _name, _default, _what in (
    ("db_update_as_insert", 0, "rows are changed, not added again"),
    ("db_clean_tcp", 0, "rows of connections stay until they expire"),
):
    mod.param(_name, int, _default, meaning=Meaning.LATER, doc=_what)


@mod.on_start
def _start(program: Program) -> None:
    mode = _db_mode(program)
    if mode == NO_DB:
        return
    layout = Layout(
        {name: column(program) for name, column in _columns.items()},
        bool(_expires_type(program)),
        bool(use_domain(program)),
    )
    found = locations(program)
    mirror = Mirror(
        program,
        found,
        _db_url(program),
        layout,
        VERSION if _version_table(program) else None,
        mod.name,
        program.settings.server_id or 0 if _server_id_filter(program) else None,
        frozenset(each.text.encode() for each in program.sockets)
        if _skip_remote_socket(program)
        else None,
    )
    first = dict.fromkeys((_USUAL, *preload(program)))
    known: set[str] = set()
    loads = bool(_db_load(program))

    def begin(location: Location) -> None:
        location.on_change = mirror.note
        if location.name in known:
            return
        known.add(location.name)
        if not loads:
            return
        load = partial(mirror.load, location.name)
        if location.name in first:
            at_first(program, load, f"the table {location.name}")
        elif program.spawn is not None:  # one that the script has named just now
            program.spawn(_load_late(program, location.name, mirror))

    for name in first:
        mirror.table(name)  # so that a URL that is none is told at the start
        found.table(name)
    found.tell_of_tables(begin)
    interval = timer_interval(program)
    if mode == WRITE_THROUGH:
        program.services.append(mirror.write_as_noted)
    else:
        program.services.append(lambda: mirror.write_every(interval))
    if _db_timer_clean(program):
        program.services.append(lambda: _clean(program, mirror, interval))
    at_last(program, mirror.write_all, "contacts")


async def _load_late(program: Program, name: str, mirror: Mirror) -> None:
    try:
        await mirror.load(name)
    except DatabaseError as error:
        program.log.line(levels.ERR, f"usrloc: the table {name} cannot be read: {error}")


async def _clean(program: Program, mirror: Mirror, interval: int) -> Any:
    while True:
        await asyncio.sleep(interval)
        for table in locations(program):
            try:
                await mirror.remove_expired(table.name, _rm_expired_delay(program))
            except DatabaseError as error:
                program.log.line(levels.ERR, f"usrloc: {error}")
