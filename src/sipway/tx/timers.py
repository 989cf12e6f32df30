"""When something is to be done with a transaction next: a queue of deadlines.

Each transaction stands in the queue once, at the earliest of its deadlines, and knows where
(`Timed.tick`), so that it can be moved or taken out at once: a call that was answered must not be
kept in memory by the timer that would have given it up. Deadlines are rounded up to a tick of
`TICK` seconds, and what falls on one tick is done together.

Compiled (see `timers.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from heapq import heappop, heappush
from math import inf
from typing import Final

TICK: Final = 0.01
_PER_SECOND = 100
# A tick as a number of seconds may be a little less than it is: 29 * 0.01 * 100 is below 29.
_SLACK: Final = 0.001
NEVER: Final = inf


class Timed:
    """What can stand in a TimerQueue; `tick` is -1 while it does not."""

    def __init__(self) -> None:
        self.tick = -1


class TimerQueue:
    """Deadlines in order; setting, moving and taking out cost the same however many there are."""

    def __init__(self) -> None:
        # tick -> what is due then. A dict, not a set: what was set first is done first.
        self._due: dict[int, dict[Timed, None]] = {}
        self._ticks: list[int] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def set(self, item: Timed, deadline: float) -> None:
        """Have `item` come up at `deadline` (seconds), and not when it was to before."""
        tick = int(deadline * _PER_SECOND) + 1
        if item.tick == tick:
            return
        if item.tick >= 0:
            self._remove(item)
        item.tick = tick
        self._count += 1
        due = self._due.get(tick)
        if due is None:
            self._due[tick] = {item: None}
            heappush(self._ticks, tick)
        else:
            due[item] = None

    def advance(self, item: Timed, deadline: float) -> None:
        """Have `item` come up at `deadline` at the latest; one that is to come earlier stays there.

        So that what is put off again and again, as each answer does it, costs nothing: when it
        comes up too early, whoever set it puts it off once for all.
        """
        if item.tick < 0 or item.tick - 1 > deadline * _PER_SECOND:
            self.set(item, deadline)

    def cancel(self, item: Timed) -> None:
        """Take `item` out, if it is in."""
        if item.tick >= 0:
            self._remove(item)
            item.tick = -1

    def _remove(self, item: Timed) -> None:
        # The tick stays, empty: it is passed over when its time comes.
        del self._due[item.tick][item]
        self._count -= 1

    def next_deadline(self) -> float:
        """When `expire` has something to do next; `NEVER` if nothing is set."""
        ticks = self._ticks
        while ticks:
            if self._due[ticks[0]]:
                return ticks[0] / _PER_SECOND
            del self._due[heappop(ticks)]
        return NEVER

    def expire(self, now: float) -> list[Timed]:
        """Take out and return all that is due at `now`, the earliest first."""
        found: list[Timed] = []
        ticks = self._ticks
        limit = int(now * _PER_SECOND + _SLACK)
        while ticks and ticks[0] <= limit:
            for item in self._due.pop(heappop(ticks)):
                item.tick = -1
                found.append(item)
        self._count -= len(found)
        return found
