"""A regular expression in the syntax of the engines that search with it."""

from __future__ import annotations

from typing import Final

from sipway.language import posix
from sipway.language.posix import (
    Anchor,
    Chars,
    Choice,
    Group,
    Ranges,
    Reference,
    Repeat,
    Sequence,
    Tree,
)
from sipway.language.record import Record


class Dialect(Record):
    """How an engine writes what engines write in their own ways; None: it does not have it."""

    anchors: dict[str, str]
    line_anchors: dict[str, str]
    nothing: str
    code: str
    references: bool
    both_cases: bool
    most_repeats: int


PYTHON: Final = Dialect(
    anchors={
        "^": r"\A", "$": r"\Z", "\\b": r"\b", "\\B": r"(?:\B|(?<!.)(?!.))",
        "\\<": r"\b(?=\w)", "\\>": r"\b(?<=\w)", "\\`": r"\A", "\\'": r"\Z",
    },
    line_anchors={"^": "(?m:^)", "$": r"(?=\n|\Z)"},
    nothing="(?!)",
    code="\\U{:08x}",
    references=True,
    both_cases=False,
    most_repeats=posix.MAX_REPEAT,
)  # fmt: skip
RE2: Final = Dialect(
    anchors={"^": r"\A", "$": r"\z", "\\b": r"\b", "\\B": r"\B", "\\`": r"\A", "\\'": r"\z"},
    line_anchors={"^": "(?m:^)", "$": "(?m:$)"},
    nothing=r"[^\x{0}-\x{10FFFF}]",
    code="\\x{{{:x}}}",
    references=False,
    both_cases=True,
    most_repeats=1000,
)


class NotThereError(Exception):
    """The engine does not have it."""


class Writer:
    def __init__(self, dialect: Dialect, *, lines: bool) -> None:
        self._dialect = dialect
        self._lines = lines

    def write(self, tree: Tree) -> str:
        """The pattern in the engine's syntax; NotThereError if it has none for a part of it."""
        if isinstance(tree, Chars):
            return self._chars(tree.ranges)
        if isinstance(tree, Sequence):
            return "".join(
                f"(?:{self.write(each)})" if isinstance(each, Choice) else self.write(each)
                for each in tree.items
            )
        if isinstance(tree, Choice):
            return "|".join(self.write(each) for each in tree.branches)
        if isinstance(tree, Group):
            return f"({self.write(tree.body)})"
        if isinstance(tree, Repeat):
            return self._repeat(tree)
        if isinstance(tree, Reference):
            if not self._dialect.references:
                raise NotThereError
            return f"(?:\\{tree.group})"
        return self._anchor(tree)

    def _anchor(self, tree: Anchor) -> str:
        kind = tree.kind
        written = self._dialect.line_anchors.get(kind) if self._lines else None
        written = written or self._dialect.anchors.get(kind)
        if written is None:
            raise NotThereError
        return written

    def _repeat(self, tree: Repeat) -> str:
        body = self.write(tree.body)
        if not isinstance(tree.body, Chars | Group):
            body = f"(?:{body})"
        least, most = tree.least, tree.most
        if max(least, most or 0) > self._dialect.most_repeats:
            raise NotThereError
        sign = {(0, None): "*", (1, None): "+", (0, 1): "?"}.get((least, most))
        if sign is None:
            upto = "" if least == most else f",{'' if most is None else most}"
            sign = f"{{{least}{upto}}}"
        return body + sign

    def _chars(self, ranges: Ranges) -> str:
        if not ranges:
            return self._dialect.nothing
        if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
            return self._code(ranges[0][0])
        if ranges == posix.others(()):
            return "."
        if not self._dialect.both_cases and _is_letter(ranges):
            return chr(ranges[1][0])
        negated = ranges[-1][1] == posix.LAST
        pieces = [
            self._code(first) if first == last else f"{self._code(first)}-{self._code(last)}"
            for first, last in (posix.others(ranges) if negated else ranges)
        ]
        return f"[{'^' if negated else ''}{''.join(pieces)}]"

    def _code(self, code: int) -> str:
        character = chr(code)
        plain = character.isascii() and (character.isalnum() or character in "_ :@/,;<>=\"'%!~")
        return character if plain else self._dialect.code.format(code)


def _is_letter(ranges: Ranges) -> bool:
    """Whether these are the two cases of one letter."""
    if len(ranges) != 2 or any(first != last for first, last in ranges):
        return False
    capital, small = (chr(first) for first, _ in ranges)
    return capital.isascii() and capital.isalpha() and capital != small == capital.lower()
