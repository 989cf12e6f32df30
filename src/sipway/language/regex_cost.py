"""How long Python's `re`, which tries one way after another, can take for a pattern.

The bound is `factor * length ** degree` steps for a subject of this length. Each repetition looks
at every character once for every way to come to it. A repetition of one character that what
follows can't begin with has one end only; every other one can end anywhere, which is one degree
more for all behind it. So is a pattern that can begin anywhere. A repetition of something that can
itself be matched in several ways costs without bound.
"""

from __future__ import annotations

from typing import Final

from sipway.language.posix import (
    Anchor,
    Chars,
    Choice,
    Group,
    Ranges,
    Reference,
    Repeat,
    Sequence,
    Tree,
)
from sipway.language.record import Record

# More repetitions than that count as any number of them.
_FEW: Final = 8
_FEW_WAYS: Final = 64
# Sets of characters as bits: one for each of the first 256, one for all others, one for the end.
_OTHERS: Final = 256
_END: Final = 1 << 257
_ANY: Final = _END - 1


class Cost(Record):
    """`degree` is None where there is no bound."""

    factor: int
    degree: int | None

    @property
    def is_linear(self) -> bool:
        """Whether no subject that comes in a message takes long."""
        return self.degree in (0, 1) and self.factor <= _FEW_WAYS

    def longest(self, steps: int) -> int:
        """How long a subject may be if no more than so many steps are to be made."""
        if self.degree is None or self.factor > steps:
            return 0
        return int((steps / self.factor) ** (1 / max(self.degree, 1)))


def cost(tree: Tree) -> Cost:
    """The bound for a search of a pattern in a text."""
    counter = _Counter()
    counter.count(_flat(tree), 0)
    if counter.unbounded:
        return Cost(1, None)
    degree = max(counter.degree, counter.open_ended)
    return Cost(counter.factor, degree + (not _is_anchored(tree)))


def _flat(tree: Tree) -> tuple[Tree, ...]:
    """The items of a sequence, those of plain groups in it included."""
    if isinstance(tree, Group):
        return _flat(tree.body)
    if isinstance(tree, Sequence):
        return tuple(each for item in tree.items for each in _flat(item))
    return (tree,)


class _Counter:
    def __init__(self) -> None:
        self.factor = 1
        self.degree = 0
        # Repetitions so far that can end anywhere.
        self.open_ended = 0
        self.unbounded = False

    def count(self, items: tuple[Tree, ...], behind: int) -> None:
        """Go through a sequence; `behind` is what can follow it (0: nothing, it is the end)."""
        for number, item in enumerate(items):
            following = _first(items[number + 1 :], behind)
            if isinstance(item, Repeat):
                self._repeat(item, following)
            elif isinstance(item, Choice):
                self.factor *= len(item.branches)
                most = start = self.open_ended
                for branch in item.branches:
                    self.open_ended = start
                    self.count(_flat(branch), following)
                    most = max(most, self.open_ended)
                self.open_ended = most
            elif isinstance(item, Reference):
                self.degree = max(self.degree, self.open_ended + 1)
        self.factor = min(self.factor, 1 << 40)

    def _repeat(self, node: Repeat, following: int) -> None:
        body = _flat(node.body)
        fixed = _is_fixed(body)
        if node.most == 0 or (fixed and node.least == node.most):
            return
        if not fixed:
            self._repeat_of_many(node, body, following)
            return
        one = body[0] if len(body) == 1 else None
        decided = isinstance(one, Chars) and not _bits(one.ranges) & following
        if node.most is not None and node.most - node.least <= _FEW:
            if not decided:
                self.factor *= node.most - node.least + 1
            return
        self.degree = max(self.degree, self.open_ended + 1)
        self.open_ended += not decided

    def _repeat_of_many(self, node: Repeat, body: tuple[Tree, ...], following: int) -> None:
        """Of a group that can be matched in several ways."""
        if node.most == 1:
            self.factor *= 2
            self.count(body, following)
            return
        inner = _Counter()
        begin = _first(body, 0) or _ANY | _END
        inner.count(body, begin | following)
        if inner.unbounded:
            self.unbounded = True
        elif node.most is not None and node.most <= _FEW and not inner.degree:
            self.factor *= inner.factor**node.most
        elif inner.factor == 1 and not inner.open_ended and not begin & (following or _ANY):
            # Only one way through each round, and one place where the rounds end.
            self.degree = max(self.degree, self.open_ended + 1)
        else:
            self.unbounded = True


def _is_fixed(body: tuple[Tree, ...]) -> bool:
    """Whether it matches one number of characters, in one way."""
    return all(
        isinstance(each, Chars | Anchor)
        or (isinstance(each, Repeat) and each.least == each.most and _is_fixed(_flat(each.body)))
        for each in body
    )


def _first(items: tuple[Tree, ...], behind: int) -> int:
    """What can come first: characters as bits, and the end of the text; 0 if anything may."""
    found = 0
    for number, item in enumerate(items):
        if isinstance(item, Chars):
            return found | _bits(item.ranges)
        if isinstance(item, Anchor):
            if item.kind in ("$", "\\'"):
                return found | _END
        elif isinstance(item, Choice):
            rest = items[number + 1 :]
            for branch in item.branches:
                found |= _first((*_flat(branch), *rest), behind) or _ANY | _END
            return found
        elif isinstance(item, Repeat) and isinstance(item.body, Chars):
            found |= _bits(item.body.ranges)
            if item.least:
                return found
        else:
            return _ANY | _END
    if not behind:
        # The pattern is matched here, whatever comes.
        return found and _ANY | _END
    return found | behind


def _bits(ranges: Ranges) -> int:
    found = 0
    for first, last in ranges:
        if first < _OTHERS:
            found |= (1 << (min(last, _OTHERS - 1) + 1)) - (1 << first)
        if last >= _OTHERS:
            found |= 1 << _OTHERS
    return found


def _is_anchored(tree: Tree) -> bool:
    """Whether it can match at the beginning of the text only."""
    if isinstance(tree, Choice):
        return all(_is_anchored(branch) for branch in tree.branches)
    if isinstance(tree, Group):
        return _is_anchored(tree.body)
    if isinstance(tree, Sequence):
        return bool(tree.items) and _is_anchored(tree.items[0])
    return isinstance(tree, Anchor) and tree.kind in ("^", "\\`")
