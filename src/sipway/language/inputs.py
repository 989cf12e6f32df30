"""What a script is read from besides what it says itself: files and the environment.

Whoever reads a script asks here, so that it is known afterwards what the outcome depends on (see
`cache`). What could not be read counts too: an `import_file` that is not there today may be
there tomorrow.
"""

from __future__ import annotations

import glob
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path


class Inputs:
    """Files and environment variables that were asked for, each with what was found."""

    def __init__(self) -> None:
        self._files: dict[str, bytes | int] = {}
        self._variables: dict[str, str | None] = {}
        self._patterns: dict[str, list[str]] = {}

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

    def matching(self, pattern: str) -> list[str]:
        """The files that match a pattern of the shell, by name."""
        found = self._patterns.get(pattern)
        if found is None:
            names = sorted(glob.iglob(pattern))  # noqa: PTH207 - the pattern may be absolute
            found = self._patterns[pattern] = [name for name in names if Path(name).is_file()]
        return found

    def state(self) -> list[tuple[str, str, str | None]]:
        """What was asked for and what was found, in plain and short form."""
        files = [("file", name, _digest(found)) for name, found in self._files.items()]
        patterns = [
            ("pattern", pattern, _digest("\0".join(names).encode("utf-8", "surrogateescape")))
            for pattern, names in self._patterns.items()
        ]
        variables = [("variable", name, value) for name, value in self._variables.items()]
        return [*files, *patterns, *variables]

    def same(self, state: Iterable[tuple[str, str, str | None]]) -> bool:
        """Ask for the same again: whether all of it is as it was."""
        for kind, name, value in state:
            if kind == "variable":
                if self.variable(name) != value:
                    return False
                continue
            if kind == "pattern":
                names = "\0".join(self.matching(name)).encode("utf-8", "surrogateescape")
                if _digest(names) != value:
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
