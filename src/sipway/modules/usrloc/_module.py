"""The module usrloc: its parameters, its tables, the sweep for what has expired.

Source: README of Kamailio's module usrloc. Contacts live in the store of the server
(`sipway.stores`), so that they are there again after a restart whatever `db_mode` says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from sipway.core import log as levels
from sipway.core.module import Module
from sipway.core.parameters.conversions import between
from sipway.core.program import Program
from sipway.core.statistics import Statistics, statistics, statistics_of
from sipway.errors import StoreError
from sipway.language.record import Record
from sipway.language.signatures import Meaning
from sipway.modules.usrloc.contact import Contact
from sipway.modules.usrloc.locations import Location, Locations
from sipway.stores.interface import Store
from sipway.stores.memory import MemoryStore

mod: Final = Module("usrloc")

# Between two slices of a sweep: whoever waits for an answer goes first.
_PAUSE: Final = 0.002


_NO_FLAG: Final = -1
_NO_NAME: Final[str | None] = None

_nat_bflag = mod.param(
    "nat_bflag",
    int,
    _NO_FLAG,
    convert=between(-1, 31),
    doc="the branch flag of contacts behind NAT",
)
use_domain = mod.param(
    "use_domain", int, 0, doc="users are told apart by their domain too, not by their name only"
)
desc_time_order = mod.param(
    "desc_time_order", int, 0, doc="the newest contact first, whatever the q values"
)
timer_interval = mod.param(
    "timer_interval", int, 60, convert=between(1, 86_400), doc="seconds between two sweeps"
)
_matching_mode = mod.param(
    "matching_mode",
    int,
    0,
    convert=between(0, 3),
    doc="when two contacts are the same: 0 by URI, 1 by URI and Call-ID, 2 by URI and Path,"
    " 3 by Call-ID",
)
_cseq_delay = mod.param(
    "cseq_delay",
    int,
    20,
    convert=between(0, 86_400),
    doc="seconds in which the same Call-ID and CSeq again is a retransmission",
)
_xavp_contact = mod.param(
    "xavp_contact", str, _NO_NAME, doc="the $xavp that is kept with a contact"
)


NO_DB: Final = 0
WRITE_THROUGH: Final = 1
WRITE_BACK: Final = 2
DB_ONLY: Final = 3
DB_READONLY: Final = 4

DB_MODE: Final = (mod.name, "db_mode")

db_mode = mod.param(
    "db_mode",
    int,
    NO_DB,
    convert=between(NO_DB, DB_READONLY),
    doc="0: no database; 1: each change is written at once; 2: every timer_interval; 3: nothing is"
    " kept outside the database; 4: it is read at the start",
)
preload = mod.param(
    "preload", str, "", repeatable=True, doc="a table that the script does not name itself"
)

for _name, _number in {
    "fetch_rows": 2000,
    "hash_size": 10,
    "timer_procs": 0,
    "load_rank": 1,
}.items():
    mod.param(
        _name, int, _number, meaning=Meaning.IGNORED, doc="of Kamailio's processes and memory"
    )


class Settings(Record):
    """What the parameters say, for the modules that work with contacts."""

    use_domain: bool
    matching_mode: int
    cseq_delay: int
    nat_flag: int
    xavp_contact: str | None


def settings(program: Program) -> Settings:
    """Read when a module starts, not for each message."""
    flag = _nat_bflag(program)
    return Settings(
        bool(use_domain(program)),
        _matching_mode(program),
        _cseq_delay(program),
        0 if flag < 0 else 1 << flag,
        _xavp_contact(program),
    )


def locations(program: Program) -> Locations:
    """The tables of the server that a Program runs in. Raises StoreError.

    They are empty where contacts are in a database and nowhere else (`records`).
    """
    shared = program.shared

    def make(store: Store) -> Locations:
        def count(table: Location) -> None:
            _count(table, statistics_of(shared), program.settings.stats_name_separator)

        return Locations(store, bool(desc_time_order(program)), count)

    if db_mode(program) == DB_ONLY:
        return shared.of_module(f"{mod.name}:nothing", lambda: make(MemoryStore()))
    return shared.of_module(mod.name, lambda: make(shared.store))


def _count(table: Location, counters: Statistics, separator: str) -> None:
    """The statistics of a table, as `$stat(location_users)` has them."""
    for what, read, description in (
        ("users", table.__len__, "users with contacts"),
        ("contacts", lambda: table.contacts, "contacts"),
        ("expires", lambda: table.expired, "contacts that have expired"),
    ):
        counters.add_computed(mod.name, f"{table.name}{separator}{what}", read, description)


class _Watchers:
    """Who is told of contacts that have expired: (table, key, contact)."""

    def __init__(self) -> None:
        self.told: list[Callable[[str, bytes, Contact], None]] = []


def watch_expired(program: Program, told: Callable[[str, bytes, Contact], None]) -> None:
    """Have `told` called with the table, the address-of-record and the contact."""
    program.shared.of_module(f"{mod.name}:watchers", _Watchers).told.append(told)


def tell_expired(program: Program, table: str, key: bytes, contact: Contact) -> None:
    """Tell of a contact that has gone without its phone having asked for it."""
    for told in program.shared.of_module(f"{mod.name}:watchers", _Watchers).told:
        told(table, key, contact)


def watches_expired(program: Program) -> bool:
    """Whether anybody wants to be told."""
    return bool(program.shared.of_module(f"{mod.name}:watchers", _Watchers).told)


@mod.on_start
def _start(program: Program) -> None:
    found = locations(program)
    statistics(program).add_computed(
        mod.name,
        "registered_users",
        lambda: sum(len(each) for each in found),
        "users with contacts, of all tables",
    )
    for name in preload(program):
        found.table(name)
    program.services.append(lambda: _sweep(program))


async def _sweep(program: Program) -> None:
    """Look at all contacts, a few at a time, again and again.

    What is wrong with the store is said once, and again when it comes back.
    """
    interval = timer_interval(program)
    said: set[str] = set()
    while True:
        troubles = set()
        for table in locations(program):
            try:
                await _sweep_table(program, table)
            except StoreError as error:
                troubles.add(str(error))
        for each in sorted(troubles - said):
            program.log.line(levels.ERR, f"usrloc: {each}")
        said = troubles
        await asyncio.sleep(interval)


async def _sweep_table(program: Program, table: Location) -> None:
    """One round. Raises StoreError: the next one goes on where this one ended."""

    def tell(key: bytes, contact: Contact) -> None:
        tell_expired(program, table.name, key, contact)

    more = True
    while more:
        more = table.sweep(_now(program), tell)
        for each in table.take_troubles():
            program.log.line(levels.ERR, f"usrloc: {each}")
        program.shared.store.commit()
        if more:
            await asyncio.sleep(_PAUSE)


def _now(program: Program) -> int:
    assert program.clock is not None, "services run where there is a clock"
    return int(program.clock())
