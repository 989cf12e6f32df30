"""Time and chance: what happens when, in an order that a seed alone decides."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from random import Random
from typing import Any

BEGIN = 1_795_483_209.104714
"""When simulations begin (seconds since the epoch): times are as large as in life."""


class World:
    """The clock, `now` in seconds since the epoch, and what is to happen at which time."""

    def __init__(self, seed: int) -> None:
        self.now = BEGIN
        self.rng = Random(seed)
        self.events = 0
        self._heap: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._count = 0

    def after(self, seconds: float, what: Callable[..., None], *arguments: Any) -> None:
        """Have something happen so many seconds from now."""
        self._count += 1
        heappush(self._heap, (self.now + seconds, self._count, what, arguments))

    def run(self, until: float) -> None:
        """Let time pass, up to a time or until nothing is left to happen."""
        heap = self._heap
        while heap and heap[0][0] <= until:
            self.now, _, what, arguments = heappop(heap)
            self.events += 1
            what(*arguments)
        if self.now < until and heap:
            self.now = until

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to happen."""
        return not self._heap

    def clear(self) -> None:
        """Let nothing more happen."""
        self._heap.clear()
