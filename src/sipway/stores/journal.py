"""The journal: what was written to a store, in order, in a file that only grows.

    8 bytes  magic and version
    frames   length (4 bytes), CRC-32 (4 bytes), then so many bytes of operations

A frame is what one commit wrote (`_frame.Frame` makes it): it is there whole or not at all. It is
written with one system call, so it outlives the process as soon as that returns; `sync` carries it
to the disk. Whatever comes behind a frame that is cut off or does not match its CRC is not read.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sipway.errors import StoreError

_MAGIC: Final = b"SIPWAYJ1"
_FRAME: Final = struct.Struct("<II")
_OPERATION: Final = struct.Struct("<BHI")  # bytes of the table's name, of the key, of the value
_DELETED: Final = 0xFFFFFFFF
# Frames are read in pieces of this size at least.
_READ_SIZE: Final = 1 << 20

# (table, key, value), the value None where the key was deleted.
Operation = tuple[str, bytes, bytes | None]


def is_empty(path: Path) -> bool:
    """Whether nothing was written to a journal, not even the beginning of a frame."""
    return path.stat().st_size <= len(_MAGIC)


class Journal:
    """A journal that is written to. `size` is the length of the file in bytes.

    Raises StoreError when the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            self.size = os.fstat(self._file).st_size
            if self.size < len(_MAGIC):
                os.ftruncate(self._file, 0)
                os.write(self._file, _MAGIC)
                self.size = len(_MAGIC)
        except OSError as error:
            raise StoreError(f"cannot write {path}: {error.strerror}") from error
        self._is_synced = True

    def append(self, frame: bytes) -> None:
        """Write what `Frame.take` gives. Raises StoreError; nothing of it is kept then."""
        try:
            written = os.write(self._file, frame)
        except OSError as error:
            raise StoreError(f"cannot write {self.path}: {error.strerror}") from error
        if written != len(frame):
            os.ftruncate(self._file, self.size)
            raise StoreError(f"cannot write {self.path}: no space left on the device")
        self.size += written
        self._is_synced = False

    def sync(self) -> None:
        """Carry what has been written to the disk; may be called from another thread."""
        if self._is_synced:
            return
        self._is_synced = True
        try:
            os.fdatasync(self._file)
        except OSError as error:
            raise StoreError(f"cannot write {self.path}: {error.strerror}") from error

    def close(self) -> None:
        self.sync()
        os.close(self._file)


def read(path: Path) -> Iterator[list[Operation]]:
    """The frames of a journal, up to its end or to the first that is damaged.

    Raises StoreError when it cannot be read at all.
    """
    try:
        with path.open("rb", buffering=_READ_SIZE) as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                return
            while len(head := file.read(_FRAME.size)) == _FRAME.size:
                length, crc = _FRAME.unpack(head)
                if length > os.fstat(file.fileno()).st_size - file.tell():
                    return
                payload = file.read(length)
                if len(payload) != length or zlib.crc32(payload) != crc:
                    return
                yield list(operations(payload))
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror}") from error


def operations(payload: bytes) -> Iterator[Operation]:
    """What a frame holds, as `Frame.operations` gives it."""
    at, end = 0, len(payload)
    while at < end:
        name_length, key_length, value_length = _OPERATION.unpack_from(payload, at)
        at += _OPERATION.size
        name = payload[at : at + name_length].decode()
        at += name_length
        key = payload[at : at + key_length]
        at += key_length
        if value_length == _DELETED:
            yield name, key, None
        else:
            yield name, key, payload[at : at + value_length]
            at += value_length
