"""The files of LMDB, looked at from outside: are they whole, how large are they, copy them."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import lmdb

from sipway.errors import StoreError

_META: Final = struct.Struct("<IIQQ")  # magic, version, address, size of the map
_META_MAGIC: Final = 0xBEEFC0DE
_PAGE_HEADER: Final = 16

_CHECK: Final = Path(__file__).with_name("_check.py")


def check(path: Path) -> None:
    """Read everything once, in a process of its own: damage is found here, not by a request.

    Raises StoreError when something is damaged.
    """
    if not (path / "data.mdb").exists():
        return
    map_size(path / "data.mdb")
    libraries = str(Path(lmdb.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-S", str(_CHECK), str(path)],
        env={**os.environ, "PYTHONPATH": libraries},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode < 0:
        raise StoreError(f"{path} is damaged: reading it ends with signal {-done.returncode}")
    if done.returncode:
        said = (done.stdout or done.stderr).strip().splitlines()
        raise StoreError(f"{path} is damaged: {said[-1] if said else 'it cannot be read'}")


def map_size(file: Path) -> int:
    """How large the map of an environment was; 0 if there is none. Raises StoreError.

    A file that is shorter than its map was cut off: to read behind its end would end the process.
    """
    try:
        size = file.stat().st_size
        wanted = _said_size(file)
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise StoreError(f"cannot read {file}: {error.strerror}") from error
    if size < wanted:
        raise StoreError(f"{file} is cut off: {size} bytes of {wanted}")
    return wanted


def _said_size(file: Path) -> int:
    """What the two pages at the beginning say of the size of the map."""
    head = _PAGE_HEADER + _META.size
    sizes = []
    with file.open("rb") as opened:
        for at in (0, os.sysconf("SC_PAGE_SIZE")):
            opened.seek(at)
            page = opened.read(head)
            if len(page) < head:
                raise StoreError(f"{file} is cut off")
            magic, _, _, size = _META.unpack_from(page, _PAGE_HEADER)
            if magic != _META_MAGIC:
                raise StoreError(f"{file} is no file of LMDB")
            sizes.append(size)
    return int(max(sizes))


def write_copy(environment: Any, folder: Path) -> None:
    """A consistent copy, without free pages, on the disk when this returns."""
    folder.mkdir(mode=0o700, exist_ok=True)
    file = os.open(folder / "data.mdb", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        environment.copyfd(file, compact=True)
        os.fsync(file)
    finally:
        os.close(file)


def copy_file(source: Path, target: Path) -> None:
    """Copy what `write_copy` wrote; it is laid out to the size of its map as that was."""
    size = source.stat().st_size
    with source.open("rb") as read, target.open("wb") as written:
        os.posix_fallocate(written.fileno(), 0, max(size, _said_size(source)))
        at = 0
        while at < size:
            at += os.sendfile(written.fileno(), read.fileno(), at, size - at)
    target.chmod(0o600)
