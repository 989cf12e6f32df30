"""Where the files of `include_file`, `import_file` and `import_files` are, and their text."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sipway.language.diagnostics import Diagnostics
from sipway.language.inputs import Inputs
from sipway.language.source import SourceFile, Span, decode

WORDS: Final = frozenset({"include_file", "import_file", "import_files"})

_MAX_MATCHES: Final = 1_000


class Includes:
    """Finds and reads files."""

    def __init__(self, diagnostics: Diagnostics, inputs: Inputs) -> None:
        self._diagnostics = diagnostics
        self._inputs = inputs

    def open(self, word: str, name: str, at: Span) -> list[SourceFile]:
        """The files that `word` brings in; what is wrong is reported at `at`."""
        if word == "import_files":
            paths = self._matching(name, at.file)
        else:
            path = self._locate(name, at.file)
            if path is None and word == "include_file":
                self._diagnostics.error(
                    "include-not-found",
                    f"there is no file {name}",
                    at,
                    hint="a file is looked for in the current directory, then beside the file"
                    " that includes it; import_file does without a missing one",
                )
            paths = [] if path is None else [path]
        sources = []
        for path in paths:
            text = self._load(path, at)
            if text is not None:
                sources.append(SourceFile(str(path), text, at))
        return sources

    def _locate(self, name: str, includer: SourceFile) -> Path | None:
        if "\0" in name:
            return None
        for path in (Path(name), Path(includer.path).parent / name):
            try:
                self._inputs.read(path)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError:
                pass  # it is there, and why it can't be read is told by whoever loads it
            return path
        return None

    def _matching(self, pattern: str, includer: SourceFile) -> list[Path]:
        """Files that match, by name; looked for in the places of a single one."""
        if "\0" in pattern:
            return []
        for place in (pattern, str(Path(includer.path).parent / pattern)):
            paths = [Path(name) for name in self._inputs.matching(place)[:_MAX_MATCHES]]
            if paths:
                return paths
        return []

    def _load(self, path: Path, at: Span) -> str | None:
        try:
            return decode(self._inputs.read(path))
        except OSError as error:
            message = f"{path} can't be read: {error.strerror or error}"
        except ValueError as error:
            message = f"{path} is no script: {error}"
        self._diagnostics.error("unreadable-file", message, at)
        return None
