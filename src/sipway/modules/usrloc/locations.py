"""The contacts of all users, table by table, over the store of the server.

A table (a "domain" in Kamailio's words, `location` mostly) holds for each address-of-record the
list of its contacts, the best first. Expired contacts are not there for whoever reads; they are
removed, and told of, by a sweep that looks at a few hundred entries at a time.

Compiled (see `locations.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from sipway.errors import StoreError
from sipway.modules.usrloc.contact import NO_Q, Contact
from sipway.modules.usrloc.encoding import decode, encode
from sipway.stores.interface import LONGEST_KEY

if TYPE_CHECKING:
    from sipway.stores.interface import Store, Table

    OnChange = Callable[["Location", bytes, list[Contact], list[Contact]], None]

# Entries that a sweep looks at before it lets others have their turn: about a millisecond.
SLICE: Final = 256

# How its tables are called in the store.
_PREFIX: Final = "usrloc:"
_OWNERS: Final = ":owners"

# So many entries are remembered as unreadable, to tell of each of them once.
_MOST_DAMAGED: Final = 1000

_DIGEST: Final = 20
_KEPT: Final = LONGEST_KEY - 2 * _DIGEST - 1


def key_of(aor: str) -> bytes:
    """The key of the store for an address-of-record, whatever its length."""
    key = aor.encode("utf-8", "surrogateescape")
    if len(key) >= LONGEST_KEY:
        digest = hashlib.blake2b(key, digest_size=_DIGEST).hexdigest().encode()
        return key[:_KEPT] + digest
    return b"\0" + key if not key or key[0] == 0 else key


def aor_of_key(key: bytes) -> str | None:
    """The address-of-record of a key; None for one that was too long to be kept whole."""
    if len(key) >= LONGEST_KEY - 1:
        return None
    return key.removeprefix(b"\0").decode("utf-8", "surrogateescape")


class Location:
    """One table of contacts.

    newest_first
               whether contacts are in the order of time, the newest first
    expired    how many contacts have expired, all in all
    contacts   how many contacts there are, once a first sweep has counted them
    on_change  called with the table, the key, the contacts before and those from now on; or None
    """

    def __init__(self, name: str, table: Table, owners: Table, newest_first: bool) -> None:
        self.name = name
        self._table = table
        self._owners = owners
        self.newest_first = newest_first
        self.expired = 0
        self.contacts = 0
        self.on_change: OnChange | None = None
        self._swept: bytes = b""
        self._damaged: set[bytes] = set()
        self._troubles: list[str] = []
        self._counted = 0  # contacts of this round of the sweep, up to the entry `_swept`

    def get(self, aor: str) -> list[Contact]:
        """The contacts, expired ones too, the best first. Raises StoreError."""
        value = self._table.get(key_of(aor))
        return [] if value is None else decode(value)

    def put(self, aor: str, contacts: list[Contact], before: int) -> None:
        """Keep these contacts and no others; there were so many before.

        Raises StoreError, nothing is changed then.
        """
        self._put(key_of(aor), contacts, before)

    def _put(self, key: bytes, contacts: list[Contact], before: int) -> None:
        if self.on_change is not None:
            self._tell_change(key, contacts)
        self._write(key, contacts, before)

    def _tell_change(self, key: bytes, contacts: list[Contact]) -> None:
        value = self._table.get(key)
        told = self.on_change
        assert told is not None
        told(self, key, [] if value is None else decode(value), contacts)

    def remove(self, aor: str) -> None:
        """Forget a user, even one whose entry cannot be read. Raises StoreError."""
        try:
            contacts = self.get(aor)
        except StoreError:
            contacts = []
            self._table.delete(key_of(aor))
        for each in contacts:
            if each.instance:
                self.forget(each.ruid)
        if contacts:
            self.put(aor, [], len(contacts))

    def put_quietly(self, aor: str, contacts: list[Contact], before: int) -> None:
        """As `put`, without a word to `on_change`."""
        self._write(key_of(aor), contacts, before)

    def _write(self, key: bytes, contacts: list[Contact], before: int) -> None:
        if contacts:
            self._table.put(key, encode(contacts))
        else:
            self._table.delete(key)
        self._count(key, len(contacts) - before)

    def _count(self, key: bytes, more: int) -> None:
        if more:
            self.contacts += more
            if key <= self._swept:
                self._counted += more

    def value_of(self, key: bytes) -> bytes | None:
        """What the store has for an address-of-record. Raises StoreError.

        `key` is the address-of-record in UTF-8, if that is not empty, does not begin with a zero
        byte and is shorter than `LONGEST_KEY`.
        """
        value: bytes | None = self._table.get(key)
        return value

    def put_value(self, key: bytes, value: bytes, more: int) -> None:
        """Keep what `contact.encode` or its kin have made; so many more contacts than before."""
        if self.on_change is not None:
            self._tell_change(key, decode(value))
        self._table.put(key, value)
        self._count(key, more)

    def replace(self, key: bytes, contacts: list[Contact], before: int) -> None:
        """As `put`, for an entry as `after` and `entries` give it."""
        self._put(key, contacts, before)

    def after(self, key: bytes, count: int) -> list[tuple[bytes, list[Contact]]]:
        """The next few entries behind a key, behind b"" the first ones. Raises StoreError."""
        return [
            (each, self._readable(each, value)) for each, value in self._table.after(key, count)
        ]

    def _readable(self, key: bytes, value: bytes) -> list[Contact]:
        """The contacts of an entry; none of one that nobody can read, which is told of once."""
        try:
            return decode(value)
        except StoreError as error:
            if key not in self._damaged and len(self._damaged) < _MOST_DAMAGED:
                self._damaged.add(key)
                user = key.removeprefix(b"\0").decode("utf-8", "replace")
                self._troubles.append(
                    f"the contacts of {user:.100} in the table {self.name} are left out:"
                    f" {error.message}"
                )
            return []

    def take_troubles(self) -> list[str]:
        """What is to be told of entries that cannot be read, each of them once."""
        found, self._troubles = self._troubles, []
        return found

    def remember(self, ruid: bytes, aor: str) -> None:
        """Let a contact be found by its id."""
        self._owners.put(ruid, aor.encode("utf-8", "surrogateescape"))

    def forget(self, ruid: bytes) -> None:
        self._owners.delete(ruid)

    def owner_of(self, ruid: bytes) -> str | None:
        """Whose contact it is that `remember` was told of."""
        found = self._owners.get(ruid) if 0 < len(ruid) < LONGEST_KEY else None
        return None if found is None else found.decode("utf-8", "surrogateescape")

    def ordered(self, contacts: list[Contact]) -> list[Contact]:
        """As they are tried: by q value, or as they are when `desc_time_order` says so."""
        return contacts if self.newest_first else sorted(contacts, key=_rank)

    def entries(self) -> Iterator[tuple[bytes, list[Contact]]]:
        """All there is, a slice at a time: what is changed meanwhile may be met or not."""
        key = b""
        while found := self._table.after(key, SLICE):
            key = found[-1][0]
            for each, value in found:
                contacts = self._readable(each, value)
                if contacts:
                    yield each, contacts

    def sweep(self, now: int, tell: Callable[[bytes, Contact], None]) -> bool:
        """Remove what has expired among the next few entries; `tell` each contact.

        Returns whether there is more to look at in this round.
        """
        found = self._table.after(self._swept, SLICE)
        for key, value in found:
            self._swept = key
            contacts = self._readable(key, value)
            self._counted += len(contacts)
            left = [each for each in contacts if each.is_valid(now)]
            if len(left) < len(contacts):
                self._put(key, left, len(contacts))
                for each in contacts:
                    if not each.is_valid(now):
                        self.expired += 1
                        if each.instance:
                            self._owners.delete(each.ruid)
                        tell(key, each)
        if len(found) == SLICE:
            return True
        self.contacts = self._counted
        self._counted = 0
        self._swept = b""
        return False

    def __len__(self) -> int:
        """The number of addresses-of-record."""
        return len(self._table)


def _rank(contact: Contact) -> int:
    return -contact.q


class Locations:
    """The tables of a server."""

    def __init__(
        self,
        store: Store,
        newest_first: bool,
        on_table: Callable[[Location], None] = lambda _: None,
    ) -> None:
        """`on_table` is told of each table that is there or made."""
        self._store = store
        self._told = [on_table]
        self._newest_first = newest_first
        self._tables: dict[str, Location] = {}
        for each in store.names():
            if each.startswith(_PREFIX) and not each.endswith(_OWNERS):
                self.table(each.removeprefix(_PREFIX))

    def table(self, name: str) -> Location:
        """The table of this name, made when it is not there. Raises StoreError."""
        found = self._tables.get(name)
        if found is None:
            table = self._store.table(f"{_PREFIX}{name}")
            owners = self._store.table(f"{_PREFIX}{name}{_OWNERS}")
            found = self._tables[name] = Location(name, table, owners, self._newest_first)
            for told in self._told:
                told(found)
        return found

    def tell_of_tables(self, told: Callable[[Location], None]) -> None:
        """Tell of each table that is there, or is made from now on."""
        self._told.append(told)
        for each in self:
            told(each)

    def __iter__(self) -> Iterator[Location]:
        return iter(list(self._tables.values()))


__all__ = ["NO_Q", "SLICE", "Contact", "Location", "Locations", "aor_of_key", "key_of"]
