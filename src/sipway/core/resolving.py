"""What DNS says of names: remembered while it holds, and asked for once by however many want it.

`Names` is what the rest of sipway asks. It knows no DNS library and no socket: a `Source` does
the asking (`net.resolver` outside of tests), so the network is waited for in a task of its own,
and no message waits for the lookup of another.

Source: Kamailio's core cookbook 5.6, section DNS Parameters; what it leaves open was tried on
Kamailio 5.6.3.
"""

from __future__ import annotations

import random as random_module
import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    import asyncio

    from sipway.core.settings import Settings

Kind: TypeAlias = Literal["A", "AAAA", "SRV", "NAPTR", "PTR"]

MAX_LOOKUPS: Final = 256
"""How many names are looked up at a time; one more is a failure at once."""

MAX_RECORDS: Final = 32
"""How many records of an answer are kept; DNS lets a stranger send thousands."""

# Names of hosts and of services; nothing else is worth a question.
_NAME: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]|\.(?=[A-Za-z0-9_]))*\.?")
_MAX_NAME: Final = 253

# What an entry costs besides its texts, in bytes, and each of its records: as CPython has it.
_ENTRY_SIZE: Final = 400
_RECORD_SIZE: Final = 150

# A full cache is not searched for what has expired more often than this, in seconds.
_SWEEP_SECONDS: Final = 1.0


class Srv(NamedTuple):
    """A record of RFC 2782; `target` without the dot at its end, empty for "no such service"."""

    priority: int
    weight: int
    port: int
    target: str


class Naptr(NamedTuple):
    """A record of RFC 3403; `replacement` without the dot at its end."""

    order: int
    preference: int
    flags: str
    service: str
    regexp: str
    replacement: str


class Source(Protocol):
    """Asks DNS."""

    async def query(self, name: str, kind: str) -> tuple[Sequence[Any], float]:
        """The records of a kind that a name has, and for how many seconds they hold.

        A and AAAA are addresses as text, PTR names with a dot at their end, SRV and NAPTR tuples
        in the order of the fields above.
        Without records: there are none, or nobody could be asked. Raises nothing for what the
        network does.
        """
        ...


class _Entry(NamedTuple):
    records: tuple[Any, ...]
    expires: float
    size: int


