"""How much of what is chosen for a destination passes it by, because it has too much to do.

Source: README of dispatcher, sections 4.1 (algorithm 64), 4.19 and 6.1.1; RFC 7339. The README says
of the attribute `ocrate` that 100 is the default, and of the rate that ds_oc_set_attrs() sets that
it is what is skipped. So the attribute is taken for the share of selections that a destination
gets, for good, and the other one for the share that passes it by, for a while; of a hundred
selections it gets `ocmin` at least.
"""

from __future__ import annotations

import re
from typing import Final

_FULL: Final = 100
_USUAL: Final = 0.5
_SEQUENCE: Final = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,5}))?", re.ASCII)

Sequence = tuple[int, str]


def read_sequence(text: str) -> Sequence:
    """A number, or two with a dot between them as RFC 7339 has it. Raises ValueError."""
    found = _SEQUENCE.fullmatch(text)
    if found is None:
        raise ValueError(f'a sequence number is written 17 or 1282321615.782, not "{text:.30}"')
    return int(found[1]), (found[2] or "").ljust(5, "0")


class Overload:
    """Of one destination.

    rate      as it was set last
    set_at    when that was; 0: never
    sequence  that came with it, as it was written
    """

    __slots__ = ("_least", "_passed", "_share", "_until", "rate", "sequence", "set_at")

    def __init__(self, share: int, least: int) -> None:
        self._share = max(share, least)
        self._least = least
        self._until = 0.0
        self._passed = 0
        self.rate = share
        self.set_at = 0.0
        self.sequence = "0"

    def set(self, rate: int, milliseconds: int, sequence: str, now: float) -> bool:
        """Have so many of a hundred pass by for a while; False if a later one was set already.

        Raises ValueError.
        """
        if not 1 <= rate <= _FULL:
            raise ValueError(f"a rate is a number from 1 to {_FULL}, not {rate}")
        if read_sequence(sequence) <= read_sequence(self.sequence):
            return False
        self.rate = rate
        self.sequence = sequence
        self.set_at = now
        self._until = now + (milliseconds / 1000 if milliseconds > 0 else _USUAL)
        return True

    def passes_by(self, now: float) -> bool:
        """Whether this selection does; evenly spread over a hundred of them."""
        share = max(_FULL - self.rate, self._least) if now < self._until else self._share
        self._passed += _FULL - share
        if self._passed < _FULL:
            return False
        self._passed -= _FULL
        return True

    def go_on_from(self, other: Overload) -> None:
        if other.set_at:
            self.rate = other.rate
            self.set_at = other.set_at
            self.sequence = other.sequence
            self._until = other._until
