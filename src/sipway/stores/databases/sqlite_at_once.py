"""Short questions to a file of SQLite, answered where they are asked, without a thread.

To find a row by an index takes SQLite less than to wake up a thread. So the event loop asks it
itself, on a connection of its own that never waits: where the file is locked, where it takes many
steps (no index, a large table) or anything is wrong, the answer is that there is none, and the
threads are asked. A file that is slow to read is left to them for a moment.

All that is asked in one go of the event loop is one transaction of SQLite's, which saves locking
the file and looking for changes each time. It has ended before the loop waits for anything.

Compiled (see `sqlite_at_once.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from typing import Any

from sipway.stores.databases.interface import ASK_LATER, AskLater, Row, Value

# Instructions of SQLite's machine, about 25 us; who needs two times as many is not short.
_STEPS = 1_000
_STEPS_PAUSE = 10.0  # seconds without another try of a question that is not short
_LONG_SECONDS = 0.005
_FAR_TOO_LONG = 0.1
# So many long ones, each of which a few short ones make up for, are a slow disk and not a machine
# that had something else to do.
_MOST_LONG = 4
_SHORT_FOR_ONE = 8
_DISK_PAUSE = 1.0
_KEPT_STATEMENTS = 128


class ShortQuestions:
    """What can be answered at once.

    connect   opens the file for it; raises sqlite3.Error if it cannot be opened
    clock     seconds
    """

    def __init__(
        self,
        connect: Callable[[], sqlite3.Connection],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connect = connect
        self._clock = clock
        self._cursor: sqlite3.Cursor | None = None
        self._begun = False
        self._rounds = 0
        self._slow = 0
        self._not_before = 0.0
        self._long: dict[str, float] = {}

    def first(self, text: str, values: tuple[Value, ...]) -> Row | AskLater | None:
        """The only row that a question brings, or None; `ASK_LATER` for whatever is not short."""
        begin = self._clock()
        if begin < self._not_before:
            return ASK_LATER
        if self._long and begin < self._long.get(text, 0.0):
            return ASK_LATER
        try:
            if self._begun:
                assert self._cursor is not None
                cursor = self._cursor
            else:
                cursor = self._begin()
                begin = self._clock()
            self._rounds = 0
            rows: list[Any] = cursor.execute(text, values).fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                if len(self._long) >= _KEPT_STATEMENTS:
                    self._long.clear()
                self._long[text] = begin + _STEPS_PAUSE
            return ASK_LATER
        except (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError):
            return ASK_LATER
        taken = self._clock() - begin
        if taken > _LONG_SECONDS:
            self._was_slow(begin, taken)
        elif self._slow:
            self._slow -= 1
        return rows[0] if rows else None

    def _was_slow(self, begin: float, taken: float) -> None:
        self._slow += _SHORT_FOR_ONE
        if self._slow >= _MOST_LONG * _SHORT_FOR_ONE or taken > _FAR_TOO_LONG:
            self._slow = 0
            self._not_before = begin + taken + _DISK_PAUSE

    def close(self) -> None:
        if self._cursor is not None:
            self._cursor.connection.close()
            self._cursor = None
            self._begun = False

    def _begin(self) -> sqlite3.Cursor:
        """Begin what is asked in this go of the event loop."""
        loop = asyncio.get_running_loop()
        cursor = self._cursor
        if cursor is None:
            connection = self._connect()
            connection.set_progress_handler(self._is_long, _STEPS)
            cursor = self._cursor = connection.cursor()
        self._rounds = 0
        cursor.execute("begin")
        self._begun = True
        loop.call_soon(self._end)
        return cursor

    def _is_long(self) -> bool:
        """Called after each `_STEPS`, which SQLite counts on from question to question."""
        self._rounds += 1
        return self._rounds > 1

    def _end(self) -> None:
        self._begun = False
        if self._cursor is not None and self._cursor.connection.in_transaction:
            self._rounds = 0
            self._cursor.execute("rollback")
