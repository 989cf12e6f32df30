"""The tree over the bytes of addresses in which hits are counted.

Source: README of Kamailio's module pike, "Developer Guide"; which hit does what was seen on
Kamailio 5.6.3. A hit goes to the longest prefix of its address that has a node. A prefix that is
hit often enough grows, by the next byte of the address that hit it, until there is a node of the
whole address: only that can be blocked. So few nodes are needed to watch many addresses.

Time is cut into periods. Each node counts the hits of this period and remembers those of the one
before; it is brought up to date when somebody looks at it, so no timer has to visit all of them.
Nodes without children leave when nobody has hit them for a while, and then their parents.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Final

from sipway.language.record import Record

MOST_NODES: Final = 1 << 17
"""When there are more, the one that was hit least recently makes room: forged sources are many."""

FREE, BLOCKED, NEWLY_BLOCKED = 1, -1, -2

OFTEN: Final = 4  # a prefix grows at this part of what blocks an address
_STEP: Final = 2  # nodes that are looked at with each hit, which makes one at most


class Limits(Record):
    """What the parameters say.

    period   seconds
    most     hits in a period that block an address; None for no number of hits
    latency  seconds that a node stays when nobody hits it
    """

    period: int
    most: int | None
    latency: int


class Node:
    """A prefix. `hits` are those that went no further, `own` those of the whole address.

    `is_address`: it was hit as one, so it can be shown.
    """

    __slots__ = (
        "blocked",
        "children",
        "hits",
        "hits_before",
        "is_address",
        "last",
        "own",
        "own_before",
        "period",
    )

    def __init__(self, period: int, hits: int, now: float) -> None:
        self.period = period
        self.last = now
        self.hits = hits
        self.hits_before = 0
        self.own = 0
        self.own_before = 0
        self.children = 0
        self.is_address = False
        self.blocked = False

    def advance(self, period: int) -> None:
        """Bring it to this period."""
        if period == self.period:
            return
        follows = period == self.period + 1
        self.hits_before = self.hits if follows else 0
        self.own_before = self.own if follows else 0
        self.hits = self.own = 0
        self.period = period

    def is_full(self, most: int | None) -> bool:
        """Whether an address has been hit often enough to be blocked."""
        return most is not None and (self.own >= most or self.own_before >= most)

    def is_warm(self, most: int | None) -> bool:
        """Whether a prefix has been hit often enough to grow."""
        if most is None:
            return False
        return self.hits >= most // OFTEN or self.hits_before >= most // OFTEN


class Tree:
    """All nodes, by prefix. An address is its bytes behind one that says of which kind it is.

    `on_free` is told the address of each node that is blocked no more.
    """

    def __init__(self, on_free: Callable[[bytes], None], most_nodes: int = MOST_NODES) -> None:
        self._on_free = on_free
        self._most_nodes = most_nodes
        self._nodes: dict[bytes, Node] = {}
        # Nodes without children, the one that was hit least recently first.
        self._tips: OrderedDict[bytes, Node] = OrderedDict()
        self._blocked: dict[bytes, Node] = {}
        # Before this no node is too old.
        self._sweep_at = 0.0
        self._now = 0.0

    def __len__(self) -> int:
        return len(self._nodes)

    def hit(self, address: bytes, now: float, limits: Limits) -> int:
        """Count a hit; one of FREE, BLOCKED, NEWLY_BLOCKED."""
        period = int(now // limits.period)
        if now >= self._sweep_at or now < self._now:
            self.sweep(now, limits, _STEP)
        self._now = now
        node = self._nodes.get(address)
        if node is None:
            self._hit_prefix(address, period, now, limits)
            return FREE
        if period != node.period:
            self._bring(address, node, period, limits)
        node.own += 1
        node.is_address = True
        node.last = now
        self._tips.move_to_end(address)
        if node.blocked:
            return BLOCKED
        if not node.is_full(limits.most):
            return FREE
        node.blocked = True
        self._blocked[address] = node
        return NEWLY_BLOCKED

    def _hit_prefix(self, address: bytes, period: int, now: float, limits: Limits) -> None:
        size = 2
        dad = self._nodes.get(address[:size])
        if dad is None:
            self._add(address[:size], Node(period, 1, now))
            return
        while (node := self._nodes.get(address[: size + 1])) is not None:
            dad = node
            size += 1
        dad.advance(period)
        dad.hits += 1
        dad.last = now
        if dad.is_warm(limits.most):
            dad.children += 1
            self._tips.pop(address[:size], None)
            self._add(address[: size + 1], Node(period, dad.hits - 1, now))
        elif dad.children == 0:
            self._tips.move_to_end(address[:size])

    def _add(self, prefix: bytes, node: Node) -> None:
        self._nodes[prefix] = self._tips[prefix] = node
        if len(self._nodes) > self._most_nodes:
            oldest = next(iter(self._tips))
            self._remove(oldest, node.last)

    def _remove(self, prefix: bytes, now: float) -> None:
        """Remove a node without children; its parent may be one from now on."""
        node = self._nodes.pop(prefix)
        del self._tips[prefix]
        if node.blocked:
            self._free(prefix, node)
        dad = self._nodes.get(prefix[:-1])
        if dad is not None:
            dad.children -= 1
            if dad.children == 0:
                dad.last = now
                self._tips[prefix[:-1]] = dad

    def _bring(self, address: bytes, node: Node, period: int, limits: Limits) -> None:
        node.advance(period)
        if node.blocked and not node.is_full(limits.most):
            self._free(address, node)

    def _free(self, address: bytes, node: Node) -> None:
        node.blocked = False
        del self._blocked[address]
        self._on_free(address)

    def sweep(self, now: float, limits: Limits, most: int) -> bool:
        """Remove nodes that nobody has hit for a while, so many at most; whether there may be more.

        What is later than now was hit before somebody set the clock.
        """
        for _ in range(most):
            if not self._tips:
                return False
            prefix, node = next(iter(self._tips.items()))
            if 0 <= now - node.last <= limits.latency:
                self._sweep_at = node.last + limits.latency
                return False
            self._remove(prefix, now)
        return True

    def look(
        self, now: float, limits: Limits, *, blocked: bool = False
    ) -> Iterator[tuple[bytes, Node]]:
        """All addresses, or those that are blocked, brought up to date as they are looked at.

        Between two of them the caller may do other things.
        """
        period = int(now // limits.period)
        for address, node in list((self._blocked if blocked else self._tips).items()):
            if node.is_address and self._nodes.get(address) is node:
                self._bring(address, node, period, limits)
                yield address, node
