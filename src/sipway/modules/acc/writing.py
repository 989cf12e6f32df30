"""Records on their way into a database: a queue that holds up no call, and what empties it.

The queue is bounded. While the database is away records wait in it; what a database refuses (no
such table) is lost, as is what finds the queue full: that is said once a minute. No value keeps a
record from being written: nobody is to call for nothing because of a long Call-ID, so what is
refused is tried again with its values cut to what Kamailio's tables take.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from sipway.core import log as levels
from sipway.core.databases import at_last, database
from sipway.errors import DatabaseDownError, DatabaseError
from sipway.stores.databases import Condition, Value

if TYPE_CHECKING:
    from sipway.core.program import Program

MOST_ROWS: Final = 20_000
MOST_CHARACTERS: Final = 1 << 25
MOST_AT_ONCE: Final = 100
RETRY_SECONDS: Final = 1.0
_QUIET_SECONDS: Final = 60.0
_MOST_COMPLAINTS: Final = 64
_FULL: Final = "the database does not take them"
_LOST: Final = "lost"
_SHORTENED: Final = "shortened"


Row: TypeAlias = Mapping[str, Value]


class _Cut(NamedTuple):
    """How values are cut: to so many characters in Kamailio's own columns, and in others.

    `ascii_only`: to what the character set of every table has.
    """

    own: int
    others: int
    ascii_only: bool


_CUTS: Final = (
    _Cut(255, 255, ascii_only=False),
    _Cut(255, 64, ascii_only=False),
    _Cut(255, 64, ascii_only=True),
    _Cut(64, 64, ascii_only=True),
)
"""One after the other, as long as the database refuses."""


class _Entry(NamedTuple):
    """A row that waits; `cuts` of `_CUTS` have been made to it."""

    table: str
    row: Row
    size: int
    cuts: int = 0


class _Complaint:
    """What is lost, or shortened, for one reason."""

    def __init__(self) -> None:
        self.count = 0
        self.next_at = 0.0


class Writer:
    """Writes rows into the database of a URL. Raises ModuleError for a URL that is none.

    `sizes` are the characters that columns of Kamailio's tables take.
    """

    def __init__(self, program: Program, url: str, sizes: Mapping[str, int]) -> None:
        self._sizes = sizes
        self._database = database(program, url, "acc")
        self._log = program.log
        self._entries: deque[_Entry] = deque()
        self._size = 0
        self._one_by_one = 0
        self._unsure = 0
        self._complaints: dict[str, _Complaint] = {}
        self._wanted = asyncio.Event()
        self._writing: asyncio.Task[bool] | None = None
        program.services.append(self.run)
        at_last(program, self.write_all, "records of acc")

    def __len__(self) -> int:
        return len(self._entries)

    def put(self, table: str, row: Row, now: float) -> bool:
        """Have a row written; False if there is no room for it."""
        size = _size(row)
        if len(self._entries) >= MOST_ROWS or self._size + size > MOST_CHARACTERS:
            self._complain(_LOST, _FULL, now)
            return False
        self._entries.append(_Entry(table, row, size))
        self._size += size
        self._wanted.set()
        return True

    async def run(self) -> None:
        """Write what comes, as long as the server serves."""
        loop = asyncio.get_running_loop()
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            while self._entries:
                # Of its own, so that the end of the server cuts off no row that is half written.
                self._writing = loop.create_task(self._write(loop.time()))
                if not await asyncio.shield(self._writing):
                    await asyncio.sleep(RETRY_SECONDS)

    async def write_all(self) -> None:
        """Write what is left. Raises DatabaseDownError if that cannot be done."""
        if self._writing is not None:
            await self._writing
        while self._entries:
            if not await self._write(asyncio.get_running_loop().time()):
                raise DatabaseDownError(f"{len(self._entries)} are lost")

    async def _write(self, now: float) -> bool:
        """Write some rows; False if the database is not there, then they stay."""
        entries = self._next()
        table = entries[0].table
        try:
            # Nothing is billed twice: they are written all or none, and whether they were when
            # the database went away in between is looked up.
            if not self._unsure or not await self._is_there(entries[0]):
                self._unsure = len(entries)
                rows = (each.row for each in entries)
                await self._database.insert(table, *rows, in_transaction=True)
            self._unsure = 0
        except DatabaseDownError:
            return False
        except DatabaseError as error:
            self._unsure = 0
            if len(entries) > 1:  # one of them may be wrong: the others are not to be lost
                self._one_by_one = len(entries)
                return True
            reason = f"table {table}: {error.message}"
            if self._cut(entries[0]):
                self._complain(_SHORTENED, reason, now)
                return True
            self._complain(_LOST, reason, now)
        for each in entries:
            self._size -= each.size
            self._entries.popleft()
        self._one_by_one = max(0, self._one_by_one - 1)
        return True

    async def _is_there(self, entry: _Entry) -> bool:
        """Whether a row has been written, though nobody said so. Raises DatabaseDownError."""
        # A number with a fraction may be kept as another one.
        where = [Condition(*each) for each in entry.row.items() if not isinstance(each[1], float)]
        try:
            return bool(await self._database.select(entry.table, [where[0][0]], where, limit=1))
        except DatabaseDownError:
            raise
        except DatabaseError:
            return False

    def _next(self) -> list[_Entry]:
        """The first rows, as far as they are of one table."""
        first = self._entries[0]
        if self._one_by_one:
            return [first]
        found = []
        for each in islice(self._entries, self._unsure or MOST_AT_ONCE):
            if each.table != first.table:
                break
            found.append(each)
        return found

    def _cut(self, entry: _Entry) -> bool:
        """Have the first of those that wait tried again with shorter values; False at the end."""
        for number, cut in enumerate(_CUTS[entry.cuts :], entry.cuts + 1):
            row = {
                name: _shortened(value, self._most(name, cut), ascii_only=cut.ascii_only)
                for name, value in entry.row.items()
            }
            if row != entry.row:
                size = _size(row)
                self._size += size - entry.size
                self._entries[0] = _Entry(entry.table, row, size, number)
                self._one_by_one = max(1, self._one_by_one)
                return True
        return False

    def _most(self, column: str, cut: _Cut) -> int:
        size = self._sizes.get(column)
        return cut.others if size is None else min(size, cut.own)

    def _complain(self, outcome: str, cause: str, now: float) -> None:
        reason = f"{outcome}: {cause}"
        known = self._complaints.get(reason)
        if known is None:
            if len(self._complaints) >= _MOST_COMPLAINTS:  # names of tables may be anybody's
                self._complaints.clear()
            known = self._complaints[reason] = _Complaint()
        known.count += 1
        if now >= known.next_at:
            are = "record is" if known.count == 1 else "records are"
            self._log.line(levels.ERR, f"acc: {known.count} {are} {reason}")
            known.count = 0
            known.next_at = now + _QUIET_SECONDS


def _size(row: Row) -> int:
    return sum(len(each) for each in row.values() if isinstance(each, str))


def _shortened(value: Value, most: int, *, ascii_only: bool) -> Value:
    if not isinstance(value, str) or (len(value) <= most and (value.isascii() or not ascii_only)):
        return value
    text = value[:most]
    return text.encode("ascii", "replace").decode() if ascii_only else text
