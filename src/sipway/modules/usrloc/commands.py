"""Commands on registrations: ul.dump, ul.lookup, ul.add, ul.rm and their kin.

Source: README of usrloc, RPC Commands; what it leaves open was tried on Kamailio 5.6.3.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple

from sipway.core.commands import CommandError, Named
from sipway.core.program import Program
from sipway.errors import DatabaseError
from sipway.modules.usrloc._module import DB_ONLY, WRITE_THROUGH, db_mode, locations, mod
from sipway.modules.usrloc.answers import Answers, answers
from sipway.modules.usrloc.contact import FOREVER, NO_Q, Contact
from sipway.modules.usrloc.database import mirror_of, rows_of
from sipway.modules.usrloc.locations import Location
from sipway.modules.usrloc.records import Records, records

_NO_TABLE: Final = "Domain table not found"
_NO_AOR: Final = "AOR not found"
_NOT_SET: Final = "[not set]"
_CALL_ID: Final = b"dfjrewr12386fd6-343@kamailio.rpc"
_AGENT: Final = b"sipway - RPC"
_LONGEST: Final = 2**31 - 1
_SLICE: Final = 100
_NOT_GIVEN: Final = ("", "0", ".")
_NO_DATABASE: Final = "Command is not supported in db_mode=0"
_USAGE_OF_COUNTS: Final = (500, "Not enough parameters (table to lookup)")


class _Known(NamedTuple):
    """What is known of contacts besides what they say of themselves.

    answers  from their answers, to our own requests and to nathelper's
    state    as Kamailio calls it: whether the database has them as they are
    """

    answers: tuple[Answers, ...]
    state: str


def _known(program: Program) -> _Known:
    is_written = db_mode(program) in (WRITE_THROUGH, DB_ONLY)
    return _Known(
        (answers(program, mod.name), answers(program, "nathelper")),
        "CS_SYNC" if is_written else "CS_NEW",
    )


def _table(program: Program, name: str) -> Location:
    for each in locations(program):
        if each.name == name:
            return each
    raise CommandError(500, _NO_TABLE)


def _now(program: Program) -> int:
    return int(program.now())


def _text(value: bytes, absent: str = _NOT_SET) -> str:
    return value.decode("utf-8", "surrogateescape") if value else absent


def _shown(contact: Contact, now: int, known: _Known) -> dict[str, Any]:
    answered = next(filter(None, (each.of(contact.ruid) for each in known.answers)), None)
    if contact.expires == FOREVER:
        expires: int | str = "permanent"
    else:
        expires = contact.expires - now if contact.is_valid(now) else "expired"
    return {
        "Address": _text(contact.uri),
        "Expires": expires,
        "Q": -1 if contact.q == NO_Q else contact.q / 1000,
        "Call-ID": _text(contact.call_id),
        "CSeq": contact.cseq,
        "User-Agent": _text(contact.user_agent),
        "Received": _text(contact.received),
        "Path": _text(contact.path),
        "State": known.state,
        "Flags": contact.flags,
        "CFlags": contact.cflags,
        "Socket": _text(contact.socket),
        "Methods": contact.methods,
        "Ruid": _text(contact.ruid),
        "Instance": _text(contact.instance),
        "Reg-Id": contact.reg_id,
        "Server-Id": contact.server_id,
        "Tcpconn-Id": contact.connection or -1,
        "Keepalive": contact.keepalive if answered is None else int(not answered.asked),
        "Last-Keepalive": contact.modified if answered is None else int(answered.last),
        "KA-Roundtrip": 0 if answered is None else answered.roundtrip,
        "Last-Modified": contact.modified,
    }


def _contacts(table: Location, contacts: list[Contact], now: int, known: _Known) -> Named:
    return Named(("Contact", _shown(each, now, known)) for each in table.ordered(contacts))


@mod.rpc("ul.dump", large=True)
async def dump(program: Program, *brief: str) -> dict[str, Any]:
    """Lists all contacts, or with `brief` only whose they are."""
    now = _now(program)
    known = _known(program)
    domains = Named()
    for table in locations(program):
        users = Named()
        for number, (key, contacts) in enumerate(table.entries(), 1):
            if number % _SLICE == 0:
                await asyncio.sleep(0)  # calls go on meanwhile
            aor = _text(key, "")
            if brief and brief[0] == "brief":
                users.append(("AoR", aor))
                continue
            shown = {"AoR": aor, "HashID": 0, "Contacts": _contacts(table, contacts, now, known)}
            users.append(("Info", shown))
        of_table = {
            "Domain": table.name,
            "Size": len(table),
            "AoRs": users,
            "Stats": {"Records": len(users), "Max-Slots": 0},
        }
        domains.append(("Domain", of_table))
    return {"Domains": domains}


@asynccontextmanager
async def _changing(program: Program, name: str, aor: str) -> AsyncIterator[Location]:
    """The contacts of a user, in the store or in a database; what is changed is kept at the end."""
    known = records(program)
    if known is None:
        yield _table(program, name)
        program.shared.store.commit()
        return
    async with known.turn(name, aor):
        location = await _known_table(known, name, aor)
        before = location.get(aor)
        yield location
        await known.write(name, aor, before, location.get(aor))


async def _known_table(known: Records, name: str, aor: str) -> Location:
    if name not in known.names:
        raise CommandError(500, _NO_TABLE)
    return await known.of(name, aor)


@mod.rpc("ul.lookup", usage=(500, "Not enough parameters (table and AOR to lookup)"))
async def lookup(program: Program, table: str, aor: str) -> dict[str, Any]:
    """Lists the contacts of a user: table, address-of-record."""
    known = records(program)
    try:
        found = _table(program, table) if known is None else await _known_table(known, table, aor)
    except DatabaseError as error:
        raise CommandError(500, f"Database error: {error.message}") from None
    now = _now(program)
    contacts = [each for each in found.get(aor) if each.is_valid(now)]
    if not contacts:
        raise CommandError(500, "AOR not found in location table")
    return {"AoR": aor, "Contacts": _contacts(found, contacts, now, _known(program))}


@mod.rpc("ul.rm", usage=(500, "Not enough parameters (table and AOR to lookup)"))
async def remove(program: Program, table: str, aor: str) -> None:
    """Forgets a user with all contacts: table, address-of-record."""
    try:
        async with _changing(program, table, aor) as found:
            found.remove(aor)
    except DatabaseError as error:
        raise CommandError(500, f"Failed to delete AOR: {error.message}") from None


@mod.rpc("ul.rm_contact", usage=(500, "Not enough parameters (table, AOR and contact)"))
async def remove_contact(program: Program, table: str, aor: str, contact: str) -> None:
    """Forgets one contact: table, address-of-record, URI of the contact."""
    uri = contact.encode("utf-8", "surrogateescape")
    try:
        async with _changing(program, table, aor) as found:
            contacts = found.get(aor)
            if not contacts:
                raise CommandError(404, _NO_AOR)
            left = [each for each in contacts if each.uri != uri]
            if len(left) == len(contacts):
                raise CommandError(404, "Contact not found")
            for each in contacts:
                if each.uri == uri and each.instance:
                    found.forget(each.ruid)
            found.put(aor, left, len(contacts))
    except DatabaseError as error:
        raise CommandError(500, f"Failed to delete contact: {error.message}") from None


@mod.rpc("ul.flush")
async def flush(program: Program) -> None:
    """Has all that is in memory written to where it outlives the server."""
    program.shared.store.commit()
    mirror = mirror_of(program)
    if mirror is not None and not await mirror.write():
        raise CommandError(500, "Not everything could be written to the database")


class _Ids:
    """Makes the ids of contacts that are added by hand."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def next(self, now: int) -> bytes:
        return b"ulcx-%x-%x-%x" % (now, os.getpid(), next(self._numbers))


