"""What is blocked and what is let through, each kind of value in a list of its own.

Source: README of Kamailio's module secfilter, "Database setup". A value in a list stands for all
that begins with it, in capitals or not; a destination for itself, or for all that begins with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

AGENT, COUNTRY, DOMAIN, IP, USER = range(5)
"""Numbers of the column `type`."""

KINDS: Final = ("ua", "country", "domain", "ip", "user")
"""By these numbers, as commands name them."""

BLACK, WHITE, DESTINATION = range(3)
"""Numbers of the column `action`."""

LONGEST: Final = 255


class Prefixes:
    """A list of values, in the order in which they came.

    Whether something begins with one of them is looked up once for each length that there is: a
    long list costs no more than a short one.
    """

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self._lengths: dict[int, int] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._values.values()))

    def __len__(self) -> int:
        return len(self._values)

    def add(self, value: str) -> None:
        key = value.lower()
        if key not in self._values:
            self._values[key] = value
            self._lengths[len(key)] = self._lengths.get(len(key), 0) + 1

    def remove(self, value: str) -> bool:
        """Whether it was there."""
        key = value.lower()
        if self._values.pop(key, None) is None:
            return False
        self._lengths[len(key)] -= 1
        if self._lengths[len(key)] == 0:
            del self._lengths[len(key)]
        return True

    def has(self, value: str) -> bool:
        return value.lower() in self._values

    def begin(self, value: str) -> bool:
        """Whether it begins with one of them."""
        key = value[:LONGEST].lower()
        return any(key[:length] in self._values for length in self._lengths)


class Lists:
    """All of them."""

    def __init__(self) -> None:
        self.black = tuple(Prefixes() for _ in KINDS)
        self.white = tuple(Prefixes() for _ in KINDS)
        self.destinations = Prefixes()

    def add_row(self, action: Any, kind: Any, data: Any) -> None:
        """Add a row of the database. Raises ValueError."""
        if not isinstance(data, str) or not 0 < len(data) <= LONGEST:
            raise ValueError(f"data is a text of 1 to {LONGEST} characters")
        if kind not in range(len(KINDS)):
            raise ValueError("type is a number from 0 to 4")
        if action == BLACK:
            self.black[kind].add(data)
        elif action == WHITE:
            self.white[kind].add(data)
        elif action != DESTINATION:
            raise ValueError("action is 0, 1 or 2")
        elif kind != 0:
            raise ValueError("type of a destination is 0")
        else:
            self.destinations.add(data)


def lists_of(rows: Iterable[tuple[Any, ...]]) -> tuple[Lists, list[str]]:
    """The lists of these rows, and what is wrong with those that are left out."""
    found = Lists()
    wrong = []
    for row in rows:
        try:
            found.add_row(*row)
        except ValueError as error:
            wrong.append(f"{row!r:.120}: {error}")
    return found, wrong
