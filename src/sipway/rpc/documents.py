"""JSON documents one behind the other in a stream of bytes. No sockets in here."""

from __future__ import annotations

import re
from typing import Final

from sipway.core.commands.jsonrpc import LONGEST

_SPACE: Final = re.compile(rb"[ \t\r\n]*")
_BRACKET_OR_QUOTE: Final = re.compile(rb'[{}\[\]"]')
_QUOTE_OR_ESCAPE: Final = re.compile(rb'["\\]')


class Documents:
    """Takes bytes as they come, gives objects and arrays as soon as their last bracket is there.

    Each byte is looked at once, whatever the pieces. What is no object or array is given as it is,
    up to the next object, so that it is answered; and so is what is too long.
    """

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._at = 0  # up to here it has been looked at
        self._depth = 0
        self._quoted = False

    def feed(self, data: bytes) -> list[bytes]:
        """The documents that are whole now."""
        self._waiting += data
        found: list[bytes] = []
        start = 0
        while (end := self._next_end(start)) is not None:
            found.append(bytes(self._waiting[start:end]).strip())
            start = end
        if self._depth == 0:  # there may be white space
            start = len(self._waiting)
            self._at = start
        del self._waiting[:start]
        self._at -= start
        if len(self._waiting) > LONGEST:
            found.append(bytes(self._waiting))
            self.drop()
        return found

    def _next_end(self, start: int) -> int | None:
        """Where the document ends that begins at `start`; None if that is not there yet."""
        waiting = self._waiting
        if self._depth == 0:
            space = _SPACE.match(waiting, start)
            self._at = start if space is None else space.end()
            if self._at == len(waiting):
                return None
            if waiting[self._at] not in b"{[":
                opens = waiting.find(b"{", self._at)
                return opens if opens >= 0 else len(waiting)
        while True:
            mark = (_QUOTE_OR_ESCAPE if self._quoted else _BRACKET_OR_QUOTE).search(
                waiting, self._at
            )
            if mark is None:
                self._at = len(waiting)
                return None
            what = mark[0]
            if what == b"\\":
                if mark.end() == len(waiting):
                    self._at = mark.start()
                    return None
                self._at = mark.end() + 1
                continue
            self._at = mark.end()
            if what == b'"':
                self._quoted = not self._quoted
            elif what in b"{[":
                self._depth += 1
            else:
                self._depth -= 1
                if self._depth == 0:
                    return self._at

    def drop(self) -> None:
        """Forget what has come of a document that is not whole."""
        self._waiting.clear()
        self._at = 0
        self._depth = 0
        self._quoted = False

    @property
    def waits(self) -> bool:
        """Whether the beginning of a document is there."""
        return bool(self._waiting)
