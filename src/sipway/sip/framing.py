"""A stream of bytes to SIP messages (RFC 3261 section 18.3), and back.

Without I/O and clock: bytes go in, complete messages come out, whatever pieces the bytes come in.

- A message ends where its Content-Length says. Without one the stream cannot be followed, so
  that is a fault (``accept_no_length``: then the message has no body). So are values that are no
  number, and several that differ: who reads the first and who reads the last would see different
  messages.
- A message over the limit is a fault as soon as that is known, not when so much has come.
- Line ends between messages mean nothing (RFC 3261 section 7.5), but CRLF CRLF is a ping that
  wants CRLF for an answer (RFC 5626 section 4.4.1).
- What goes out has a Content-Length, whether or not it came in with one: as a datagram, say.
- After a fault the stream is at its end: what follows is ignored. Messages before it count.

At most one incomplete message is kept, so memory is bounded by the limit and the last piece.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

__all__ = ["DEFAULT_LIMIT", "Framer", "with_length"]

DEFAULT_LIMIT: Final = 65_535
"""Bytes of the longest message: as many as a datagram may have."""

_PING: Final = b"\r\n\r\n"
_PONG: Final = b"\r\n"

_LINE_ENDS: Final = re.compile(rb"[\r\n]+")
_END_OF_HEADERS: Final = re.compile(rb"\n\r?\n")
_LENGTH: Final = re.compile(
    rb"\n(?:content-length|l)[ \t]*:[ \t]*(?:\r?\n[ \t]+)*([0-9]*)[ \t]*((?=\r?\n(?![ \t])))?",
    re.IGNORECASE,
)
_MOST_DIGITS: Final = 9
_NAMED: Final = re.compile(rb"\n(?:content-length|l)[ \t]*:", re.IGNORECASE)
_USUAL: Final = b"\r\nContent-Length:"


def with_length(message: bytes) -> bytes:
    """The message with a Content-Length; itself if it has one, or is no message."""
    usual = message.find(_USUAL)
    if usual > 0 and message.find(_PING, 0, usual) < 0:
        return message
    end = _END_OF_HEADERS.search(message)
    if end is None or message[:1] in b"\r\n" or _NAMED.search(message, 0, end.start()) is not None:
        return message
    at = end.start() + 1
    length = len(message) - end.end()
    return b"%bContent-Length: %d\r\n%b" % (message[:at], length, message[at:])


class Framer:
    """One direction of one stream.

    fault   why the stream cannot go on, a phrase; empty as long as it can
    answer  bytes that the peer is owed at once (pongs); whoever sends them empties it
    """

    def __init__(
        self,
        limit: int = DEFAULT_LIMIT,
        *,
        accept_no_length: bool = False,
        answer_pings: bool = True,
    ) -> None:
        self.fault = ""
        self.answer = b""
        self._limit = limit
        self._accept_no_length = accept_no_length
        self._answer_pings = answer_pings
        self._kept = bytearray()
        self._searched = 0  # so far there is no end of headers in what is kept
        self._size = 0  # of the message at the front, 0 while it is not known
        self._ping = 0  # how much of a ping has come

    @property
    def partial(self) -> bool:
        """Whether a message has begun and is not complete."""
        return bool(self._kept)

    def encode(self, messages: Iterable[bytes]) -> bytes:
        """What is written for these messages: nothing stands between them."""
        return b"".join([with_length(each) for each in messages])

    def feed(self, data: bytes) -> list[bytes]:
        """Take what has come; returns the messages that are complete now, in order."""
        if self.fault:
            return []
        if self._size > len(self._kept) + len(data):  # a long body, still coming
            self._kept += data
            return []
        source: bytes | bytearray = data
        if self._kept:
            self._kept += data
            source = self._kept
        messages, at = self._cut(source)
        if source is self._kept:
            del self._kept[:at]
        else:
            self._kept += data[at:]
        return messages

    def _cut(self, source: bytes | bytearray) -> tuple[list[bytes], int]:
        """The complete messages at the front, and where they end."""
        messages: list[bytes] = []
        at = 0
        while True:
            if not self._size:
                at = self._skip_line_ends(source, at)
                if at == len(source):
                    break
                if not self._measure(source, at):
                    if self.fault:
                        at = len(source)
                    break
            if len(source) - at < self._size:
                break
            messages.append(bytes(source[at : at + self._size]))
            at += self._size
            self._size = self._searched = 0
        return messages, at

    def _skip_line_ends(self, source: bytes | bytearray, at: int) -> int:
        """Behind the line ends at the front; counts the pings among them."""
        if at == len(source) or source[at] > 13:
            if at < len(source):
                self._ping = 0
            return at
        run = _LINE_ENDS.match(source, at)
        if run is None:
            return at
        parts = (_PING[: self._ping] + run[0]).split(_PING)
        if self._answer_pings:
            self.answer += _PONG * (len(parts) - 1)
        rest = parts[-1]
        self._ping = next((size for size in (3, 2, 1) if rest.endswith(_PING[:size])), 0)
        if run.end() < len(source):
            self._ping = 0
        return run.end()

    def _measure(self, source: bytes | bytearray, at: int) -> bool:
        """Find out how long the message at `at` is; False if that cannot be known yet, or a fault.

        What is kept begins with that message, so `_searched` counts from `at`.
        """
        if not 32 < source[at] < 127:
            self.fault = "something else than SIP"
            return False
        end = _END_OF_HEADERS.search(source, at + max(0, self._searched - 2))
        if end is None:
            self._searched = len(source) - at
            if self._searched > self._limit:
                self._too_long()
            return False
        lengths = set()
        for found in _LENGTH.finditer(source, at, end.end()):
            digits = found[1].lstrip(b"0")
            if not found[1] or found[2] is None:
                self.fault = "a message whose Content-Length is no number"
                return False
            lengths.add(int(digits or b"0") if len(digits) <= _MOST_DIGITS else self._limit + 1)
        if len(lengths) > 1:
            self.fault = "a message with two Content-Lengths that differ"
            return False
        if not lengths and not self._accept_no_length:
            self.fault = "a message without Content-Length"
            return False
        self._size = end.end() - at + (lengths.pop() if lengths else 0)
        if self._size > self._limit:
            self._size = 0
            self._too_long()
            return False
        return True

    def _too_long(self) -> None:
        self.fault = f"a message of more than {self._limit} bytes"
