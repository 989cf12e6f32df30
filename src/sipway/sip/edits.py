"""Changes of a message, and the bytes with all of them made, in one pass.

Compiled (see `edits.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from collections.abc import Iterable

from sipway.sip import headers
from sipway.sip._bytes import Writer
from sipway.sip.message import Message

_CONTENT_LENGTH = headers.CONTENT_LENGTH

# More edits than these, as of a body rewritten piece by piece, are put in order by sorted().
_FEW = 32

# One for all messages: it is filled and emptied within one call of apply_edits().
_writer = Writer()


class Edit:
    """Replace the bytes from `start` to `end` of a message; equal ones mean an insertion.

    Not to be changed: a list and its copies share it.
    """

    def __init__(self, start: int, end: int, replacement: bytes) -> None:
        self.start = start
        self.end = end
        self.replacement = replacement

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.start}, {self.end}, {self.replacement!r})"

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Edit)
            and self.start == other.start
            and self.end == other.end
            and self.replacement == other.replacement
        )

    def __hash__(self) -> int:
        return hash((self.start, self.end, self.replacement))

    def _place(self) -> int:
        """In what order edits are made: by where they begin, insertions first."""
        return 2 * self.start + (self.start != self.end)


def edit(start: int, end: int, replacement: bytes) -> Edit:
    """An Edit, made without what a call of the class costs."""
    made = Edit.__new__(Edit)
    made.start = start
    made.end = end
    made.replacement = replacement
    return made


def edited(message: Message, edits: Iterable[Edit]) -> bytes:
    """The message with all edits made; Content-Length follows a body that they change."""
    changes = list(edits)
    offset = message.body_offset
    body = []
    for each in changes:
        if each.start >= offset:
            body.append(each)  # noqa: PERF401 - compiled, a loop is faster
    if body:
        index = message.find(_CONTENT_LENGTH)
        if index >= 0:
            length = len(apply_edits(message.data, body)) - offset
            start = message.value_start(index)
            changes.append(edit(start, message.value_end(index), b"%d" % length))
    return apply_edits(message.data, changes)


def apply_edits(data: bytes, edits: list[Edit]) -> bytes:
    """The bytes with all edits made; of two that overlap the earlier in the text wins.

    Insertions at one place keep the order in which they were made; they come before what is
    replaced there, and stay where that is taken out.
    """
    writer = _writer
    writer.clear()
    position = 0
    for each in _in_order(edits):
        if each.start < position:
            continue
        writer.add_slice(data, position, each.start)
        writer.add(each.replacement)
        position = each.end
    writer.add_slice(data, position, len(data))
    return writer.take()


def _in_order(edits: list[Edit]) -> list[Edit]:
    """The edits by their places, those of one place as they were."""
    n = len(edits)
    if n > _FEW:
        return sorted(edits, key=_place_of)
    found = edits[:]
    for i in range(1, n):
        moved = found[i]
        place = moved._place()
        k = i
        while k > 0:
            before = found[k - 1]
            if before._place() <= place:
                break
            found[k] = before
            k -= 1
        found[k] = moved
    return found


def _place_of(edit: Edit) -> int:
    return edit._place()
