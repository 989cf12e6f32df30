"""The table `location` of a database, kept like the store, and the store read from it at the start.

`db_mode` 1 writes each change at once, 2 every `timer_interval` and at the end. Neither makes a
REGISTER wait: what has changed is noted, and written by a service; what cannot be written stays
noted until it can. What the store and the table say of the same contact at the start: the later
change holds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final

from sipway.core import log as levels
from sipway.core.program import Program
from sipway.errors import DatabaseDownError, DatabaseError, StoreError
from sipway.modules.usrloc.contact import MEMORY_ONLY, Contact
from sipway.modules.usrloc.location_rows import LocationRows
from sipway.modules.usrloc.locations import Location, Locations, aor_of_key
from sipway.stores.databases import Condition

# Users that are written at the same time, by as many connections.
_AT_ONCE: Final = 8
_RETRY_SECONDS: Final = 1.0
# Rows that are taken over from a database before others have their turn.
_SLICE: Final = 256


class Noted:
    """What is to be written of a user: ids of contacts that have gone, and of those to write."""

    __slots__ = ("changed", "gone")

    def __init__(self) -> None:
        self.gone: set[bytes] = set()
        self.changed: set[bytes] = set()


class Mirror:
    """The tables of a database that have the contacts of the store.

    server_id   of this server, if only its own contacts are wanted (`server_id_filter`)
    cleans_connections
                what came by a connection is removed before the table is read (`db_clean_tcp`)
    """

    def __init__(
        self,
        program: Program,
        locations: Locations,
        rows: LocationRows,
        server_id: int | None = None,
        *,
        cleans_connections: bool = False,
    ) -> None:
        self._program = program
        self._locations = locations
        self._rows = rows
        self._server_id = server_id
        self._cleans_connections = cleans_connections
        self._noted: dict[tuple[str, bytes], Noted] = {}
        self._wake = asyncio.Event()
        self._said = False

    def __len__(self) -> int:
        """The number of users of whom something is to be written."""
        return len(self._noted)

    def note(
        self, location: Location, key: bytes, before: list[Contact], after: list[Contact]
    ) -> None:
        """Note how the contacts of an entry have changed."""
        old = {each.ruid: each for each in before if not each.flags & MEMORY_ONLY}
        new = {each.ruid: each for each in after if not each.flags & MEMORY_ONLY}
        gone = old.keys() - new.keys()
        changed = {ruid for ruid, each in new.items() if not same(each, old.get(ruid))}
        if not gone and not changed:
            return
        noted = self._noted.setdefault((location.name, key), Noted())
        noted.gone |= gone
        noted.gone -= changed
        noted.changed -= gone
        noted.changed |= changed
        self._wake.set()

    # --- from the database -------------------------------------------------------------------

    async def load(self, name: str) -> None:
        """Take over the contacts of a table. Raises DatabaseError, nothing is taken over then."""
        where = []
        if self._server_id is not None:
            where.append(Condition(self._rows.layout.columns["server_id"], self._server_id))
        if self._cleans_connections:
            await self._clean_connections(name, where)
        rows = await self._rows.read(name, where, skipped=partial(self._tell_skipped, name))
        location = self._locations.table(name)
        found: dict[str, list[Contact]] = {}
        known: dict[bytes, int] = {}  # by ruid, when they were changed last
        for aor, contact in rows:
            known[contact.ruid] = contact.modified
            # What has expired too: the sweep removes it, tells of it, and its row goes.
            if self._rows.is_wanted(contact):
                found.setdefault(aor, []).append(contact)
        for number, (aor, contacts) in enumerate(found.items(), 1):
            self._take_over(location, aor, contacts)
            if not number % _SLICE:
                self._program.shared.store.commit()
                await asyncio.sleep(0)
        self._program.shared.store.commit()
        await self._note_missing(location, known)

    async def _clean_connections(self, name: str, where: list[Condition]) -> None:
        """Forget what came by connections: those have gone with the server that had them."""
        by_connection = Condition(self._rows.layout.columns["connection_id"], 0, ">")
        await self._rows.table(name).delete([*where, by_connection])
        location = self._locations.table(name)
        for key, contacts in location.entries():
            left = [each for each in contacts if not each.connection]
            if len(left) < len(contacts):
                location.replace(key, left, len(contacts))

    def _tell_skipped(self, name: str, count: int) -> None:
        self._program.log.line(
            levels.WARN, f"usrloc: {count} rows of the table {name} are no contacts"
        )

    async def _note_missing(self, location: Location, known: Mapping[bytes, int]) -> None:
        """Note what the store says and the table does not, or not yet."""
        key = b""
        while entries := location.after(key, _SLICE):
            for key, contacts in entries:
                changed = {
                    each.ruid
                    for each in contacts
                    if not each.flags & MEMORY_ONLY
                    and known.get(each.ruid, -1) < each.modified
                    and self._server_id in (None, each.server_id)
                }
                if changed:
                    self._noted.setdefault((location.name, key), Noted()).changed |= changed
                    self._wake.set()
            await asyncio.sleep(0)

    def _take_over(self, location: Location, aor: str, theirs: list[Contact]) -> None:
        """Bring together what store and database say of a user."""
        ours = {each.ruid: each for each in location.get(aor)}
        for each in theirs:
            known = ours.get(each.ruid)
            if known is None or known.modified < each.modified:
                ours[each.ruid] = each
                if each.instance:
                    location.remember(each.ruid, aor)
        contacts = sorted(ours.values(), key=lambda each: -each.modified)
        location.put_quietly(aor, contacts, len(location.get(aor)))

    # --- to the database ---------------------------------------------------------------------

    async def write_as_noted(self) -> None:
        """Write whatever is noted, as soon as it is, for as long as the server serves."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            if not await self.write():
                await asyncio.sleep(_RETRY_SECONDS)
                self._wake.set()

    async def write_every(self, seconds: int) -> None:
        """Write what is noted from time to time, for as long as the server serves."""
        while True:
            await asyncio.sleep(seconds)
            await self.write()

    async def write(self) -> bool:
        """Write what is noted; False if something could not be written, and is noted still."""
        noted, self._noted = self._noted, {}
        entries = iter(noted.items())
        try:
            done = await asyncio.gather(*(self._write_some(entries) for _ in range(_AT_ONCE)))
        finally:  # the end of the server may come in the middle of it
            for entry, rest in entries:
                self._note_again(entry, rest)
        return all(done)

    async def write_all(self) -> None:
        """Write what is noted, at the end. Raises DatabaseError if that cannot be done."""
        if not await self.write():
            raise DatabaseDownError(f"of {len(self)} users")

    async def _write_some(self, entries: Iterable[tuple[tuple[str, bytes], Noted]]) -> bool:
        fine = True
        for entry, noted in entries:
            try:
                await self._write_entry(entry, noted)
            except StoreError as error:  # of the database, or of the store that it is read from
                self._note_again(entry, noted)
                self._tell(f"contacts cannot be written: {error.message}")
                fine = False
            except BaseException:  # the end of the server
                self._note_again(entry, noted)
                raise
        if fine:
            self._said = False
        return fine

    def _note_again(self, entry: tuple[str, bytes], noted: Noted) -> None:
        """What was noted meanwhile is later, and holds."""
        now = self._noted.get(entry)
        if now is None:
            self._noted[entry] = noted
            return
        now.gone |= noted.gone - now.changed
        now.changed |= noted.changed - now.gone

    async def _write_entry(self, entry: tuple[str, bytes], noted: Noted) -> None:
        name, key = entry
        aor = aor_of_key(key)
        if aor is None:
            return  # longer than any column, and so nobody that a table could have
        for ruid in noted.gone:
            await self._rows.remove(name, ruid)
        for contact in self._locations.table(name).get(aor):
            if contact.ruid not in noted.changed:
                continue
            try:
                await self._rows.write(name, aor, contact)
            except DatabaseDownError:
                raise
            except DatabaseError as error:
                # It would be refused again and again; the store has it, and others follow.
                self._tell(f"a contact is refused: {error.message}")

    async def remove_expired(self, name: str, seconds: int) -> None:
        """Remove rows that expired so long ago, whoever has written them (`db_timer_clean`)."""
        before = int(self._program.now()) - seconds
        await self._rows.remove_expired(name, before, self._server_id)

    def _tell(self, reason: str) -> None:
        """Say that something goes wrong, once until it goes well again."""
        if not self._said:
            self._said = True
            self._program.log.line(levels.ERR, f"usrloc: {reason}")


def same(one: Contact, other: Contact | None) -> bool:
    """Whether a row says the same of both."""
    if other is None:
        return False
    return (
        one.expires == other.expires
        and one.modified == other.modified
        and one.cseq == other.cseq
        and one.cflags == other.cflags
        and one.q == other.q
        and one.uri == other.uri
        and one.received == other.received
        and one.call_id == other.call_id
        and one.keepalive == other.keepalive
        and one.attributes == other.attributes
    )
