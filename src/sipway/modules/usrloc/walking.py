"""All contacts gone through at a steady rate: round after round, a few at a time.

So that 100,000 contacts that are to be pinged within half a minute are 3,300 a second and not a
burst, and a call never waits behind more than a few of them. No clock and no sleep: whoever walks
says what time it is, and is told when to come again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from sipway.modules.usrloc.contact import Contact
from sipway.modules.usrloc.locations import Location

MOST: Final = 128
"""Entries in one step: a millisecond or two."""

SHORTEST: Final = 0.02
"""Between two steps, in seconds."""

_LONGEST: Final = 1.0
"""In a second there may be many more contacts, or the first one."""


class Walk:
    """One walk over all tables.

    `look` is called with each entry: its table, its key, its contacts.
    """

    def __init__(
        self,
        tables: Callable[[], Iterable[Location]],
        seconds: Callable[[], float],
        look: Callable[[Location, bytes, list[Contact]], None],
        on_round: Callable[[], None] = lambda: None,
    ) -> None:
        """`seconds` says how long the round that begins is to take; `on_round` is told of its end.

        Each entry that is there for the whole of a round is met once in it.
        """
        self._tables = tables
        self._seconds = seconds
        self._look = look
        self._on_round = on_round
        self._left: list[Location] = []
        self._key = b""
        self._done = 0
        self._began: float | None = None
        self._takes = 0.0

    def begins(self, now: float) -> bool:
        """Whether a round is to begin."""
        began = self._began
        return began is None or (not self._left and not 0 <= now - began < self._takes)

    def step(self, now: float) -> float:
        """Look at what is due by now; in how many seconds to come again."""
        tables = list(self._tables())
        total = sum(len(each) for each in tables)
        began = self._began
        if began is None or self.begins(now):
            self._begin(now, tables)
        elif not 0 <= now - began <= 2 * self._takes:
            # Somebody has set the clock, or nobody has come for long: no burst to make up for it.
            self._began = now - self._takes * min(1.0, self._done / max(total, 1))
        assert self._began is not None
        elapsed = now - self._began
        due = int(total * elapsed / self._takes) + 1 - self._done
        # What is left when the time is over, be there fewer entries than when the round began.
        self._take(min(due, MOST) if elapsed < self._takes else MOST)
        if not self._left:
            wait = self._began + self._takes - now
        else:
            wait = self._began + self._done * self._takes / max(total, 1) - now
        return min(max(wait, SHORTEST), _LONGEST)

    def _begin(self, now: float, tables: list[Location]) -> None:
        self._left = tables
        self._key = b""
        self._done = 0
        self._began = now
        self._takes = max(self._seconds(), SHORTEST)

    def _take(self, count: int) -> None:
        while count > 0 and self._left:
            table = self._left[0]
            found = table.after(self._key, count)
            for key, contacts in found:
                self._key = key
                self._done += 1
                self._look(table, key, contacts)
            if len(found) < count:
                self._left = self._left[1:]
                self._key = b""
                if not self._left:
                    self._on_round()
            count -= len(found)
