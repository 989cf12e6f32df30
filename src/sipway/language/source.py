"""Script files and places in them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from sipway.language.record import Record


def decode(data: bytes) -> str:
    """The text of a script; bytes that are no UTF-8 survive as surrogates.

    Raises ValueError with a sentence for what is no text at all.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise ValueError("it is written in UTF-16; save it as UTF-8")
    at = data.find(b"\0")
    if at >= 0:
        line = data.count(b"\n", 0, at) + 1
        raise ValueError(f"there is a NUL byte in line {line}")
    return data.decode("utf-8", "surrogateescape")


class SourceFile:
    """The text of one script file, as it was read.

    `path` is how the user named the file. `included_from` is the place of the
    `include_file` that brought it in, None for the script itself. Compared by identity:
    a file that is included twice is two sources.
    """

    __slots__ = ("_line_starts", "included_from", "path", "text")

    def __init__(self, path: str, text: str, included_from: Span | None = None) -> None:
        self.path = path
        self.text = text
        self.included_from = included_from
        self._line_starts: list[int] | None = None

    def __repr__(self) -> str:
        return f"SourceFile({self.path!r})"

    def includers(self) -> Iterator[Span]:
        """The places of the `include_file`s that led here, the nearest first."""
        origin = self.included_from
        while origin is not None:
            yield origin
            origin = origin.file.included_from

    def _starts(self) -> list[int]:
        # Made when somebody asks: a script without findings needs the lines of nodes only.
        starts = self._line_starts
        if starts is None:
            starts = [0]
            at = self.text.find("\n")
            while at >= 0:
                starts.append(at + 1)
                at = self.text.find("\n", at + 1)
            self._line_starts = starts
        return starts

    @property
    def line_count(self) -> int:
        return len(self._starts())

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of `offset`, both from 1; the column counts characters."""
        starts = self._starts()
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def extent(self, start: int, end: int) -> tuple[int, int, int, int]:
        """Line and column of `start`, then of `end`, as Python's `ast` counts: columns from 0."""
        starts = self._line_starts or self._starts()
        line = bisect_right(starts, start)
        first = starts[line - 1]
        if line == len(starts) or end < starts[line]:
            return line, start - first, line, end - first
        end_line = bisect_right(starts, end)
        return line, start - first, end_line, end - starts[end_line - 1]

    def line_start(self, line: int) -> int:
        """The offset of the first character of `line` (from 1)."""
        return self._starts()[line - 1]

    def line_text(self, line: int) -> str:
        """The text of `line` (from 1) without its line end."""
        start = self.line_start(line)
        end = self.text.find("\n", start)
        return self.text[start : end if end >= 0 else len(self.text)].rstrip("\r")


class Span(Record):
    """A stretch of a file: offsets of its first character and of the one behind its last."""

    file: SourceFile
    start: int
    end: int

    @classmethod
    def point(cls, file: SourceFile, offset: int) -> Span:
        """The empty span at `offset`: a place between two characters."""
        return cls(file, offset, offset)

    def to(self, other: Span) -> Span:
        """From the start of this span to the end of `other`.

        Where `other` lies in another file (a statement that began in an included one), the
        span is this one.
        """
        if other.file is not self.file or other.end < self.end:
            return self
        return Span(self.file, self.start, other.end)

    @property
    def text(self) -> str:
        return self.file.text[self.start : self.end]

    @property
    def line(self) -> int:
        return self.file.position(self.start)[0]

    @property
    def column(self) -> int:
        return self.file.position(self.start)[1]

    @property
    def end_line(self) -> int:
        return self.file.position(self.end)[0]

    @property
    def end_column(self) -> int:
        """The column behind the last character."""
        return self.file.position(self.end)[1]
