"""Compiled scripts on disk, so that one that has not changed is not compiled again.

An entry is found by the script's path, the defines of the command line, the directory (names of
included files are relative to it) and a version, which has to change when sipway does. It
holds what the script was read from, and is used when all of that is as it was: the contents of
all files, that files which were missing are still missing, environment variables.

Entries hold code. So the directory has to be our own and closed to all others, or it is not
used. An entry that cannot be used, for whatever reason, is passed over: the script is compiled as
if there were none, and a line at debug level says why.
"""

from __future__ import annotations

import hashlib
import logging
import marshal
import os
import pickle
import re
import secrets
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from sipway.language import storing
from sipway.language.catalog import Catalog
from sipway.language.inputs import Inputs
from sipway.language.storing import NotStorable, Outcome

logger = logging.getLogger("sipway.cache")

MAX_ENTRIES: Final = 64
MAX_BYTES: Final = 64 << 20
"""Of all entries together. The ones that were not used for the longest time go first."""

_MAGIC: Final = b"sipway script 1\n"
_DIGEST: Final = 20
_ENTRY: Final = re.compile(r"[0-9a-f]{40}\Z")
_UNFINISHED: Final = re.compile(r"\.[0-9a-f]{40}\.[0-9a-f]+\Z")
_ABANDONED: Final = 3600  # seconds after which an unfinished entry has no writer any more


class _Unusable(Exception):  # noqa: N818 - says what it is
    """The directory or an entry cannot be used; the message says why."""


class ScriptCache:
    """Compiled scripts in one directory.

    `version` stands for all that makes a script's code besides its inputs: sipway itself.
    """

    def __init__(self, directory: Path, version: str) -> None:
        self._directory = directory
        self._version = version

    def find(
        self,
        path: Path,
        defines: Mapping[str, str | None],
        catalog: Catalog,
        directives: tuple[str, ...] = (),
    ) -> Outcome | None:
        """What compiling the script would give, if that is known."""
        key = self._key(path, defines, directives)
        try:
            with self._opened() as directory:
                head, body = _unpacked(_read(directory, key))
                inputs = Inputs()
                if not inputs.same(head):
                    raise _Unusable("what the script is read from has changed")
                found = storing.load(body, catalog, inputs)
                with suppress(OSError):
                    os.utime(key, dir_fd=directory)
                return found
        except (OSError, _Unusable) as error:
            logger.debug("no compiled script in the cache for %s: %s", path, error)
        except (
            pickle.UnpicklingError, LookupError, ValueError, TypeError, AttributeError, EOFError,
            ImportError,
        ) as error:  # fmt: skip
            logger.debug("the compiled script in the cache for %s is of no use: %r", path, error)
        return None

    def keep(
        self,
        path: Path,
        defines: Mapping[str, str | None],
        catalog: Catalog,
        inputs: Inputs,
        outcome: Outcome,
        directives: tuple[str, ...] = (),
    ) -> None:
        """Keep what compiling the script gave; `inputs` is what it was read from."""
        try:
            data = _packed(inputs, storing.store(outcome, catalog, inputs))
            if len(data) > MAX_BYTES // 4:
                raise _Unusable(f"it takes {len(data)} bytes")
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._opened() as directory:
                _write(directory, self._key(path, defines, directives), data)
                _prune(directory)
        except (OSError, _Unusable, NotStorable) as error:
            logger.debug("%s is not kept in the cache: %s", path, error)

    def _key(
        self, path: Path, defines: Mapping[str, str | None], directives: tuple[str, ...]
    ) -> str:
        machine = os.uname()
        parts = (
            self._version,
            sys.version,
            sys.flags.optimize,
            (machine.sysname, machine.nodename, machine.machine),
            Path.cwd().as_posix(),
            str(path),
            sorted(defines.items()),
            directives,
        )
        return hashlib.blake2b(
            repr(parts).encode("utf-8", "surrogateescape"), digest_size=20
        ).hexdigest()

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """The directory, which is ours and nobody else's."""
        directory = os.open(
            self._directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        )
        try:
            found = os.fstat(directory)
            if found.st_uid != os.geteuid():
                raise _Unusable(f"{self._directory} belongs to somebody else")
            if found.st_mode & 0o077:
                raise _Unusable(f"others may use {self._directory}: its mode has to be 0700")
            yield directory
        finally:
            os.close(directory)


