"""Pieces of messages, read and written, in plain Python: the twin of ``_bytes.pyx``.

Here is the little that messages need of C itself: to search, to copy and to decode without an
object for each piece. An import finds the compiled file where it has been built and this one
where it has not; the same tests run against both.
"""

from __future__ import annotations

import re
from typing import Final

from sipway.sip.headers import SLOT_KINDS, SLOT_NAMES, slot

__all__ = [
    "Writer",
    "bracket",
    "field_kind",
    "fingerprint",
    "line_feed",
    "little",
    "piece",
    "plain_host",
    "plain_parameters",
    "same",
    "text_of",
]

_PLAIN: Final = re.compile(
    rb"sip:(?:[-.0-9A-Za-z_!~*'+&=$]+@)?(?P<host>[-.0-9A-Za-z]+)(?::(?P<port>[0-9]{1,5}))?(?:;[!-?A-~]*)?"
)
_BRACKET: Final = re.compile(rb'(?:"[^"\\]*")?[^,;"<]*<')
_PARAMETER: Final = re.compile(
    rb"[ \t]*([A-Za-z0-9!#$%&'*+.^_`|~-]+)="
    rb'(?:"([^"\\\r\n\0]*)"|([^ \t\r\n,;"\0]+))[ \t]*(,|\Z)'
)
_MOST_PARAMETERS: Final = 64
_LAST_PORT: Final = 65535


def line_feed(data: bytes, start: int, end: int) -> int:
    """Where the next line feed is; `end` if there is none before it."""
    found = data.find(b"\n", start, end)
    return end if found < 0 else found


def text_of(data: bytes, start: int, end: int) -> str:
    """A piece as text: UTF-8, and bytes that are none survive the round trip."""
    return data[start:end].decode("utf-8", "surrogateescape")


def piece(data: bytes, start: int, end: int) -> bytes:
    """`data[start:end]`, without negative places; nothing if the end is not behind the start."""
    return data[start:end] if start >= 0 else b""


def same(data: bytes, start: int, end: int, other: bytes, at: int) -> bool:
    """Whether `data[start:end]`, which is there, stands in `other` at that place too."""
    return 0 <= at <= len(other) - (end - start) and other.startswith(data[start:end], at)


def little(data: bytes, at: int, size: int) -> int:
    """The number without a sign that stands there, its lowest byte first. Raises IndexError."""
    if at < 0 or at + size > len(data):
        raise IndexError("a number ends behind the bytes")
    return int.from_bytes(data[at : at + size], "little")


def plain_host(data: bytes, start: int, end: int) -> int:
    """Where the host of a sip URI begins that has nothing uncommon in it; 0 for all others.

    `sip:user@host:port;parameters`, of which all but the host may be missing: no escapes, no
    password, no headers, no IPv6, nothing but ASCII, no @ but the user's. Such a URI can be routed
    by, and the user ends one byte before the host.
    """
    found = _PLAIN.fullmatch(data, start, end) if end <= len(data) else None
    if found is None or int(found["port"] or 0) > _LAST_PORT:
        return 0
    return found.start("host")


def plain_parameters(data: bytes, start: int, end: int) -> dict[str, str] | None:
    """The parameters that a piece consists of, names in small letters; None for what is uncommon.

    `name=value, name="value"`: no escapes, no blanks around the =, no name twice, no commas without
    parameters, no lines that go on. There may be 64 of them.
    """
    if start < 0 or end > len(data):
        return None
    found: dict[str, str] = {}
    while True:
        match = _PARAMETER.match(data, start, end)
        if match is None:
            return None
        name = match[1].decode("ascii").lower()
        if name in found:
            return None
        value = match[3] if match[2] is None else match[2]
        found[name] = value.decode("utf-8", "surrogateescape")
        if not match[4]:
            return found
        if len(found) == _MOST_PARAMETERS:
            return None
        start = match.end()


def bracket(data: bytes, start: int, end: int) -> int:
    """Where the `<` of an address is, behind a display name without escapes; else `end`."""
    found = _BRACKET.match(data, start, end) if end <= len(data) else None
    return found.end() - 1 if found is not None else end


def field_kind(data: bytes, start: int, end: int) -> int:
    """The kind of a header field whose name this piece is, in any case; it is not empty."""
    name = data[start:end].lower()
    place = slot(len(name), name[0], name[-1])
    return SLOT_KINDS[place] if SLOT_NAMES[place] == name else 0


def fingerprint(data: bytes, start: int, end: int, seed: int) -> int:
    """A piece as a number of 32 bits, going on from `seed`. It is no secret and hides nothing."""
    for at in range(start, end, 8):
        word = int.from_bytes(data[at : min(at + 8, end)], "little")
        seed = (seed ^ word) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
        seed ^= seed >> 32
    return seed & 0xFFFFFFFF


class Writer:
    """Collects pieces of bytes; `take` gives them all as one."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def clear(self) -> None:
        """Begin anew, whatever an earlier user has left here."""
        self._pieces.clear()

    def add(self, data: bytes) -> None:
        self._pieces.append(data)

    def add_slice(self, data: bytes, start: int, end: int) -> None:
        """Add `data[start:end]`; nothing if the end is not behind the start."""
        self._pieces.append(data[start:end])

    def add_lower(self, data: bytes, start: int, end: int) -> None:
        """Add a piece of ASCII in small letters; other bytes as they are."""
        self._pieces.append(data[start:end].lower())

    def add_hex(self, number: int) -> None:
        """Add a number of 32 bits as eight hexadecimal digits."""
        self._pieces.append(b"%08x" % number)

    def add_number(self, number: int) -> None:
        """Add a number in decimal digits."""
        self._pieces.append(b"%d" % number)

    def add_little(self, number: int, size: int) -> None:
        """Add the lowest bytes of a number, the lowest first."""
        self._pieces.append((number & (1 << 8 * size) - 1).to_bytes(size, "little"))

    def take(self) -> bytes:
        return b"".join(self._pieces)
