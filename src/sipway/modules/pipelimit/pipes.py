"""The pipes of a server, by name, and which of them are no longer used."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Final

from sipway.core.limiting.pipes import FEEDBACK, NETWORK, Load, Pipe

MOST_PIPES: Final = 1 << 16
"""Of those that scripts make, often by addresses: the one unused for longest makes room."""

_STEP: Final = 2  # pipes that are looked at with each request, which makes one at most


class NamedPipe(Pipe):
    """A pipe.

    used     the last interval in which it got a request
    is_kept  the database has it
    """

    __slots__ = ("is_kept", "name", "used")

    def __init__(self, name: str, algorithm: int, limit: int, interval: int) -> None:
        super().__init__(algorithm, limit, interval)
        self.name = name
        self.used = interval - 1
        self.is_kept = False

    def unused(self, interval: int) -> int:
        """Intervals that have ended since, without a request."""
        return max(interval - self.used - 1, 0)


class Pipes:
    """All pipes, the one that was used least recently first."""

    def __init__(self, most: int = MOST_PIPES) -> None:
        self.load = Load()
        self._most = most
        self._by_name: OrderedDict[str, NamedPipe] = OrderedDict()
        self._of_database = 0
        self._network = False

    def __len__(self) -> int:
        return len(self._by_name)

    def __iter__(self) -> Iterator[NamedPipe]:
        return iter(list(self._by_name.values()))

    def get(self, name: str) -> NamedPipe | None:
        return self._by_name.get(name)

    def set(self, name: str, algorithm: int, limit: int, interval: int) -> NamedPipe:
        """Make a pipe, or change the one of that name."""
        if algorithm == FEEDBACK:
            self.load.feedback(limit)  # it looks at the load from now on
        self._network |= algorithm == NETWORK
        pipe = self._by_name.get(name)
        if pipe is None:
            pipe = self._by_name[name] = NamedPipe(name, algorithm, limit, interval)
            if len(self._by_name) - self._of_database > self._most:
                self._make_room()
        pipe.algorithm, pipe.limit = algorithm, limit
        return pipe

    def keep(self, name: str, algorithm: int, limit: int, interval: int) -> None:
        """Make a pipe of the database, which gives no room to others."""
        pipe = self.set(name, algorithm, limit, interval)
        if not pipe.is_kept:
            pipe.is_kept = True
            self._of_database += 1

    def remove(self, name: str) -> bool:
        """Whether there was one."""
        pipe = self._by_name.pop(name, None)
        if pipe is not None and pipe.is_kept:
            self._of_database -= 1
        return pipe is not None

    def _make_room(self) -> None:
        # There is one that is not kept. Those that are go to the end, and so seldom are in the way.
        while (pipe := next(iter(self._by_name.values()))).is_kept:
            self._by_name.move_to_end(pipe.name)
        self.remove(pipe.name)

    def check(self, pipe: NamedPipe, interval: int) -> int:
        """Count a request: UNDER, OVER or NOTHING."""
        self._by_name.move_to_end(pipe.name)
        pipe.used = interval
        return pipe.check(interval, self.load)

    def sweep(self, interval: int, clean: int, most: int = _STEP) -> bool:
        """Look at so many pipes at most, whether they have been unused for more than `clean`
        intervals, and remove them; whether there may be more.

        What was used later than now was used before somebody set the clock.
        """
        for _ in range(most):
            pipe = next(iter(self._by_name.values()), None)
            if pipe is None or (pipe.unused(interval) <= clean and pipe.used <= interval):
                return False
            self.remove(pipe.name)
        return True

    def wants(self) -> tuple[bool, bool]:
        """Whether the load of the CPUs and of the network counts for any."""
        return self.load.has_feedback, self._network
