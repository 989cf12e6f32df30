"""The best of several final responses (RFC 3261 section 16.7, step 6)."""

from __future__ import annotations

from typing import Final

# So far apart are the classes, which is what `faked_reply_prio` is measured by.
_CLASS: Final = 1000

# Of the 4xx those first that tell the caller how to do better, 401 before all.
_HELPFUL: Final = (401, 407, 415, 420, 484)


def priority(status: int) -> int:
    """How good a final response is to send back; the lowest is the best.

    A 6xx is better than all others, else the lower class. Within a class the lower status, but of
    the 4xx those first that help.
    """
    kind = status // 100
    if kind == 6:
        return status - 600
    if kind == 4 and status not in _HELPFUL:
        return 4 * _CLASS + status % 100 + 100
    return kind * _CLASS + status % 100
