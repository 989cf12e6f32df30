"""Going to the background, as a daemon does, and the file that says which process it is.

Whoever started the daemon learns from its exit status whether it serves: the parent waits until
the child says that its sockets are bound, or ends. Until then the child writes to the terminal
of its parent, so that the reason for a failure is seen where the command was typed.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from sipway.errors import ConfigError

_READY: Final = b"\0"
_DIED: Final = 1
_STDIN, _STDOUT, _STDERR = 0, 1, 2


def into_background(
    serve: Callable[[Callable[[], None]], int], *, keep_stderr: bool = False
) -> int:
    """Run ``serve`` in a process of its own, without a terminal; returns in the parent only.

    ``serve`` is called in the child with a function to call once it is ready. Returns 0 when
    it was called, else the exit status that ``serve`` returned (1 when the child died). Call
    it before any thread or event loop has been started.

    Once it is ready the child reads from and writes to /dev/null; with ``keep_stderr``
    standard error stays what it was, for a log that goes there.
    """
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        _leave_terminal()
        streams = (_STDIN, _STDOUT) if keep_stderr else (_STDIN, _STDOUT, _STDERR)
        os._exit(_serve(serve, write_end, streams))
    os.close(write_end)
    os.waitpid(child, 0)
    with os.fdopen(read_end, "rb") as pipe:
        said = pipe.read(1)
    return said[0] if said else _DIED


def _leave_terminal() -> None:
    """Lead a new session, then leave its lead: what leads none never gets a terminal again."""
    os.setsid()
    if os.fork() != 0:
        os._exit(0)


def _serve(serve: Callable[[Callable[[], None]], int], pipe: int, streams: Sequence[int]) -> int:
    said = False

    def tell(what: bytes) -> None:
        nonlocal said
        if not said:
            said = True
            with suppress(BrokenPipeError):  # the parent was killed meanwhile: serve all the same
                os.write(pipe, what)
            os.close(pipe)

    def ready() -> None:
        _close(streams)
        tell(_READY)

    try:
        status = serve(ready)
    except BaseException:  # noqa: BLE001 - the child must not unwind into its parent's code
        traceback.print_exc()
        status = _DIED
    tell(bytes([status or _DIED]))
    sys.stdout.flush()
    sys.stderr.flush()
    return status


def _close(streams: Sequence[int]) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for stream in streams:
        os.dup2(null, stream)
    os.close(null)


class PidFile:
    """A file that holds the number of a process, for as long as it runs.

    It is opened while the process may still write where it lies, and filled once it serves:
    in between it may have become another user.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    def check(self) -> None:
        """Raises ConfigError when the file names a process that still runs."""
        try:
            other = int(self._path.read_text())
        except (OSError, ValueError):
            return  # not there, or left half-written by a crash: it will be written anew
        if other > 0 and other != os.getpid() and _runs(other):
            raise ConfigError(
                f"{self._path} says that process {other} is running",
                hint="end that process, or remove the file if it is something else",
            )

    def open(self) -> None:
        """Raises ConfigError when the file cannot be written."""
        try:
            self._fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise ConfigError(f"cannot write {self._path}: {error.strerror}") from None

    def write(self, number: int) -> None:
        """Write ``number`` in place of what is there; the file must be open."""
        assert self._fd is not None
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, f"{number}\n".encode(), 0)

    def remove(self) -> None:
        """Remove the file if it was opened; one that is not ours any more to remove stays."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
            with suppress(FileNotFoundError, PermissionError):
                self._path.unlink()


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
