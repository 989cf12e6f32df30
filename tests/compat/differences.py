"""Where sipway does otherwise than Kamailio 5.6.3 on purpose: the one list of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Difference:
    """Why sipway differs, and its outcome of the case, written as `str(Outcome)`."""

    reason: str
    ours: str


DIFFERENCES: Final[dict[str, Difference]] = {}
