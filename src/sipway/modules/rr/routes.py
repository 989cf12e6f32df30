"""The Route header fields of a message: their values, and what takes them out.

Lines are read one by one, only as far as somebody asks: what is broken further down does no harm.
Source: RFC 3261 sections 16.4, 16.12, 20.34; what becomes of the lines as Kamailio 5.6.3 does it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sipway.sip import headers
from sipway.sip.build import Edit
from sipway.sip.message import Message, text
from sipway.sip.uri import Uri, routable_uri

_BLANKS: Final = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Route:
    """One value: `start` and `end` are offsets in the message, blanks around it left out."""

    uri: str
    line: int
    start: int
    end: int

    @property
    def parsed(self) -> Uri:
        """The URI taken apart. Raises ValueError if it is none to route by."""
        uri = routable_uri(self.uri)
        if uri is None:
            raise ValueError(f"<{self.uri:.100}> in a Route is no URI to route by")
        return uri


class RouteSet:
    """The values of all Route lines, topmost first."""

    def __init__(self, message: Message) -> None:
        self._message = message
        self._lines = message.indexes(headers.ROUTE)
        self._read = 0
        self._values: list[Route] = []
        self._removed: set[int] = set()

    def get(self, index: int) -> Route | None:
        """A value, None behind the last one. Raises ValueError for a line that is broken."""
        while index >= len(self._values) and self._read < len(self._lines):
            line = self._lines[self._read]
            self._values += _values(self._message, line)
            self._read += 1
        return self._values[index] if index < len(self._values) else None

    def last(self) -> int:
        """The index of the last value, -1 without any. Raises ValueError as `get` does."""
        while self._read < len(self._lines):
            self.get(len(self._values))
        return len(self._values) - 1

    def remove(self, index: int) -> None:
        """Take a value out that `get` has given: one of the topmost, or the last one."""
        self._removed.add(index)

    def edits(self) -> list[Edit]:
        """What takes out the values that were removed; a line that is left empty goes whole."""
        found: list[Edit] = []
        for line in sorted({self._values[each].line for each in self._removed}):
            of_line = [i for i, each in enumerate(self._values) if each.line == line]
            kept = [i for i in of_line if i not in self._removed]
            if not kept:
                start, end = self._message.line(line)
                found.append(Edit(start, end, b""))
                continue
            first, last = self._values[of_line[0]], self._values[of_line[-1]]
            if kept[0] != of_line[0]:
                found.append(Edit(first.start, self._values[kept[0]].start, b""))
            if kept[-1] != of_line[-1]:
                found.append(Edit(self._values[kept[-1]].end, last.end, b""))
        return found


def _values(message: Message, line: int) -> list[Route]:
    """The values of one line; raises ValueError if one of them cannot be read."""
    offset, stop = message.line(line)
    # One character for a byte, so that places in the text are places in the message.
    whole = message.data[offset:stop].decode("latin-1")
    end = len(whole)
    at = whole.find(":") + 1
    found: list[Route] = []
    while True:
        while at < end and whole[at] in _BLANKS:
            at += 1
        left = _outside_quotes(whole, "<", at, end)
        right = whole.find(">", left, end) if left >= 0 else -1
        if right < 0:
            raise ValueError("a Route header field has no URI in angle brackets")
        comma = _outside_quotes(whole, ",", right, end)
        behind = len(whole[: comma if comma >= 0 else end].rstrip(_BLANKS))
        uri = text(message.data[offset + left + 1 : offset + right])
        found.append(Route(uri, line, offset + at, offset + behind))
        if comma < 0:
            return found
        at = comma + 1


def _outside_quotes(whole: str, wanted: str, at: int, end: int) -> int:
    """Where a character stands outside of quoted strings; -1 if it does not."""
    while at < end:
        character = whole[at]
        if character == wanted:
            return at
        if character == '"':
            at += 1
            while at < end and whole[at] != '"':
                at += 2 if whole[at] == "\\" else 1
        at += 1
    return -1
