"""allow_trusted(): peers known by address, transport and what From and Request-URI look like.

Source: README of Kamailio's module permissions; what it leaves open was tried on 5.6.3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from sipway.language.regex import Search, compile_posix
from sipway.modules.permissions.basic import extended

PROTOCOLS: Final = {"any": 0, "udp": 1, "tcp": 2, "tls": 3, "sctp": 4, "ws": 5, "wss": 6}
_ANY: Final = 0
_NONE: Final = "none"


class TrustedRow(NamedTuple):
    """A row of the table; an empty pattern is as good as none."""

    source: str
    protocol: str | None
    from_pattern: str | None
    ruri_pattern: str | None
    tag: str | None
    priority: int


def _made(pattern: str) -> Search:
    return compile_posix(extended(pattern), ignore_case=False)


_remembered: Final = lru_cache(maxsize=1024)(_made)


class Rule:
    """A row, ready to be compared."""

    def __init__(self, row: TrustedRow, search: Callable[[str], Search]) -> None:
        """`search` makes one of an expression. Raises ValueError for a row that cannot be."""
        if row.protocol is None:
            raise ValueError(f"the protocol of {row.source} is missing")
        name = row.protocol.lower()
        if name not in PROTOCOLS:
            raise ValueError(f'"{row.protocol}" of {row.source} is no protocol')
        self.row = row
        self.protocol = PROTOCOLS[name]
        self._from = search(row.from_pattern) if row.from_pattern else None
        self._ruri = search(row.ruri_pattern) if row.ruri_pattern else None

    def is_about(self, protocol: int, from_uri: str, ruri: str) -> bool:
        if self.protocol != _ANY and protocol not in (_ANY, self.protocol):
            return False
        if self._from is not None and not self._from(from_uri):
            return False
        return self._ruri is None or bool(self._ruri(ruri))


def rules_of(
    rows: Iterable[TrustedRow], search: Callable[[str], Search] = _remembered
) -> list[Rule]:
    """Those of rows that can ever match, in their order. Raises ValueError."""
    return [Rule(each, search) for each in rows if (each.protocol or "").lower() != _NONE]


class Peers:
    """All of a table, the highest priority first."""

    def __init__(self, rows: Iterable[TrustedRow]) -> None:
        """Raises ValueError for a row that cannot be."""
        self.by_source: dict[str, list[Rule]] = {}
        # Many rows have the same expressions; making one takes longer than reading a row.
        for rule in rules_of(rows, lru_cache(maxsize=None)(_made)):
            self.by_source.setdefault(rule.row.source, []).append(rule)
        for each in self.by_source.values():
            each.sort(key=lambda rule: -rule.row.priority)