class Names:
    """Records by name and kind.

    `settings` limits the cache (`dns_cache_*`), `clock` gives seconds that only grow, `random`
    numbers from 0 to less than 1 for whoever chooses by weights. `local_ttl` is for how many
    seconds answers with records are remembered from now on, whatever they and the settings say; 0:
    as they say. `failures` counts the lookups that found nothing.
    """

    def __init__(
        self,
        source: Source,
        settings: Settings,
        clock: Callable[[], float],
        random: Callable[[], float] = random_module.random,
    ) -> None:
        self.random = random
        self.local_ttl = 0.0
        self._source = source
        self._settings = settings
        self._clock = clock
        self._cached = settings.use_dns_cache and settings.dns_cache_init
        self._entries: OrderedDict[tuple[str, str], _Entry] = OrderedDict()
        self._size = 0
        self._swept = clock()
        self._asked: dict[tuple[str, str], asyncio.Future[tuple[Any, ...]]] = {}
        self.failures = 0
        self._given: dict[tuple[str, str], tuple[Any, ...]] = {}

    def __len__(self) -> int:
        """How many answers are remembered."""
        return len(self._entries)

    async def query(self, name: str, kind: Kind) -> tuple[Any, ...]:
        """The records: text for A, AAAA and PTR, `Srv`, `Naptr`; empty if there are none to be had.

        Does not wait if they are known.
        """
        known = self.begin(name, kind)
        if isinstance(known, tuple):
            return known
        import asyncio  # slow to import, and `check` looks nothing up

        # One that stops waiting must not take the answer away from the others.
        return await asyncio.shield(known)

    def begin(self, name: str, kind: Kind) -> tuple[Any, ...] | asyncio.Future[tuple[Any, ...]]:
        """What is known of a name, or else the lookup, which runs from now on."""
        key = (name.lower().removesuffix("."), kind)
        if self._given:
            given = self._given.get(key)
            if given is not None:
                return given
        entry = self._entries.get(key)
        if entry is not None:
            if self._clock() < entry.expires:
                self._entries.move_to_end(key)
                return entry.records
            self._forget(key)
        lookup = self._asked.get(key)
        if lookup is not None:
            return lookup
        if not _is_name(name) or len(self._asked) >= MAX_LOOKUPS:
            return ()
        return self._ask(key)

    def give(self, name: str, kind: Kind, records: tuple[Any, ...], seconds: float | None) -> None:
        """Know records without asking, for some seconds, or always; `()`: that there are none."""
        key = (name.lower().removesuffix("."), kind)
        if seconds is None:
            self._given[key] = (*self._given.get(key, ()), *records)
            return
        entry = self._entries.get(key)
        known = entry.records if entry is not None else ()
        self._remember(key, (*known, *records), seconds)

    @property
    def size(self) -> int:
        """How many bytes the answers take that are remembered."""
        return self._size

    def entries(self) -> list[tuple[str, str, tuple[Any, ...], float, int]]:
        """What is remembered: name, kind, records, seconds that are left, bytes."""
        now = self._clock()
        return [
            (name, kind, entry.records, entry.expires - now, entry.size)
            for (name, kind), entry in self._entries.items()
            if entry.expires > now
        ]

    def forget(self, name: str, kind: Kind) -> bool:
        """Forget what is known of a name; whether something was."""
        key = (name.lower().removesuffix("."), kind)
        was_known = key in self._entries or key in self._given
        self._forget(key)
        self._given.pop(key, None)
        return was_known

    def forget_all(self) -> None:
        """Forget all that was answered."""
        self._entries.clear()
        self._size = 0

    def _ask(self, key: tuple[str, str]) -> asyncio.Future[tuple[Any, ...]]:
        import asyncio

        lookup = asyncio.ensure_future(self._look_up(key))
        self._asked[key] = lookup
        lookup.add_done_callback(lambda _: self._asked.pop(key, None))
        return lookup

    async def _look_up(self, key: tuple[str, str]) -> tuple[Any, ...]:
        name, kind = key
        found, ttl = await self._source.query(name, kind)
        make = _MAKE.get(kind, str)
        records = tuple(make(each) for each in found[:MAX_RECORDS])
        self.failures += not records
        if self._cached:
            self._remember(key, records, self._seconds(records, ttl))
        return records

    def _seconds(self, records: tuple[Any, ...], ttl: float) -> float:
        """How long an answer is remembered."""
        settings = self._settings
        if not records:
            return settings.dns_cache_negative_ttl
        if self.local_ttl:
            return self.local_ttl
        longest = settings.dns_cache_max_ttl
        if longest is not None:
            ttl = min(ttl, longest)
        return max(ttl, settings.dns_cache_min_ttl)

    def _remember(self, key: tuple[str, str], records: tuple[Any, ...], seconds: float) -> None:
        if seconds <= 0:
            return
        size = _size(key, records)
        now = self._clock()
        settings = self._settings
        room = settings.dns_cache_mem * 1024
        full = self._size + size > room
        since = now - self._swept
        if since >= (_SWEEP_SECONDS if full else settings.dns_cache_gc_interval):
            self._sweep(now)
        if settings.dns_cache_del_nonexp:
            while self._entries and self._size + size > room:
                self._forget(next(iter(self._entries)))
        if self._size + size <= room:
            self._forget(key)
            self._entries[key] = _Entry(records, now + seconds, size)
            self._size += size

    def _forget(self, key: tuple[str, str]) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._size -= entry.size

    def _sweep(self, now: float) -> None:
        """Forget what has expired."""
        self._swept = now
        for key in [key for key, entry in self._entries.items() if entry.expires <= now]:
            self._forget(key)


_MAKE: Final[dict[str, Callable[[Any], Any]]] = {"SRV": Srv._make, "NAPTR": Naptr._make}


def _is_name(text: str) -> bool:
    return (
        len(text) <= _MAX_NAME
        and _NAME.fullmatch(text) is not None
        and all(len(label) <= 63 for label in text.split("."))
    )


def _size(key: tuple[str, str], records: tuple[Any, ...]) -> int:
    texts = len(key[0])
    for record in records:
        fields = (record,) if isinstance(record, str) else record
        texts += _RECORD_SIZE + sum(len(each) for each in fields if isinstance(each, str))
    return _ENTRY_SIZE + texts


class _Nobody:
    async def query(self, name: str, kind: str) -> tuple[Sequence[Any], float]:
        del name, kind
        return (), 0


def no_names(settings: Settings) -> Names:
    """For a Program without a network: no name has records."""
    return Names(_Nobody(), settings, lambda: 0.0)
