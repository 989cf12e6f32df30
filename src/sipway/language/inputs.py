"""What a script is read from besides what it says itself: files and the environment.

Whoever reads a script asks here, so that it is known afterwards what the outcome depends on (see
`cache`). What could not be read counts too: an `import_file` that is not there today may be
there tomorrow.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path


class Inputs:
    """Files and environment variables that were asked for, each with what was found."""

    def __init__(self) -> None:
        self._files: dict[str, bytes | int] = {}
        self._variables: dict[str, str | None] = {}

    def read(self, path: Path) -> bytes:
        """The bytes of a file, read once; OSError if it can't be read."""
        name = str(path)
        found = self._files.get(name)
        if found is None:
            try:
                found = path.read_bytes()
            except OSError as error:
                found = error.errno or 0
            self._files[name] = found
        if isinstance(found, int):
            raise OSError(found, os.strerror(found), name)
        return found

    def variable(self, name: str) -> str | None:
        """An environment variable, None if it is not set."""
        if name not in self._variables:
            self._variables[name] = os.environ.get(name)
        return self._variables[name]

    def state(self) -> list[tuple[str, str, str | None]]:
        """What was asked for and what was found, in plain and short form."""
        files = [("file", name, _digest(found)) for name, found in self._files.items()]
        return [*files, *(("variable", name, value) for name, value in self._variables.items())]

    def same(self, state: Iterable[tuple[str, str, str | None]]) -> bool:
        """Ask for the same again: whether all of it is as it was."""
        for kind, name, value in state:
            if kind == "variable":
                if self.variable(name) != value:
                    return False
                continue
            try:
                found: bytes | int = self.read(Path(name))
            except OSError as error:
                found = error.errno or 0
            if _digest(found) != value:
                return False
        return True


def _digest(found: bytes | int) -> str:
    """Of the contents of a file, or of the error that reading it gave."""
    if isinstance(found, int):
        return f"error {found}"
    return hashlib.blake2b(found, digest_size=20).hexdigest()
