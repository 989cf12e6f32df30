r"""Substitutions as sed writes them, `/expression/replacement/flags`: subst() and its like.

The first character separates. Flags: `i` ignores case, `g` replaces every match, `s` lets the
expression see line ends as ordinary characters. In the replacement `\\0` to `\\9` stand for the
match and its groups, and `$name` for variables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from sipway.language.record import Record
from sipway.language.regex import Found, Pattern, compile_pattern

Piece: TypeAlias = str | int | Callable[[Any], str]
"""A text, the number of a group, or what makes a text of the Context."""


class Substitution(Record):
    """A substitution, ready to be applied."""

    pattern: Pattern
    pieces: tuple[Piece, ...]
    every: bool

    def matches(self, text: str, ctx: Any) -> Iterator[tuple[int, int, str]]:
        """Start, end and replacement of each match, or of the first one."""
        for match in self.pattern.finditer(text):
            yield match.start(), match.end(), self._replacement(match, ctx)
            if not self.every:
                return

    def apply(self, text: str, ctx: Any) -> str | None:
        """The text with its matches replaced; None if there are none."""
        parts = []
        position = 0
        for start, end, replacement in self.matches(text, ctx):
            parts += [text[position:start], replacement]
            position = end
        return "".join((*parts, text[position:])) if parts else None

    def _replacement(self, match: Found, ctx: Any) -> str:
        found = []
        for piece in self.pieces:
            if isinstance(piece, str):
                found.append(piece)
            elif isinstance(piece, int):
                found.append((match[piece] or "") if piece <= self.pattern.groups else "")
            else:
                found.append(piece(ctx))
        return "".join(found)


def split_substitution(text: str) -> tuple[str, str, str]:
    """Expression, replacement and flags; ValueError with what is wrong."""
    separator = text[:1]
    if not separator or separator in "\\$":
        raise ValueError("a substitution is written as /expression/replacement/flags")
    parts = [""]
    i = 1
    while i < len(text):
        character = text[i]
        if character == "\\" and i + 1 < len(text):
            following = text[i + 1]
            parts[-1] += following if following == separator else character + following
            i += 2
            continue
        if character == separator:
            parts.append("")
        else:
            parts[-1] += character
        i += 1
    if len(parts) != 3:
        raise ValueError(f"a substitution has three {separator}, this one has {len(parts)}")
    return parts[0], parts[1], parts[2]


def compile_substitution(expression: str, flags: str, pieces: tuple[Piece, ...]) -> Substitution:
    """Make one of its parts; ValueError with what is wrong."""
    unknown = set(flags) - set("igs")
    if unknown:
        raise ValueError(f"there is no flag {min(unknown)}: i, g and s are known")
    pattern = compile_pattern(expression, ignore_case="i" in flags, lines="s" not in flags)
    return Substitution(pattern, pieces, "g" in flags)


_REFERENCE = re.compile(r"\\([0-9])|\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


def cut_replacement(replacement: str, *, dollar: str = "$") -> list[str | int]:
    """Texts, which may hold variables, and numbers of groups; `dollar` for each escaped $."""
    found: list[str | int] = []
    position = 0
    text = ""
    for match in _REFERENCE.finditer(replacement):
        text += replacement[position : match.start()]
        position = match.end()
        if match[1] is None:
            text += dollar if match[2] == "$" else _ESCAPES.get(match[2], match[2])
            continue
        if text:
            found.append(text)
            text = ""
        found.append(int(match[1]))
    text += replacement[position:]
    if text:
        found.append(text)
    return found
