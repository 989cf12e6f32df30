"""Identities of transactions, which nobody can guess: so nobody answers what he was not sent.

Compiled (see `identities.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

_DRAWN: Final = 64  # so many are drawn with one system call
_DIGITS = 16


class Identities:
    """Gives out 16 digits at a time; `randbytes` is where they come from."""

    def __init__(self, randbytes: Callable[[int], bytes]) -> None:
        self._randbytes = randbytes
        self._random = b""
        self._used = 0  # so much of it has been given out

    def draw(self) -> bytes:
        """The next 16 digits."""
        if self._used == len(self._random):
            self._random = self._randbytes(_DIGITS // 2 * _DRAWN).hex().encode()
            self._used = 0
        begin = self._used
        self._used = begin + _DIGITS
        return self._random[begin : self._used]
