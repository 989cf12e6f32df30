"""Tables of the embedded store, and what one batch of messages reads and writes there.

Compiled (see `table.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import lmdb

from sipway.errors import StoreError
from sipway.stores._frame import Frame, opened, sealed
from sipway.stores.interface import LONGEST_KEY

if TYPE_CHECKING:
    from sipway.stores.embedded import EmbeddedStore


class Batch:
    """The transactions of LMDB that a batch of messages works in.

    reading, writing  the transactions, None until somebody reads or writes
    get, put          methods of the one to read in, None while there is none; of `writing`
    frame             what has been written, for the journal
    """

    def __init__(self) -> None:
        self.reading: Any = None
        self.writing: Any = None
        self.get: Any = None
        self.put: Any = None
        self.frame = Frame()

    def begin_reading(self, transaction: Any) -> None:
        self.reading = transaction
        self.get = transaction.get

    def begin_writing(self, transaction: Any) -> None:
        """What is read from now on is what has been written."""
        self.writing = transaction
        self.get = transaction.get
        self.put = transaction.put

    def end(self) -> tuple[Any, Any]:
        """Let go of both transactions; whoever ends the batch commits or aborts them."""
        ended = self.reading, self.writing
        self.reading = self.writing = self.get = self.put = None
        return ended


class EmbeddedTable:
    """A table of an `EmbeddedStore`."""

    def __init__(self, store: EmbeddedStore, name: str, handle: Any) -> None:
        self._store = store
        self._batch = store.batch
        self._name = name.encode()
        self._handle = handle

    def get(self, key: bytes) -> bytes | None:
        batch = self._batch
        if batch.get is None:
            self._store.begin_reading()
        try:
            stored = batch.get(key, None, self._handle)
        except lmdb.BadValsizeError:
            return None
        except lmdb.Error as error:
            raise self._store.broken(error) from error
        return None if stored is None else self._checked(key, stored)

    def _checked(self, key: bytes, stored: bytes) -> bytes:
        value = opened(stored)
        if value is None:
            raise self._store.broken(f"the entry {key[:60]!r} of {self._name.decode()} is damaged")
        return value

    def put(self, key: bytes, value: bytes) -> None:
        batch = self._batch
        if batch.put is None:
            self._store.begin()
        try:
            batch.put(key, sealed(value), True, True, False, self._handle)
        except lmdb.MapFullError:
            self._store.grow()
            self.put(key, value)
            return
        except lmdb.BadValsizeError:
            raise StoreError(f"a key has 1 to {LONGEST_KEY} bytes, not {len(key)}") from None
        except lmdb.Error as error:
            raise self._store.broken(error) from error
        batch.frame.add(self._name, key, value)

    def delete(self, key: bytes) -> bool:
        store = self._store
        batch = self._batch
        if batch.writing is None:
            store.begin()
        try:
            was_there = bool(batch.writing.delete(key, b"", self._handle))
        except lmdb.BadValsizeError:
            return False
        except lmdb.MapFullError:
            store.grow()
            return self.delete(key)
        except lmdb.Error as error:
            raise store.broken(error) from error
        if was_there:
            batch.frame.add(self._name, key, None)
        return was_there

    def redo(self, key: bytes, value: bytes | None) -> None:
        """What was written before the map was full fits in again; it is in the frame already."""
        writing = self._batch.writing
        if value is None:
            writing.delete(key, b"", self._handle)
        else:
            writing.put(key, sealed(value), True, True, False, self._handle)

    def after(self, key: bytes, count: int) -> list[tuple[bytes, bytes]]:
        batch = self._batch
        if batch.get is None:
            self._store.begin_reading()
        found: list[tuple[bytes, bytes]] = []
        try:
            with (batch.writing or batch.reading).cursor(self._handle) as cursor:
                there = cursor.set_range(key) if key else cursor.first()
                while there and len(found) < count:
                    each, stored = cursor.item()
                    if each != key:
                        found.append((each, self._checked(each, stored)))
                    there = cursor.next()
        except lmdb.Error as error:
            raise self._store.broken(error) from error
        return found

    def __len__(self) -> int:
        batch = self._batch
        if batch.get is None:
            self._store.begin_reading()
        try:
            stat = (batch.writing or batch.reading).stat(self._handle)
        except lmdb.Error as error:
            raise self._store.broken(error) from error
        return int(stat["entries"])
