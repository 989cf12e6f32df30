"""What there is to say of one code."""

from __future__ import annotations

from typing import NamedTuple


class Explanation(NamedTuple):
    """`what` is wrong, `why` that matters, an `example` of a script with it, the `fix`."""

    what: str
    why: str
    example: str
    fix: str
