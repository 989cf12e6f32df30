"""Contacts that are in a database and nowhere else: `db_mode` 3.

Whoever asks for the contacts of a user gets a `Location` of his own with what the database says at
that moment, works on that as on any other, and has what has changed written before he answers. So
what somebody else writes into the table is seen at the next request, and nothing is said to be
kept that is not. Requests that change the contacts of the same user take turns.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from sipway.core.databases import can_be_stored
from sipway.core.module import Param
from sipway.core.program import Program
from sipway.errors import DatabaseDownError, DatabaseError
from sipway.modules.usrloc._module import mod, tell_expired, watches_expired
from sipway.modules.usrloc.contact import Contact
from sipway.modules.usrloc.location_rows import Found, LocationRows
from sipway.modules.usrloc.locations import Location, key_of
from sipway.modules.usrloc.mirror import same
from sipway.stores.memory import MemoryTable

MOST_WAITING: Final = 32
"""So many requests at a time may want to change the contacts of one user."""

_Turn = tuple[asyncio.Lock, list[int]]


class Records:
    """The contacts of all users in the tables of a database.

    `names` are the tables that there are, as far as is known: those that were asked for.

    All raise DatabaseError when the database cannot be asked.
    """

    def __init__(self, rows: LocationRows, newest_first: bool) -> None:
        self._rows = rows
        self._newest_first = newest_first
        self._turns: dict[tuple[str, str], _Turn] = {}
        self.names: dict[str, None] = {}

    async def of(self, table: str, aor: str) -> Location:
        """The contacts of a user."""
        self.names[table] = None
        if not can_be_stored(aor):
            return self.location(table)
        # Whether `Alice` is alice is the database's to say.
        found = await self._rows.read(table, self._rows.of_user(aor), of=aor)
        return self.location(table, found)

    async def of_contact(self, table: str, ruid: bytes) -> Location:
        """The one contact with an id, and whose it is."""
        found = await self._rows.read(table, self._rows.of_contact(ruid))
        return self.location(table, found)

    async def all(self, table: str) -> Location:
        """All contacts of a table."""
        return self.location(table, await self._rows.read(table))

    def location(self, table: str, found: Iterable[Found] = ()) -> Location:
        """A table of its own with these contacts, in their order."""
        location = Location(table, MemoryTable(), MemoryTable(), self._newest_first)
        contacts: dict[str, list[Contact]] = {}
        for aor, contact in found:
            if self._rows.is_wanted(contact):
                contacts.setdefault(aor, []).append(contact)
                location.remember(contact.ruid, aor)
        for aor, each in contacts.items():
            if self._newest_first:
                each.sort(key=lambda contact: -contact.modified)
            location.put(aor, location.ordered(each), 0)
        return location

    @asynccontextmanager
    async def turn(self, table: str, aor: str) -> AsyncIterator[None]:
        """Wait until nobody else changes the contacts of a user.

        Raises DatabaseDownError at once when many do so already: one after the other they would
        wait for a database that hangs.
        """
        key = (table, aor)
        lock, users = self._turns.setdefault(key, (asyncio.Lock(), [0]))
        if users[0] >= MOST_WAITING:
            raise DatabaseDownError(f"{users[0]} requests wait to change the contacts of a user")
        users[0] += 1
        try:
            async with lock:
                yield
        finally:
            users[0] -= 1
            if not users[0]:
                del self._turns[key]

    async def write(
        self, table: str, aor: str, before: Iterable[Contact], after: Iterable[Contact]
    ) -> None:
        """Have the table say what the contacts of a user are now, and were before.

        What is there is written first and what has gone removed last: whatever happens in between,
        no contact is lost. What the database refuses leaves all as it was.
        """
        old = {each.ruid: each for each in before}
        written: list[tuple[Contact, Contact | None]] = []
        try:
            for each in after:
                known = old.pop(each.ruid, None)
                if not same(each, known):
                    await self._rows.write(table, aor, each)
                    written.append((each, known))
            for ruid in old:
                await self._rows.remove(table, ruid)
        except DatabaseDownError:
            raise  # it is unknown what it has done, and it would do no more
        except DatabaseError:
            await self._take_back(table, aor, written)
            raise

    async def _take_back(
        self, table: str, aor: str, written: list[tuple[Contact, Contact | None]]
    ) -> None:
        for each, known in reversed(written):
            with suppress(DatabaseError):  # the first one is told
                if known is None:
                    await self._rows.remove(table, each.ruid)
                else:
                    await self._rows.write(table, aor, known)

    async def remove_expired(
        self, program: Program, table: str, seconds: int, server_id: int | None
    ) -> None:
        """Remove what expired so long ago, whoever has written it, and tell of it."""

        def told(found: Found) -> None:
            tell_expired(program, table, key_of(found.aor), found.contact)

        before = int(program.now()) - seconds
        watcher = told if watches_expired(program) else None
        await self._rows.remove_expired(table, before, server_id, watcher)


# Among the parameters of the Program: what they come to is read as one of them.
_records: Final[Param[Any]] = Param(mod.name, "records", None)


def set_records(program: Program, made: Records) -> None:
    """Have a Program look contacts up in a database each time."""
    program.parameters[_records.key] = made


def records(program: Program) -> Records | None:
    """Where the contacts are with `db_mode` 3; None with any other."""
    found: Records | None = _records(program)
    return found
