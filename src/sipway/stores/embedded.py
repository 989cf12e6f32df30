"""The default store: LMDB in the state directory, shared by all workers (see `directory`).

Reads and writes of one batch of messages are one transaction of LMDB, which `commit` ends. The
pages are written in place of a mapped file (`writemap`), so a commit is no system call; the file
is laid out on the disk before it is mapped, so a full disk is an error of a write and never a
signal. Each value carries a CRC-32: what is damaged raises StoreError, it is not served.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import lmdb

from sipway.errors import StoreError
from sipway.stores import files
from sipway.stores import journal as journals
from sipway.stores.directory import StateDirectory
from sipway.stores.interface import Table
from sipway.stores.table import Batch, EmbeddedTable

_MIB: Final = 1 << 20
_FIRST_SIZE: Final = 16 * _MIB
_LARGEST_STEP: Final = 256 * _MIB
_MOST_TABLES: Final = 256
_LONGEST_NAME: Final = 255
# A copy is made when the journals have grown to this, or to half of the data.
_JOURNAL_SIZE: Final = 64 * _MIB


class _FullError(StoreError):
    """The disk is full: nothing is wrong with what lies on it."""


class EmbeddedStore:
    """The store of a state directory.

    `tell` is called with a line for the log when the operator must know something.

    Raises StoreError when the directory cannot be used (see `StateDirectory`), when the disk is
    full, and when the store is damaged and cannot be made anew.
    """

    def __init__(self, path: Path, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._tables: dict[str, EmbeddedTable] = {}
        self.batch = Batch()
        self._is_broken = False
        self._wants_copy = False
        self._journal_failed = False
        self._environment: Any = None
        self._size = 0
        self._journal_size = 0
        self._journal: journals.Journal
        self._directory = StateDirectory(path)
        try:
            self._open()
        except BaseException:
            self._directory.close()
            raise

    def table(self, name: str) -> Table:
        found = self._tables.get(name)
        if found is None:
            if len(name.encode()) > _LONGEST_NAME:
                raise StoreError(f"the name of a table has {_LONGEST_NAME} bytes at most: {name}")
            self.commit()
            try:
                handle = self._environment.open_db(name.encode())
            except lmdb.MapFullError:
                self.grow()
                return self.table(name)
            except lmdb.Error as error:
                raise self.broken(error) from error
            found = self._tables[name] = EmbeddedTable(self, name, handle)
        return found

    def commit(self) -> None:
        self._commit()
        if len(self.batch.frame):
            self._note(self.batch.frame.take())

    def _commit(self) -> None:
        """Commit, and leave the frame of the journal to whoever asks."""
        batch = self.batch
        if batch.get is None:
            return
        reading, writing = batch.end()
        if reading is not None:
            reading.abort()
        if writing is None:
            return
        try:
            writing.commit()
        except lmdb.MapFullError:
            # What is free is kept in pages too. Without space nothing of this batch is kept.
            try:
                self.grow()
                _, writing = batch.end()
                if writing is not None:
                    writing.commit()
            except (StoreError, lmdb.Error) as error:
                self._discard()
                raise self.broken(error) from error
        except lmdb.Error as error:
            self._discard()
            raise self.broken(error) from error

    def _abort(self) -> None:
        for each in self.batch.end():
            if each is not None:
                each.abort()

    def _discard(self) -> None:
        """Forget what this batch has written."""
        self._abort()
        self.batch.frame.clear()

    def _note(self, frame: bytes) -> None:
        """Write a frame of the journal. Without it only a power failure loses something."""
        try:
            self._journal.append(frame)
        except StoreError as error:
            self._wants_copy = True
            if not self._journal_failed:
                self._tell(
                    f"{error}: until there is space, a power failure would lose registrations"
                )
            self._journal_failed = True
        else:
            self._journal_failed = False

    def close(self) -> None:
        self.commit()
        self._journal.close()
        try:
            self._environment.sync(True)
        except lmdb.Error as error:
            raise self.broken(error) from error
        self._environment.close()
        if not self._is_broken:
            self._directory.mark_closed()
        self._directory.close()

    # What the tables use.

    def begin_reading(self) -> None:
        """Begin to read."""
        try:
            self.batch.begin_reading(self._environment.begin())
        except lmdb.Error as error:
            raise self.broken(error) from error

    def begin(self) -> None:
        """Begin to write."""
        if self._is_broken:
            raise StoreError(f"the store in {self._directory.path} is damaged")
        try:
            self.batch.begin_writing(self._environment.begin(write=True))
        except lmdb.Error as error:
            raise self.broken(error) from error

    def grow(self) -> None:
        """Make room, and do again what this transaction has done so far."""
        self._abort()
        size = self._size + min(max(self._size, _FIRST_SIZE), _LARGEST_STEP)
        try:
            self._lay_out(size)
            self._environment.set_mapsize(size)
        except lmdb.Error as error:
            raise self.broken(error) from error
        finally:
            self._redo()
        self._size = size

    def _redo(self) -> None:
        """What was written before the map was full fits in again."""
        if len(self.batch.frame):
            self.begin()
            for name, key, value in journals.operations(self.batch.frame.operations()):
                self._tables[name].redo(key, value)

    def broken(self, error: lmdb.Error | StoreError | str) -> StoreError:
        """The error to raise; when it is damage, the next start makes the store anew."""
        if isinstance(error, StoreError):
            return error
        damage = isinstance(error, str | lmdb.CorruptedError | lmdb.PageNotFoundError)
        if damage and not self._is_broken:
            self._is_broken = True
            self._tell(
                f"the store in {self._directory.path} is damaged ({error}): restart the server,"
                " it will be made anew from its copy"
            )
            self._directory.mark_damaged()
        return StoreError(f"the store in {self._directory.path}: {error}")

    # Copies, which a second thread makes.

    def sync_journal(self) -> None:
        """Carry the journal to the disk. From any thread; raises StoreError."""
        self._journal.sync()

    @property
    def wants_copy(self) -> bool:
        """Whether the journals have grown so much that a new copy is due."""
        if self._wants_copy:
            return True
        return self._journal_size + self._journal.size > max(_JOURNAL_SIZE, self._used() // 2)

    def begin_copy(self) -> Callable[[], None]:
        """Begin a new journal; returns what makes the copy that it belongs to, for a thread.

        That raises StoreError when it fails; the older copy and its journals are there then.
        """
        self.commit()
        number = self._directory.next_number()
        old, self._journal = self._journal, journals.Journal(self._journal_path(number))
        self._journal_size += old.size
        self._wants_copy = False

        def make() -> None:
            old.close()
            new = self._directory.path / "copy.new"
            try:
                files.write_copy(self._environment, new)
                self._directory.put_copy(number, new)
            except (lmdb.Error, OSError) as error:
                raise StoreError(f"cannot copy the store to {new}: {error}") from error
            self._journal_size = 0

        return make

    # Opening.

    def _open(self) -> None:
        directory = self._directory
        is_new = not (directory.data.exists() or directory.copy() or directory.journals())
        if not is_new and not directory.is_trusted():
            self._make_anew("the machine went down, or the store was found damaged")
        try:
            files.check(directory.data)
            self._open_data()
        except _FullError:
            raise
        except StoreError as error:
            self._close_data()
            self._make_anew(error.message)
            self._open_data()
        directory.mark_open()
        journals_before = directory.journals()
        self._journal_size = sum(path.stat().st_size for _, path in journals_before)
        self._wants_copy = not (is_new or journals_before or directory.copy())
        for _, path in journals_before:
            if journals.is_empty(path):  # of a server that had nothing to write
                path.unlink(missing_ok=True)
        self._journal = journals.Journal(self._journal_path(directory.next_number()))

    def _open_data(self) -> None:
        path = self._directory.data
        path.mkdir(mode=0o700, exist_ok=True)
        file = path / "data.mdb"
        self._size = max(_FIRST_SIZE, files.map_size(file))
        self._environment = self._opened(path)
        self._lay_out(self._size)

    def _opened(self, path: Path) -> Any:
        try:
            return lmdb.open(
                str(path),
                map_size=self._size,
                max_dbs=_MOST_TABLES,
                mode=0o600,
                writemap=True,
                map_async=True,
                sync=False,
                metasync=False,
                readahead=False,
                max_spare_txns=1,
            )
        except lmdb.Error as error:
            raise StoreError(f"cannot open the store in {path}: {error}") from error

    def _close_data(self) -> None:
        self._abort()
        self._tables.clear()
        if self._environment is not None:
            self._environment.close()
            self._environment = None

    def _lay_out(self, size: int) -> None:
        """Have the disk hold so many bytes of data before they are written to."""
        path = self._directory.data / "data.mdb"
        try:
            with path.open("r+b") as file:
                os.posix_fallocate(file.fileno(), 0, size)
        except OSError as error:
            raise _FullError(
                f"no space for the store in {path}: {error.strerror}",
                hint=f"it needs {size // _MIB} MiB",
            ) from error

    def names(self) -> list[str]:
        """The tables that there are."""
        with self._environment.begin() as reading, reading.cursor() as cursor:
            return [bytes(key).decode() for key in cursor.iternext(values=False)]

    def _make_anew(self, why: str) -> None:
        """`data` from the latest copy and the journals that follow it."""
        directory = self._directory
        aside = directory.set_aside()
        copy = directory.copy()
        first = 0
        if copy is not None:
            first, path = copy
            try:
                directory.data.mkdir(mode=0o700)
                files.copy_file(path / "data.mdb", directory.data / "data.mdb")
            except OSError as error:
                raise StoreError(f"cannot make the store anew from {path}: {error}") from error
        try:
            files.check(directory.data)
        except StoreError as error:
            raise StoreError(
                f"the copy of the store in {directory.path} is damaged too: {error.message}",
                hint="move the directory away to begin with an empty one",
            ) from error
        self._open_data()
        for number, path in directory.journals():
            if number >= first:
                self._replay(path)
        entries = sum(len(self.table(name)) for name in self.names())
        self.commit()
        self._environment.sync(True)
        self._close_data()
        kept = f"; the old files are in {aside}" if aside is not None else ""
        self._tell(f"the store was made anew with {entries} entries ({why}){kept}")

    def _replay(self, path: Path) -> None:
        for frame in journals.read(path):
            # A new table ends the batch, so all are there before it begins.
            tables = {name: self.table(name) for name, _, _ in frame}
            for name, key, value in frame:
                if value is None:
                    tables[name].delete(key)
                else:
                    tables[name].put(key, value)
            self._commit()  # when the map is full, it is done again from the batch's frame
            self.batch.frame.clear()  # it is in the journal already

    def _journal_path(self, number: int) -> Path:
        return self._directory.path / f"journal-{number}"

    def _used(self) -> int:
        info = self._environment.info()
        return int(info["last_pgno"] + 1) * int(self._environment.stat()["psize"])
