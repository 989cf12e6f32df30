"""POSIX extended regular expressions of scripts, as Python ones.

As Kamailio uses them: case-insensitive, not anchored, `.` matches a line feed, `^` and `$`
match only at the ends of the text. Character classes such as `[[:digit:]]` are translated.

A pattern whose repetitions stand inside repetitions can take time exponential in the length
of the subject; for such a pattern the subject is cut to `MAX_RISKY_SUBJECT` characters, so
that no caller's input can stall a worker.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from sipway.language.remakable import remakable

MAX_RISKY_SUBJECT: Final = 24

_CLASSES: Final = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": r"\x21-\x7e",
    "lower": "a-z",
    "print": r"\x20-\x7e",
    "punct": r"!-/:-@\[-`{-~",
    "space": r" \t\n\r\f\v",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}
# What glibc knows behind a backslash besides the special characters themselves.
_ESCAPES: Final = {"w": "[A-Za-z0-9_]", "W": "[^A-Za-z0-9_]", "s": r"\s", "S": r"\S",
                   "b": r"\b", "B": r"\B", "<": r"\b(?=\w)", ">": r"\b(?<=\w)",
                   "`": r"\A", "'": r"\Z"}  # fmt: skip
_NESTED_REPEAT: Final = re.compile(r"[*+}]\)+(?:[*+]|\{)")


def is_risky(pattern: str) -> bool:
    """Whether a repetition stands inside of a repetition."""
    return _NESTED_REPEAT.search(pattern) is not None


def translate(pattern: str, *, lines: bool = False) -> str:
    """A POSIX extended pattern in Python's syntax; raises ValueError with what is wrong.

    `lines`: `^` and `$` match at the ends of each line, and nothing but a line feed itself
    matches one.
    """
    out: list[str] = []
    i, n = 0, len(pattern)
    while i < n:
        c = pattern[i]
        if c == "[":
            i, piece = _bracket(pattern, i)
            if lines and piece.startswith("[^"):
                piece = f"[^\\n{piece[2:]}"
            out.append(piece)
            continue
        if c == "\\":
            if i + 1 >= n:
                raise ValueError("the regular expression ends with a backslash")
            following = pattern[i + 1]
            if following in _ESCAPES:
                out.append(_ESCAPES[following])
            elif following.isdigit() and following != "0":
                out.append("\\" + following)
            else:
                out.append(re.escape(following))
            i += 2
            continue
        if c == "(" and i + 1 < n and pattern[i + 1] == "?":
            raise ValueError('"(?" is not known to POSIX regular expressions')
        if c == "$":
            out.append(r"(?=\n|\Z)" if lines else r"\Z")
        elif c == "{" and not re.match(r"\{\d+(?:,\d*)?\}", pattern[i:]):
            out.append(r"\{")
        else:
            out.append(c)
            if c in "*+?}" and pattern[i + 1 : i + 2] in ("+", "?", "*"):
                # Python would read it as a possessive or lazy repetition.
                raise ValueError("a repetition is repeated: put parentheses around the first")
        i += 1
    return "".join(out)


def _bracket(pattern: str, start: int) -> tuple[int, str]:
    """A bracket expression from `start`; returns where it ends and its translation."""
    i = start + 1
    out = ["["]
    if pattern[i : i + 1] == "^":
        out.append("^")
        i += 1
    first = True
    while i < len(pattern):
        c = pattern[i]
        if c == "]" and not first:
            return i + 1, "".join(out) + "]"
        first = False
        if c == "[" and pattern[i + 1 : i + 2] in (":", ".", "="):
            kind = pattern[i + 1]
            end = pattern.find(kind + "]", i + 2)
            if end < 0:
                raise ValueError("a bracket expression is not closed")
            name = pattern[i + 2 : end]
            if kind == ":":
                if name not in _CLASSES:
                    raise ValueError(f"[:{name}:] is no class of characters")
                out.append(_CLASSES[name])
            else:
                out.append(re.escape(name))
            i = end + 2
            continue
        out.append("\\" + c if c in "\\[]&~|" else c)
        i += 1
    raise ValueError("a bracket expression is not closed: a ] is missing")


def compile_pattern(
    pattern: str, *, ignore_case: bool = True, lines: bool = False
) -> re.Pattern[str]:
    """A POSIX extended pattern, compiled; raises ValueError with what is wrong."""
    flags = (re.MULTILINE if lines else re.DOTALL) | (re.IGNORECASE if ignore_case else 0)
    try:
        return re.compile(translate(pattern, lines=lines), flags)
    except re.error as error:
        raise ValueError(f'"{pattern}" is not a regular expression: {error}') from None
    except (OverflowError, RecursionError):
        raise ValueError(f'"{pattern}" is too large a regular expression') from None


@remakable
def compile_posix(pattern: str, *, ignore_case: bool = True) -> Callable[[str], object]:
    """A function that searches its argument and returns something true on a match."""
    search = compile_pattern(pattern, ignore_case=ignore_case).search
    if is_risky(pattern):
        return lambda subject: search(subject[:MAX_RISKY_SUBJECT])
    return search
