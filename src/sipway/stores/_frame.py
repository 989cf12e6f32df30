"""Values with their checksums, and frames of the journal, in plain Python.

The twin of ``_frame.pyx``: an import finds the compiled file where it has been built and this one
where it has not; the same tests run against both. Numbers have their lowest byte first, checksums
are CRC-32 as in zlib.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final

__all__ = ["Frame", "opened", "sealed"]

_CRC: Final = struct.Struct("<I")
_HEAD: Final = struct.Struct("<II")
_OPERATION: Final = struct.Struct("<BHI")
_DELETED: Final = 0xFFFFFFFF


def sealed(value: bytes) -> bytes:
    """A value with its checksum behind it."""
    return value + _CRC.pack(zlib.crc32(value))


def opened(stored: bytes) -> bytes | None:
    """The value of which `sealed` has made this; None if it is damaged."""
    if len(stored) < _CRC.size:
        return None
    value = stored[: -_CRC.size]
    return value if stored.endswith(_CRC.pack(zlib.crc32(value))) else None


class Frame:
    """What is written with one commit, as it stands in the journal (see `journal`).

    `len()` is the number of bytes that its operations take.
    """

    def __init__(self) -> None:
        self._operations = bytearray()

    def __len__(self) -> int:
        return len(self._operations)

    def add(self, name: bytes, key: bytes, value: bytes | None) -> None:
        """Add an operation: the value that a key of a table has now, None where it has gone."""
        if len(name) > 0xFF or len(key) > 0xFFFF or (value is not None and len(value) >= _DELETED):
            raise ValueError("an operation is too long for the journal")
        size = _DELETED if value is None else len(value)
        self._operations += _OPERATION.pack(len(name), len(key), size)
        self._operations += name
        self._operations += key
        if value is not None:
            self._operations += value

    def clear(self) -> None:
        self._operations.clear()

    def operations(self) -> bytes:
        """All operations so far."""
        return bytes(self._operations)

    def take(self) -> bytes:
        """The frame with its head: length and checksum of the operations. None is left."""
        operations = bytes(self._operations)
        self._operations.clear()
        return _HEAD.pack(len(operations), zlib.crc32(operations)) + operations
