"""What is known of addresses and peers: read before the first message comes, and by commands.

All is read before it takes the place of what was known, so there is no gap. It outlives a changed
script, whose own tables are read when it starts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from sipway.core import log as levels
from sipway.core.commands import CommandError
from sipway.core.databases import Table, at_first, number_of, text_of
from sipway.core.program import Program
from sipway.errors import DatabaseError, ModuleError
from sipway.modules.permissions._module import (
    ADDRESSES,
    TRUSTED,
    address_file,
    address_table,
    db_mode,
    db_url,
    from_col,
    grp_col,
    ip_addr_col,
    load_backends,
    mask_col,
    max_subnets,
    mod,
    path_of,
    peer_tag_avp,
    port_col,
    priority_col,
    proto_col,
    reload_delta,
    ruri_col,
    source_col,
    subnet_match_mode,
    tag_col,
    trusted_table,
)
from sipway.modules.permissions.address_file import read_addresses
from sipway.modules.permissions.addresses import Addresses, AddressRecord
from sipway.modules.permissions.trusted import Peers, TrustedRow
from sipway.stores.databases import Condition, Row, Value

_VERSION: Final = 6


class State:
    """`addresses` and `peers` are None as long as nothing has been read.

    table     the table of trusted peers, where they are asked for one by one
    tag_avp   the AVP for tags
    """

    def __init__(self) -> None:
        self.addresses: Addresses | None = None
        self.peers: Peers | None = None
        self.table: Table | None = None
        self.tag_avp: str | None = None
        self.reloaded: float | None = None
        self.load_addresses: Callable[[], Awaitable[None]] | None = None
        self.load_peers: Callable[[], Awaitable[None]] | None = None


def state(program: Program) -> State:
    return program.shared.of_module(mod.name, State)


@mod.on_start
def _start(program: Program) -> None:
    known = state(program)
    known.tag_avp = peer_tag_avp(program)
    known.load_addresses = known.load_peers = known.table = None
    if load_backends(program) & ADDRESSES:
        _start_addresses(program, known)
    if known.load_addresses is None:
        known.addresses = None  # of a script that had some
    if load_backends(program) & TRUSTED and db_url(program):
        _start_peers(program, known)


# --- addresses ---------------------------------------------------------------------------------


def _start_addresses(program: Program, known: State) -> None:
    if address_file(program):
        path = path_of(program, address_file(program))

        async def read_file() -> None:
            try:
                records = await asyncio.to_thread(read_addresses, path)
            except ModuleError as error:
                raise DatabaseError(error.message, hint=error.hint) from error
            _take(program, known, await asyncio.to_thread(_made, program, records))

        _take(program, known, _made(program, read_addresses(path)))
        known.load_addresses = read_file
    elif db_url(program):
        table = Table(program, db_url(program), address_table(program), _VERSION, module=mod.name)

        async def read_table() -> None:
            columns = [
                each(program) for each in (grp_col, ip_addr_col, mask_col, port_col, tag_col)
            ]
            rows = await table.select(columns)
            _take(program, known, await asyncio.to_thread(_of_rows, program, rows, table.name))

        known.load_addresses = read_table
        at_first(program, read_table, f"permissions: the table {table.name}")


def _made(program: Program, records: list[AddressRecord]) -> Addresses:
    """Ready to be looked in; it may take a while, in a thread of its own."""
    return Addresses(records, max_subnets(program), longest=subnet_match_mode(program) == 1)


def _take(program: Program, known: State, made: Addresses) -> None:
    known.addresses = made
    if made.left_out:
        program.log.line(
            levels.ERR,
            f"permissions: {made.left_out} networks are left out: max_subnets is"
            f" {max_subnets(program)}",
        )
    if made.odd:
        program.log.line(
            levels.WARN,
            f"permissions: {made.odd[0]!a:.60} is neither an address nor a name, and"
            f" {len(made.odd) - 1} others are neither; a network has its length in a column of its"
            " own",
        )


def _of_rows(program: Program, rows: list[Row], table: str) -> Addresses:
    """Raises DatabaseError for a row that cannot be."""
    records = []
    for row in rows:
        try:
            group, address, mask, port, tag = row
            if address is None:
                raise ValueError("an address is missing")
            records.append(
                AddressRecord(
                    number_of(group),
                    text_of(address) or "",
                    number_of(mask),
                    number_of(port),
                    text_of(tag),
                )
            )
        except ValueError as error:
            raise DatabaseError(f"the table {table}: {error} ({_shown(row)})") from None
    try:
        return _made(program, records)
    except ValueError as error:
        raise DatabaseError(f"the table {table}: {error}") from None


def _shown(row: Row) -> str:
    return ", ".join(str(each) for each in row)


# --- trusted peers -----------------------------------------------------------------------------


def _start_peers(program: Program, known: State) -> None:
    table = Table(program, db_url(program), trusted_table(program), _VERSION, module=mod.name)
    if not db_mode(program):
        known.table = table
        return

    async def read() -> None:
        columns = [source_col(program), *_columns(program), priority_col(program)]
        rows = await table.select(columns)
        try:
            known.peers = await asyncio.to_thread(
                lambda: Peers(_trusted_row(row[0], row[1:5], row[5]) for row in rows)
            )
        except ValueError as error:
            raise DatabaseError(f"the table {table.name}: {error}") from None

    known.load_peers = read
    at_first(program, read, f"permissions: the table {table.name}")


def _columns(program: Program) -> list[str]:
    return [each(program) for each in (proto_col, from_col, ruri_col, tag_col)]


async def rows_of(program: Program, table: Table, source: str) -> list[TrustedRow]:
    """The rules for a source, asked of the database; none if that cannot be, which is said."""
    rows = await table.find(
        "allow_trusted",
        _columns(program),
        [Condition(source_col(program), source)],
        order=priority_col(program),
    )
    return [_trusted_row(source, row, 0) for row in rows or ()]


def _trusted_row(source: Value, row: Row, priority: Value) -> TrustedRow:
    """Raises ValueError for a row that cannot be; without a priority it has that of 0."""
    name = text_of(source)
    if name is None:
        raise ValueError("a source is missing")
    protocol, from_pattern, ruri_pattern, tag = map(text_of, row)
    number = 0 if priority is None else number_of(priority)
    return TrustedRow(name, protocol, from_pattern, ruri_pattern, tag, number)


# --- by commands -------------------------------------------------------------------------------


async def reload(program: Program, load: Callable[[], Awaitable[None]] | None) -> str:
    """Read again, unless that was done a moment ago. Raises CommandError."""
    known = state(program)
    now = program.now()
    if known.reloaded is not None and 0 <= now - known.reloaded < reload_delta(program):
        raise CommandError(500, "ongoing reload")
    known.reloaded = now
    if load is None:
        raise CommandError(500, "Reload failed.")
    try:
        await load()
    except DatabaseError as error:
        raise CommandError(500, f"Reload failed. {error}") from error
    return "Reload OK"
