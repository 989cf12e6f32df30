"""Pieces of messages, read and written, in plain Python: the twin of ``_bytes.pyx``.

Here is the little that messages need of C itself: to search, to copy and to decode without an
object for each piece. An import finds the compiled file where it has been built and this one
where it has not; the same tests run against both.
"""

from __future__ import annotations

from sipway.sip.headers import SLOT_KINDS, SLOT_NAMES, slot

__all__ = ["Writer", "field_kind", "fingerprint", "line_feed", "text_of"]


def line_feed(data: bytes, start: int, end: int) -> int:
    """Where the next line feed is; `end` if there is none before it."""
    found = data.find(b"\n", start, end)
    return end if found < 0 else found


def text_of(data: bytes, start: int, end: int) -> str:
    """A piece as text: UTF-8, and bytes that are none survive the round trip."""
    return data[start:end].decode("utf-8", "surrogateescape")


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

    def take(self) -> bytes:
        return b"".join(self._pieces)