def default_directory() -> Path | None:
    """Where compiled scripts are kept, None if they are not to be.

    `SIPWAY_CACHE` names a directory, or is `off`. Else it is the system's place for root and the
    user's own for all others (XDG base directory specification).
    """
    given = os.environ.get("SIPWAY_CACHE", "")
    if given.lower() in ("off", "no", "0"):
        return None
    if given:
        return Path(given)
    if os.geteuid() == 0:
        return Path("/var/cache/sipway")
    base = os.environ.get("XDG_CACHE_HOME", "")
    if base.startswith("/"):
        return Path(base) / "sipway"
    home = os.environ.get("HOME", "")
    return Path(home) / ".cache" / "sipway" if home.startswith("/") else None


# --- entries ----------------------------------------------------------------------------


def _packed(inputs: Inputs, body: bytes) -> bytes:
    head = marshal.dumps(inputs.state())
    rest = len(head).to_bytes(4, "big") + head + body
    return _MAGIC + hashlib.blake2b(rest, digest_size=_DIGEST).digest() + rest


def _unpacked(data: bytes) -> tuple[list[tuple[str, str, str | None]], bytes]:
    start = len(_MAGIC) + _DIGEST
    rest = data[start:]
    if (
        not data.startswith(_MAGIC)
        or hashlib.blake2b(rest, digest_size=_DIGEST).digest() != data[len(_MAGIC) : start]
    ):
        raise _Unusable("the entry is damaged")
    size = int.from_bytes(rest[:4], "big")
    return marshal.loads(rest[4 : 4 + size]), rest[4 + size :]


def _read(directory: int, key: str) -> bytes:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    with os.fdopen(os.open(key, flags, dir_fd=directory), "rb") as entry:
        found = os.fstat(entry.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
            raise _Unusable("the entry belongs to somebody else")
        if found.st_mode & 0o022:
            raise _Unusable("others may write the entry")
        return entry.read(MAX_BYTES)


def _write(directory: int, key: str, data: bytes) -> None:
    """All or nothing: readers find the old entry or the new one."""
    name = f".{key}.{secrets.token_hex(8)}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(name, flags, 0o600, dir_fd=directory), "wb") as entry:
            entry.write(data)
        os.replace(name, key, src_dir_fd=directory, dst_dir_fd=directory)
    except OSError:
        with suppress(OSError):
            os.unlink(name, dir_fd=directory)
        raise


def _prune(directory: int) -> None:
    """Remove the entries that were not used for the longest time, down to the limits."""
    entries: list[tuple[float, int, str]] = []
    newest = 0.0
    unfinished: list[tuple[float, str]] = []
    for name in os.listdir(directory):
        try:
            found = os.stat(name, dir_fd=directory, follow_symlinks=False)
        except OSError:
            continue  # another process has removed it
        if _ENTRY.match(name):
            entries.append((found.st_mtime, found.st_size, name))
            newest = max(newest, found.st_mtime)
        elif _UNFINISHED.match(name):
            unfinished.append((found.st_mtime, name))
    total = 0
    entries.sort(reverse=True)
    surplus = [name for written, name in unfinished if written < newest - _ABANDONED]
    for number, (_, size, name) in enumerate(entries):
        total += size
        if number >= MAX_ENTRIES or total > MAX_BYTES:
            surplus.append(name)
    for name in surplus:
        with suppress(OSError):
            os.unlink(name, dir_fd=directory)