@mod.rpc("ul.add", usage=(500, "Not enough parameters or wrong format"))
async def add(
    program: Program,
    table: str,
    aor: str,
    contact: str,
    expires: int,
    q: float,
    path: str = "",
    flags: int = 0,
    cflags: int = 0,
    methods: int = 0xFFFFFFFF,
    received: str = "",
    socket: str = "",
) -> None:
    """Adds a contact: table, address-of-record, URI, expires, q, path, flags, cflags, methods ...

    ... received, socket. `.` or `0` stand for a text that is not set.
    """
    if not 0 <= expires <= _LONGEST or not 0 <= q <= 1:
        raise CommandError(500, "Not enough parameters or wrong format")
    if records(program) is None:
        locations(program).table(table)
    now = _now(program)
    uri = contact.encode("utf-8", "surrogateescape")
    made = Contact(
        uri,
        now + expires if expires else FOREVER,
        q=round(q * 1000),
        call_id=_CALL_ID,
        cseq=1,
        user_agent=_AGENT,
        path=_given(path),
        received=_given(received),
        socket=_given(socket),
        ruid=program.shared.of_module(f"{mod.name}:ids", _Ids).next(now),
        flags=flags & 0xFFFFFFFF,
        cflags=cflags & 0xFFFFFFFF,
        methods=methods & 0xFFFFFFFF or 0xFFFFFFFF,
        modified=now,
    )
    try:
        async with _changing(program, table, aor) as found:
            before = found.get(aor)
            left = [each for each in before if each.uri != uri]
            found.put(aor, [made, *left], len(before))
    except DatabaseError as error:
        raise CommandError(500, f"Failed to add the contact: {error.message}") from None


def _given(text: str) -> bytes:
    return b"" if text in _NOT_GIVEN else text.encode("utf-8", "surrogateescape")


@mod.rpc("ul.db_users", usage=_USAGE_OF_COUNTS)
async def count_users(program: Program, table: str) -> int:
    """How many users of a table of the database have contacts that have not expired."""
    return await _count(program, table, "AoR", users=True)


@mod.rpc("ul.db_contacts", usage=_USAGE_OF_COUNTS)
async def count_contacts(program: Program, table: str) -> int:
    """How many contacts of a table of the database have not expired."""
    return await _count(program, table, "contact")


@mod.rpc("ul.db_expired_contacts", usage=_USAGE_OF_COUNTS)
async def count_expired(program: Program, table: str) -> int:
    """How many contacts of a table of the database have expired."""
    return await _count(program, table, "contact", expired=True)


async def _count(
    program: Program, table: str, what: str, *, users: bool = False, expired: bool = False
) -> int:
    rows = rows_of(program)
    if rows is None:
        raise CommandError(500, _NO_DATABASE)
    try:
        return await rows.count(table, _now(program), users=users, expired=expired)
    except DatabaseError as error:
        raise CommandError(500, f"Failed to query {what} count: {error.message}") from None
