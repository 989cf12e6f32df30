"""The contacts in the tables of a database, read and written row by row.

All raise DatabaseError, with the reason, where the database does not do it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from sipway.core import log as levels
from sipway.core.databases import Table
from sipway.core.program import Program
from sipway.errors import DatabaseDownError, DatabaseError
from sipway.modules.usrloc.attribute_rows import READ, SUFFIX, attribute_rows_of, attributes_of
from sipway.modules.usrloc.contact import Contact
from sipway.modules.usrloc.rows import Layout, contact_of, row_of, user_of
from sipway.stores.databases import Condition

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ATTRIBUTE_COLUMNS: Final = ("username", "domain", "ruid")


class Found(NamedTuple):
    """A contact, and the address-of-record that it is of."""

    aor: str
    contact: Contact


class LocationRows:
    """The tables of one database.

    version           of the tables of contacts, None if it does not matter (`version_table`)
    keeps_attributes  the tables of attributes are read and written too (`xavp_contact`)
    only_inserts      a change adds a row, as `db_update_as_insert` has it
    sockets           those of this server, if contacts of others do not count
                      (`skip_remote_socket`)
    """

    def __init__(
        self,
        program: Program,
        url: str,
        layout: Layout,
        version: int | None,
        *,
        module: str,
        keeps_attributes: bool = False,
        only_inserts: bool = False,
        sockets: frozenset[bytes] | None = None,
    ) -> None:
        self.layout = layout
        self._program = program
        self._url = url
        self._version = version
        self._module = module
        self._keeps_attributes = keeps_attributes
        self._only_inserts = only_inserts
        self._sockets = sockets
        self._tables: dict[str, Table] = {}
        self._said = False

    def table(self, name: str) -> Table:
        return self._table(name, self._version)

    def _table(self, name: str, version: int | None) -> Table:
        found = self._tables.get(name)
        if found is None:
            found = self._tables[name] = Table(
                self._program, self._url, name, version, module=self._module
            )
        return found

    def _attributes(self, name: str) -> Table:
        return self._table(f"{name}{SUFFIX}", None)

    def is_wanted(self, contact: Contact) -> bool:
        """Whether a contact counts here: it came by a socket of ours, or nobody knows by which."""
        return self._sockets is None or not contact.socket or contact.socket in self._sockets

    def of_user(self, aor: str) -> list[Condition]:
        """What the rows of an address-of-record have."""
        user, domain = user_of(aor, self.layout)
        columns = self.layout.columns
        found = [Condition(columns["username"], user)]
        if self.layout.domains:
            found.append(Condition(columns["domain"], domain))
        return found

    def of_contact(self, ruid: bytes) -> list[Condition]:
        """What the row of a contact has."""
        return [Condition(self.layout.columns["ruid"], ruid.decode("utf-8", "surrogateescape"))]

    def of_expired(self, before: int, server_id: int | None) -> list[Condition]:
        """What the rows have that expired before a time, of one server if there is an id."""
        columns, time = self.layout.columns, self.layout.time
        found = [
            Condition(columns["expires"], time(before), "<"),
            Condition(columns["expires"], time(0), ">"),
        ]
        if server_id is not None:
            found.append(Condition(columns["server_id"], server_id))
        return found

    async def read(
        self,
        name: str,
        where: Sequence[Condition] = (),
        *,
        of: str | None = None,
        skipped: Callable[[int], None] = lambda _: None,
    ) -> list[Found]:
        """The contacts of a table, as the database has them in order.

        `of` is whose these are, where that is known. `skipped` is told how many rows are no
        contacts, if there are such.
        """
        latest = await self._contacts(name, where, of, skipped)
        if self._keeps_attributes and latest:
            await self._read_attributes(name, where, latest)
        return list(latest.values())

    async def _contacts(
        self,
        name: str,
        where: Sequence[Condition],
        of: str | None = None,
        skipped: Callable[[int], None] = lambda _: None,
    ) -> dict[bytes, Found]:
        """By their ids."""
        rows = await self.table(name).select(self.layout.read, where)
        made = [
            each for each in (contact_of(row, self.layout, of) for row in rows) if each is not None
        ]
        if len(made) < len(rows):
            skipped(len(rows) - len(made))
        latest: dict[bytes, Found] = {}
        for aor, contact in made:
            known = latest.get(contact.ruid)
            # With `db_update_as_insert` there is a row for each change.
            if known is None or known.contact.modified <= contact.modified:
                latest[contact.ruid] = Found(aor, contact)
        return latest

    async def _read_attributes(
        self, name: str, where: Sequence[Condition], latest: dict[bytes, Found]
    ) -> None:
        names = {self.layout.columns[each]: each for each in _ATTRIBUTE_COLUMNS}
        wanted = [
            Condition(names[each.column], each.value) for each in where if each.column in names
        ]
        try:
            rows = await self._attributes(name).select(READ, wanted)
        except DatabaseDownError:
            raise
        except DatabaseError as error:
            self._tell(f"attributes of contacts cannot be read: {error.message}")
            return
        for ruid, attributes in attributes_of(rows).items():
            found = latest.get(ruid)
            if found is not None:
                found.contact.attributes = attributes

    async def write(self, name: str, aor: str, contact: Contact) -> None:
        """Have the row of a contact say what it is now."""
        table, row = self.table(name), row_of(aor, contact, self.layout)
        if self._only_inserts:
            await table.insert(row)
        else:
            await table.replace(row, [self.layout.columns["ruid"]])
        if self._keeps_attributes:
            await self._write_attributes(name, aor, contact)

    async def _write_attributes(self, name: str, aor: str, contact: Contact) -> None:
        """The contact counts without them, as in Kamailio."""
        table, rows = self._attributes(name), attribute_rows_of(aor, contact, self.layout)
        try:
            await self._remove_attributes(name, contact.ruid)
            if rows:
                await table.insert(*rows)
        except DatabaseDownError:
            raise
        except DatabaseError as error:
            self._tell(f"attributes of contacts cannot be written: {error.message}")

    async def remove(self, name: str, ruid: bytes) -> None:
        """Remove the row of a contact."""
        await self.table(name).delete(self.of_contact(ruid))
        await self.remove_attributes(name, ruid)

    async def remove_attributes(self, name: str, ruid: bytes) -> None:
        """Remove what was kept with a contact that has gone."""
        if not self._keeps_attributes:
            return
        try:
            await self._remove_attributes(name, ruid)
        except DatabaseDownError:
            raise
        except DatabaseError as error:
            self._tell(f"attributes of contacts cannot be removed: {error.message}")

    async def _remove_attributes(self, name: str, ruid: bytes) -> None:
        text = ruid.decode("utf-8", "surrogateescape")
        await self._attributes(name).delete([Condition("ruid", text)])

    async def remove_expired(
        self,
        name: str,
        before: int,
        server_id: int | None,
        told: Callable[[Found], None] | None = None,
    ) -> None:
        """Remove the rows that expired before a time; `told` is told of each that has gone."""
        where = self.of_expired(before, server_id)
        gone: dict[bytes, Found] = {}
        if told is not None or self._keeps_attributes:
            gone = await self._contacts(name, where)
            if not gone:
                return
        await self.table(name).delete(where)
        for ruid, found in gone.items():
            await self.remove_attributes(name, ruid)
            if told is not None:
                told(found)

    async def count(self, name: str, now: int, *, users: bool, expired: bool) -> int:
        """How many contacts, or users with such, of a table have expired or have not."""
        columns, time = self.layout.columns, self.layout.time
        expires = columns["expires"]
        wanted = [columns["username"], columns["domain"]]
        for each in (name, expires, *wanted):
            if _NAME.fullmatch(each) is None:
                raise DatabaseError(f'"{each:.100}" is no name of a table or a column')
        if expired:
            where = f"{expires} <= ? and {expires} > ?"
        else:
            where = f"({expires} > ? or {expires} <= ?)"
        what = f"select distinct {', '.join(wanted)}" if users else f"select {expires}"
        found = await self.table(name).database.run(
            f"select count(*) from ({what} from {name} where {where}) as found",
            [time(now), time(0)],
        )
        return int(found.rows[0][0] or 0)

    def _tell(self, reason: str) -> None:
        """Say what the script's owner has to mend, once."""
        if not self._said:
            self._said = True
            self._program.log.line(levels.ERR, f"usrloc: {reason}")
