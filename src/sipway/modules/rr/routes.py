"""The Route header fields of a message: their values, and what takes them out.

Lines are read one by one, only as far as somebody asks: what is broken further down does no harm.
Source: RFC 3261 sections 16.4, 16.12, 20.34; what becomes of the lines as Kamailio 5.6.3 does it.
"""

from __future__ import annotations

import re
from typing import Final

from sipway.sip import headers
from sipway.sip.edits import Edit
from sipway.sip.message import Message, text
from sipway.sip.uri import Uri, routable_uri

MAX_ROUTES: Final = 100
"""How many values are read of a message: no request lives through more hops (RFC 3261 8.1.1.6)."""

# It may become the Request-URI, where blanks and line ends would begin something else.
_UNFIT: Final = re.compile(r'[\0-\x20<>"\x7f]')

# The URIs of Routes that were read lately: those of a server's own are few.
_REMEMBERED: Final = 1024
_fit: dict[str, Uri] = {}

# Nothing is given back once it was read (*+), so that a line takes time in proportion.
_QUOTED: Final = r'"(?:[^"\\]|\\.)*+"'
_VALUE: Final = re.compile(
    rf"""[\ \t\r\n]*
    (?P<value>
        [^<"]*+ (?:{_QUOTED}[^<"]*+)*+     # display name
        <(?P<uri>[^>]*+)>
        [^,"]*+ (?:{_QUOTED}[^,"]*+)*+     # parameters
    )
    (?:,|$)""",
    re.DOTALL | re.VERBOSE,
)


class Route:
    """One value: `start` and `end` are offsets in the message, blanks around it left out."""

    def __init__(self, uri: str, line: int, start: int, end: int) -> None:
        self.uri = uri
        self.line = line
        self.start = start
        self.end = end

    @property
    def parsed(self) -> Uri:
        """The URI taken apart. Raises ValueError if it is none to route by."""
        return self._parse()

    def _parse(self) -> Uri:
        uri = _fit.get(self.uri)
        if uri is None:
            uri = routable_uri(self.uri)
            if uri is None or _UNFIT.search(self.uri):
                raise ValueError(f"<{self.uri:.100}> in a Route is no URI to route by")
            if len(_fit) >= _REMEMBERED:
                _fit.clear()
            _fit[self.uri] = uri
        return uri

    @property
    def routable(self) -> str:
        """The URI. Raises ValueError as `parsed` does."""
        self._parse()  # for what it raises
        return self.uri


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
            values = _values(self._message, self._lines[self._read])
            if len(self._values) + len(values) > MAX_ROUTES:
                raise ValueError(f"a request has more than {MAX_ROUTES} Routes")
            self._values += values
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

    def _is_alone(self, index: int) -> bool:
        """Whether a value has a line to itself."""
        values = self._values
        line = values[index].line
        before = index > 0 and values[index - 1].line == line
        return not before and (index + 1 == len(values) or values[index + 1].line != line)

    def edits(self) -> list[Edit]:
        """What takes out the values that were removed; a line that is left empty goes whole."""
        found: list[Edit] = []
        shared: set[int] = set()
        for index in sorted(self._removed):
            line = self._values[index].line
            if not self._is_alone(index):
                shared.add(line)
                continue
            start, end = self._message.line(line)
            found.append(Edit(start, end, b""))
        for line in shared:
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
    single = _single(message, line, offset, stop)
    if single is not None:
        return [single]
    # One character for a byte, so that places in the text are places in the message.
    whole = message.data[offset:stop].decode("latin-1")
    at = whole.find(":") + 1
    end = len(whole)
    found: list[Route] = []
    while True:
        match = _VALUE.match(whole, at, end)
        if match is None:
            raise ValueError("a Route header field has no URI in angle brackets")
        if len(found) == MAX_ROUTES:
            raise ValueError(f"a request has more than {MAX_ROUTES} Routes")
        start, (left, right) = match.start("value"), match.span("uri")
        behind = start + len(match["value"].rstrip())
        uri = text(message.data[offset + left : offset + right])
        found.append(Route(uri, line, offset + start, offset + behind))
        at = match.end()
        if at >= end and whole[-1] != ",":
            return found


def _single(message: Message, line: int, start: int, stop: int) -> Route | None:
    """The value of a line that is `Route: <uri>` and no more, as most are; else None."""
    data = message.data
    left = data.find(b"<", start, stop)
    right = data.find(b">", left, stop)
    if left < 0 or right < 0 or not data[right + 1 : stop].isspace():
        return None
    if data[data.find(b":", start, left) + 1 : left].strip():
        return None
    return Route(text(data[left + 1 : right]), line, left, right + 1)
