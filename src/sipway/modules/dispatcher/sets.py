"""Sets of destinations, and all of them: what a reload swaps as one.

Source: README of dispatcher. The order of destinations and of sets is that of Kamailio 5.6.3,
because selections, and matches over all sets, go by it.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Final

from sipway.modules.dispatcher.destinations import Destination
from sipway.modules.dispatcher.tree import in_order_of_tree

_FULL: Final = 100


class Slots:
    """Whose turn it is, by shares: a hundred turns in an order that is random, again and again."""

    def __init__(self, shares: Iterable[tuple[int, int]]) -> None:
        """`shares` are (place in the set, number of turns)."""
        self._turns = [place for place, turns in shares for _ in range(turns)]
        random.shuffle(self._turns)
        self._next = 0

    def __bool__(self) -> bool:
        return bool(self._turns)

    def turn(self) -> int:
        place = self._turns[self._next]
        self._next = (self._next + 1) % len(self._turns)
        return place


class DestinationSet:
    """The destinations of a set, the best first: by priority, of equal ones the last added.

    turn       place of the destination whose turn it is in a round robin
    """

    def __init__(self, number: int, destinations: Iterable[Destination]) -> None:
        self.number = number
        self.destinations = list(destinations)
        self.destinations.reverse()
        self.destinations.sort(key=_rank)
        # By URI, letters as they may be; of several alike the best.
        self._by_uri = {each.uri.lower(): each for each in reversed(self.destinations)}
        self.turn = 0
        self._weights: dict[int, Slots] = {}
        self._shares: dict[int, tuple[tuple[int, ...], Slots]] = {}

    def find(self, uri: str) -> Destination | None:
        """The destination of this URI, letters as they may be."""
        return self._by_uri.get(uri.lower())

    def usable_from(self, place: int, count: int) -> Iterator[int]:
        """Places of usable destinations among the first `count`, from this one on and around."""
        for step in range(count):
            at = (place + step) % count
            if self.destinations[at].is_usable:
                yield at

    def weights(self, count: int) -> Slots:
        """By the attribute `weight` of the first `count`, up to a hundred turns.

        The last one gets what is missing.
        """
        found = self._weights.get(count)
        if found is None:
            weights = [each.attributes.weight for each in self.destinations[:count]]
            found = self._weights[count] = Slots(_filled(weights) if any(weights) else ())
        return found

    def shares(self, algorithm: int, weights: list[int]) -> Slots:
        """By shares of their sum; an algorithm keeps the order of turns while they are the same."""
        key = tuple(weights)
        found = self._shares.get(algorithm)
        if found is None or found[0] != key:
            total = sum(weights)
            parts = [each * _FULL // total for each in weights] if total else []
            found = self._shares[algorithm] = (key, Slots(_completed(parts)))
        return found[1]


def _filled(weights: list[int]) -> list[tuple[int, int]]:
    """Weights up to a hundred: who goes above that gets what is left, those behind it nothing.

    What is missing to a hundred goes to the last destination.
    """
    found = []
    left = _FULL
    for place, weight in enumerate(weights):
        found.append((place, min(weight, left)))
        left -= min(weight, left)
    found.append((len(weights) - 1, left))
    return found


def _completed(parts: list[int]) -> list[tuple[int, int]]:
    """What is missing to a hundred goes to the last that has a part at all."""
    found = list(enumerate(parts))
    last = max((place for place, part in found if part), default=None)
    return found if last is None else [*found, (last, _FULL - sum(parts))]


def _rank(destination: Destination) -> int:
    return -destination.priority


class Sets:
    """All sets, by number, in the order in which they are listed and searched."""

    def __init__(
        self, destinations: Iterable[Destination] = (), before: Sets | None = None
    ) -> None:
        """`before`: round robins go on from where they are in these."""
        by_number: dict[int, list[Destination]] = {}
        self.added = list(destinations)  # in the order in which they came
        for each in self.added:
            by_number.setdefault(each.group, []).append(each)
        order = in_order_of_tree(list(by_number))
        self._sets = {number: DestinationSet(number, by_number[number]) for number in order}
        for old in before if before is not None else ():
            if old.number in self._sets:
                self._sets[old.number].turn = old.turn

    def get(self, number: int) -> DestinationSet | None:
        return self._sets.get(number)

    def __iter__(self) -> Iterator[DestinationSet]:
        return iter(self._sets.values())

    def __len__(self) -> int:
        return len(self._sets)

    def destinations(self) -> Iterator[Destination]:
        for each in self:
            yield from each.destinations

    def find(self, number: int, uri: str) -> Destination | None:
        """The destination of this URI in a set, letters as they may be."""
        found = self.get(number)
        return None if found is None else found.find(uri)
