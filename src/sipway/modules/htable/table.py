"""The tables of a worker: values by name, which may expire.

A value is a number or a text. What has expired is not there, to whoever asks; it is taken out
later, a few items at a time (`Table.sweep`), so that the script can be told of it.

Values and times are in plain dictionaries of plain data: whatever there is of them, the garbage
collector need not look at it. What goes into them may come from anywhere, so there is an end to it
(`Memory`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from typing import Final, TypeAlias

from sipway.language.runtime import wrap
from sipway.modules.htable.definition import Definition

Value: TypeAlias = int | str

FOREVER: Final = 0.0
"""For the first second at which an item is gone: it stays."""


_ITEM: Final = 300
"""Bytes that an item takes besides its key and its text, in dictionaries and buckets."""

_EMPTY_BUCKETS: Final = 4096
"""So many may be kept, and two for each item: a script may give each item a second of its own."""


class Memory:
    """The bytes that the tables of a worker take together, and how many they may.

    That is half of what the machine has. Sets that would take more fail; what is read from the
    database of the operator is counted too, but not refused.
    """

    __slots__ = ("most", "used")

    def __init__(self, most: int | None = None) -> None:
        self.used = 0
        self.most = _half_of_all() if most is None else most


def _half_of_all() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2


def _size(key: str, value: Value) -> int:
    return _ITEM + key.__sizeof__() + (value.__sizeof__() if type(value) is str else 0)


class Table:
    """One table.

    values     by key
    gone       for items of a table with `autoexpire`, the first second at which each is gone, or
               FOREVER
    expires    whether there is an `autoexpire`
    initval    as in the definition
    is_loaded  it was read from a database
    memory     shared with other tables
    used       how much of it this one takes

    Each item that is to go is in one bucket, of that second or of an earlier one: when that second
    comes and the item has been set anew since, it moves on. `_early` has the second of the bucket
    where that is an earlier one, so that what is taken out leaves its bucket too.
    """

    __slots__ = (
        "_buckets",
        "_early",
        "_lifetime",
        "_renews",
        "_seconds",
        "definition",
        "expires",
        "gone",
        "initval",
        "is_loaded",
        "memory",
        "used",
        "values",
    )

    def __init__(self, definition: Definition, memory: Memory | None = None) -> None:
        self.memory = Memory() if memory is None else memory
        self.used = 0
        self._follow(definition)
        self.is_loaded = False
        self.values: dict[str, Value] = {}
        self.gone: dict[str, float] = {}
        self._buckets: dict[float, set[str]] = {}
        self._seconds: list[float] = []  # of buckets, a heap
        self._early: dict[str, float] = {}

    def redefine(self, definition: Definition) -> None:
        """Go on as a changed script wants it: what is there stays as long as it was to stay."""
        if definition.autoexpire and not self.expires:
            self.gone = dict.fromkeys(self.values, FOREVER)
        elif self.expires and not definition.autoexpire:
            self.gone = {}
            self._forget_times()
        self._follow(definition)

    def _follow(self, definition: Definition) -> None:
        self.definition = definition
        self.initval = definition.initval
        self.expires = definition.autoexpire > 0
        self._renews = definition.updateexpire
        self._lifetime = definition.autoexpire + 1.0

    def __len__(self) -> int:
        return len(self.values)

    # --- one item ------------------------------------------------------------------------

    def get(self, key: str, now: float) -> Value | None:
        """The value; None for what is not there."""
        value = self.values.get(key)
        if value is None or not self.expires:
            return value
        gone = self.gone[key]
        return None if gone and now >= gone else value

    def set(self, key: str, value: Value, now: float) -> bool:
        """Set it, and let it live as long as the table says; False if there is no memory for it."""
        # What is done most, and all in one place: each call would cost as much as what it does.
        old = self.values.get(key)
        if (type(old) is not int or type(value) is not int) and not self._pays(key, value, old):
            return False
        if self.expires:
            before = self.gone.get(key, FOREVER)
            if self._renews or old is None or (before and now >= before):
                gone = now // 1.0 + self._lifetime
                if gone != before:
                    self.gone[key] = gone
                    if not before:
                        self._look_at(key, gone)
                    elif gone < before:
                        self._move(key, before, gone)
                    elif key not in self._early:
                        self._early[key] = before
        self.values[key] = value
        return True

    def _pays(self, key: str, value: Value, old: Value | None) -> bool:
        """Take the memory for a value in place of another one, None for a new item."""
        if type(old) is str and type(value) is str:
            more = value.__sizeof__() - old.__sizeof__()
        else:
            more = _size(key, value) - (0 if old is None else _size(key, old))
        if more > 0 and self.memory.used + more > self.memory.most:
            return False
        self._take_memory(more)
        return True

    def _take_memory(self, more: int) -> None:
        self.used += more
        self.memory.used += more

    def set_for(self, key: str, value: Value, seconds: int, now: float) -> bool:
        """As `set`, and let it live for so long; as `set` alone where that is no time."""
        return self.set(key, value, now) and (seconds <= 0 or self.expire_in(key, seconds, now))

    def add(self, key: str, number: int, now: float) -> int | None:
        """Add to a number, and set it to that; None where there is none to add to."""
        value = self.get(key, now)
        if value is None:
            value = self.initval
        if type(value) is not int:
            return None
        value = wrap(value + number)
        return value if self.set(key, value, now) else None

    def remove(self, key: str) -> bool:
        """Whether it was there."""
        value = self.values.pop(key, None)
        if value is None:
            return False
        if self.expires:
            gone = self.gone.pop(key)
            if gone:
                self._buckets[self._early.pop(key, gone)].discard(key)
        self._take_memory(-_size(key, value))
        return True

    def left(self, key: str, now: float) -> int | None:
        """The seconds that it has left; None for what stays, or is not there."""
        gone = self.gone.get(key, FOREVER)
        return max(int(gone) - 1 - int(now), 0) if gone else None

    def gone_at(self, key: str) -> int | None:
        """The last second in which it is there; None for what stays, or is not there."""
        gone = self.gone.get(key, FOREVER)
        return int(gone) - 1 if gone else None

    def expire_in(self, key: str, seconds: int, now: float) -> bool:
        """Let an item live for so many seconds from now on, none: for good; whether it is there."""
        if self.get(key, now) is None:
            return False
        if self.expires:
            self._live_until(key, now // 1.0 + seconds + 1.0 if seconds > 0 else FOREVER)
        return True

    def expire_at(self, key: str, second: int) -> None:
        """Let an item of a table with `autoexpire` be there in this second and then no more."""
        self._live_until(key, second + 1.0)

    def _live_until(self, key: str, gone: float) -> None:
        before = self.gone.get(key, FOREVER)
        self.gone[key] = gone
        if before:
            self._move(key, before, gone)
        elif gone:
            self._look_at(key, gone)

    def _move(self, key: str, before: float, gone: float) -> None:
        """Have an item that was to go looked at in time."""
        if not gone:
            self._leave(key, before)
        elif gone > before:
            self._early.setdefault(key, before)
        elif gone < self._early.get(key, before):
            self._leave(key, before)
            self._look_at(key, gone)
        elif gone == self._early.get(key):
            del self._early[key]

    def _leave(self, key: str, gone: float) -> None:
        """Take an item out of its bucket."""
        self._buckets[self._early.pop(key, gone)].discard(key)

    def _look_at(self, key: str, second: float) -> None:
        bucket = self._buckets.get(second)
        if bucket is None:
            if len(self._seconds) > 2 * len(self.gone) + _EMPTY_BUCKETS:
                self._drop_empty_buckets()
            self._buckets[second] = {key}
            heappush(self._seconds, second)
        else:
            bucket.add(key)

    def _drop_empty_buckets(self) -> None:
        self._buckets = {second: keys for second, keys in self._buckets.items() if keys}
        self._seconds = sorted(self._buckets)

    # --- all of them ---------------------------------------------------------------------

    def items(self, now: float) -> Iterable[tuple[str, Value]]:
        """All that is there now; while they are gone over, nothing may be set or taken out."""
        return self._living(now) if self.expires else self.values.items()

    def _living(self, now: float) -> Iterator[tuple[str, Value]]:
        gone = self.gone
        for key, value in self.values.items():
            second = gone[key]
            if not second or now < second:
                yield key, value

    def keys(self) -> list[str]:
        """The names of all items, also of such as have expired."""
        return list(self.values)

    def clear(self) -> None:
        self.values = {}
        self.gone = {}
        self._take_memory(-self.used)
        self._forget_times()

    def take(self, other: Table, now: float) -> None:
        """Have what another table of this definition has; the first time what is here stays too."""
        if not self.is_loaded:
            for key, value in self.items(now):
                other._pays(key, value, other.values.get(key))
                other.values[key] = value
                if self.expires:
                    other._live_until(key, self.gone[key])
        self.values = other.values
        self.gone = other.gone
        self._buckets = other._buckets
        self._seconds = other._seconds
        self._early = other._early
        self._take_memory(other.used - self.used)
        self.is_loaded = True

    def _forget_times(self) -> None:
        self._buckets = {}
        self._seconds = []
        self._early = {}

    def sweep(self, now: float, most: int) -> tuple[list[tuple[str, Value]], bool]:
        """Take out what has expired, looking at so many items; what it was, and is there more?"""
        found: list[tuple[str, Value]] = []
        while self._seconds and self._seconds[0] <= now:
            bucket = self._buckets[self._seconds[0]]
            while bucket:
                if not most:
                    return found, True
                most -= 1
                key = bucket.pop()
                self._early.pop(key, None)
                gone = self.gone[key]
                if gone > now:
                    self._look_at(key, gone)
                    continue
                del self.gone[key]
                value = self.values.pop(key)
                self._take_memory(-_size(key, value))
                found.append((key, value))
            del self._buckets[heappop(self._seconds)]
        return found, False


class Tables(dict[str, Table]):
    """By name, in the order in which the script declares them."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = Memory()

    def declare(self, definitions: list[Definition]) -> list[Table]:
        """Have just these; the ones that were not there before."""
        before = dict(self)
        self.clear()
        new = []
        for each in definitions:
            table = before.get(each.name)
            if table is None:
                table = Table(each, self.memory)
                new.append(table)
            else:
                table.redefine(each)
            self[each.name] = table
        for name, table in before.items():
            if name not in self:
                table.clear()
                table.memory = Memory()  # who still has it does not count any more
        return new
