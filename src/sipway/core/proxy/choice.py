"""The best of several final responses (RFC 3261 section 16.7, step 6)."""

from __future__ import annotations

from typing import Final

_WORST: Final = 32000

# Of the 4xx those first that tell the caller how to do better.
_HELPFUL: Final = (401, 407, 415, 420, 484)


def priority(status: int, keep_6xx: bool = False) -> int:
    """How good a final response is to send back; the lowest is the best.

    A 6xx is better than all others, then the lower class; within the 4xx those that help.
    """
    kind = status // 100
    if kind == 6 and not keep_6xx:
        return status - 600
    if status in _HELPFUL:
        return 4000
    if status == 408:
        return 4000 + 999
    return kind * 1000 + 100 + status % 100
