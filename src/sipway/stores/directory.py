"""The state directory: whose it is, what format it has, whether what lies there can be trusted.

    lock          locked as long as a server uses the directory; holds its process id
    format        the version of all that follows, in decimal
    session       how the last server left it: "closed", or "open" and the boot it ran in
    data/         the LMDB environment that the server works on
    copy-N/       a consistent copy of it; what was written since is in the journals from N on
    journal-N     what was written, in order (`journal`)

LMDB writes into memory that the kernel carries to the disk whenever it likes. That is whole as
long as the kernel lives: a killed server finds it as it was. When the machine went down instead,
which the id of the boot shows, pages may be missing, so `data` is made anew from the copy and the
journals, which are at most a second or so behind.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path
from typing import Final

from sipway.errors import StoreError

FORMAT: Final = 1

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
_CLOSED: Final = "closed"


class StateDirectory:
    """A directory that this process has for itself.

    Raises StoreError when it cannot be made or written, when another server uses it, and when a
    later version of sipway wrote it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(
                f"cannot use the state directory {path}: {error.strerror}",
                hint="choose another one with --state-dir",
            ) from error
        try:
            self._take()
            self._check_format()
        except BaseException:
            os.close(self._lock)
            raise

    def _take(self) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(self._lock, 32, 0).decode("ascii", "replace").strip()
            raise StoreError(
                f"the state directory {self.path} is in use by process {holder or '(unknown)'}",
                hint="each server needs one of its own: --state-dir",
            ) from None
        try:
            os.ftruncate(self._lock, 0)
            os.pwrite(self._lock, b"%d\n" % os.getpid(), 0)
        except OSError as error:
            raise StoreError(f"cannot write {self.path}: {error.strerror}") from error

    def _check_format(self) -> None:
        path = self.path / "format"
        try:
            written = path.read_text(encoding="ascii", errors="replace").strip()
        except FileNotFoundError:
            self._write("format", str(FORMAT))
            return
        except OSError as error:
            raise StoreError(f"cannot read {path}: {error.strerror}") from error
        if written != str(FORMAT):
            raise StoreError(
                f"the state directory {self.path} has format {written:.20}, this sipway knows"
                f" {FORMAT}",
                hint="use the version of sipway that wrote it, or another --state-dir",
            )

    @property
    def data(self) -> Path:
        return self.path / "data"

    def is_trusted(self) -> bool:
        """Whether `data` is as the last server left it."""
        try:
            words = (self.path / "session").read_text(encoding="ascii", errors="replace").split()
        except OSError:
            return False
        return words == [_CLOSED] or (words[:1] == ["open"] and words[1:] == [_boot()])

    def mark_open(self) -> None:
        """From here on `data` is whole only as long as the kernel lives."""
        self._write("session", f"open {_boot()}")

    def mark_closed(self) -> None:
        """All of `data` is on the disk."""
        self._write("session", _CLOSED)

    def mark_damaged(self) -> None:
        """The next start is to make `data` anew."""
        self._write("session", "damaged")

    def set_aside(self) -> Path | None:
        """Move `data` out of the way; it is kept once, for whoever wants to look at it."""
        if not self.data.exists():
            return None
        aside = self.path / "damaged"
        try:
            shutil.rmtree(aside, ignore_errors=True)
            self.data.rename(aside)
        except OSError as error:
            raise StoreError(f"cannot write {self.path}: {error.strerror}") from error
        return aside

    def copy(self) -> tuple[int, Path] | None:
        """The latest copy and its number."""
        found = self._numbered("copy-")
        return found[-1] if found else None

    def journals(self) -> list[tuple[int, Path]]:
        """All journals and their numbers, the oldest first."""
        return self._numbered("journal-")

    def next_number(self) -> int:
        """A number for a new journal, higher than all that are there."""
        last = [found[-1][0] for found in (self.journals(), self._numbered("copy-")) if found]
        return max(last, default=0) + 1

    def put_copy(self, number: int, path: Path) -> None:
        """`path` becomes copy `number`; what it makes superfluous is removed."""
        _sync(path)
        path.rename(self.path / f"copy-{number}")
        _sync(self.path)
        for each, old in self._numbered("copy-"):
            if each < number:
                shutil.rmtree(old, ignore_errors=True)
        for each, old in self.journals():
            if each < number:
                old.unlink(missing_ok=True)

    def close(self) -> None:
        """Let the next one have it."""
        os.close(self._lock)

    def _numbered(self, prefix: str) -> list[tuple[int, Path]]:
        found = []
        for path in self.path.glob(f"{prefix}*"):
            number = path.name.removeprefix(prefix)
            if number.isdecimal():
                found.append((int(number), path))
        return sorted(found)

    def _write(self, name: str, text: str) -> None:
        """Write a small file so that it is there whole, or as it was."""
        path = self.path / name
        new = self.path / f"{name}.new"
        try:
            with new.open("w", encoding="ascii") as file:
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
            new.rename(path)
            _sync(self.path)
        except OSError as error:
            raise StoreError(f"cannot write {path}: {error.strerror}") from error


def _boot() -> str:
    """The id of this boot of the machine; one that equals no other where it is not known."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return f"unknown-{os.urandom(8).hex()}"


def _sync(folder: Path) -> None:
    """Carry the names in a folder to the disk."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
