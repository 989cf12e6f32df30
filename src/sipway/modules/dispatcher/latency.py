"""How long a destination takes to answer probes, in milliseconds.

Source: README of dispatcher, section 3.27 (ds_ping_latency_stats). What was seen on Kamailio 5.6.3:
the mean is one of the last ten thousand answers, and begins as such a one with the attribute
`latency`; the estimate is the mean until there are ten answers, and
`ds_latency_estimator_alpha` is the weight of what it was before.
"""

from __future__ import annotations

import math
from typing import Final

_WINDOW: Final = 10_000
_FEW: Final = 10
"""So many answers are too few for an estimate of its own."""


class Latency:
    """`average` and `deviation` of many answers, `estimate` of the last few (EWMA)."""

    __slots__ = ("_count", "_squares", "average", "estimate", "maximum", "timeouts")

    def __init__(self, first: int = 0) -> None:
        self.average = self.estimate = float(first)
        self.maximum = first
        self.timeouts = 0
        self._squares = 0.0
        self._count = _WINDOW if first else 0

    def add(self, milliseconds: int, alpha: float) -> None:
        """One more answer; `alpha` is the weight of the estimate as it was, from 0 to 1."""
        if self._count < _WINDOW:
            self._count += 1
        else:  # one of the old ones goes for each new one
            self._squares -= self._squares / _WINDOW
        before = milliseconds - self.average
        self.average += before / self._count
        self._squares += before * (milliseconds - self.average)
        if self._count < _FEW:
            self.estimate = self.average
        else:
            self.estimate = alpha * self.estimate + (1 - alpha) * milliseconds
        self.maximum = max(self.maximum, milliseconds)

    @property
    def deviation(self) -> float:
        return math.sqrt(self._squares / (self._count - 1)) if self._count > 1 else 0.0

    @property
    def congestion(self) -> float:
        """How much longer it takes now than it mostly does."""
        return max(0.0, self.estimate - self.average)
