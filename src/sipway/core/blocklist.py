"""Destinations that could not be reached, left alone for a while (`use_dst_blocklist`).

Source: core cookbook, section Destination Blocklist Parameters, and README of tm, `blst_*`. What
Kamailio 5.6.3 answers instead of sending there was tried.
"""

from __future__ import annotations

from typing import Final

# So much of `dst_blocklist_mem` an entry takes in Kamailio, about.
_ENTRY_BYTES: Final = 100


class Blocklist:
    """Protocols and raw addresses, each with the time when it is forgotten.

    `seconds` is how long an entry stays, `kilobytes` bounds how many there are: a further one is
    not taken, once those that have expired are gone.
    """

    def __init__(self, seconds: int, kilobytes: int) -> None:
        self._seconds = seconds
        self._most = kilobytes * 1024 // _ENTRY_BYTES
        self._until: dict[tuple[str, bytes], float] = {}

    def add(self, protocol: str, address: bytes, now: float, seconds: float | None = None) -> None:
        """Leave a destination alone, for `seconds` or as long as usual."""
        key = (protocol, address)
        if key not in self._until and len(self._until) >= self._most:
            self._until = {each: until for each, until in self._until.items() if until > now}
            if len(self._until) >= self._most:
                return
        self._until[key] = now + (self._seconds if seconds is None else seconds)

    def has(self, protocol: str, address: bytes, now: float) -> bool:
        """Whether a destination is to be left alone."""
        until = self._until.get((protocol, address))
        if until is None:
            return False
        if until > now:
            return True
        del self._until[protocol, address]
        return False

    def entries(self, now: float) -> list[tuple[str, bytes, float]]:
        """Protocol, raw address and the time until when, of each that is left alone."""
        return [(*key, until) for key, until in self._until.items() if until > now]

    def clear(self) -> None:
        """Leave none alone any more."""
        self._until.clear()

    def __len__(self) -> int:
        return len(self._until)
