"""`{s.…}`: sizes, parts and changes of text."""

from __future__ import annotations

import re
import time
from typing import Final

from sipway.core.transformations.kinds import (
    Character,
    Length,
    Separator,
    bounded,
    size_of,
    to_bytes,
    to_text,
    transformation,
)

_WHITE: Final = " \t\r\n"
_WHITE_RUN: Final = re.compile(r"[ \t\r\n]+")
_FOLD: Final = re.compile(r"\r?\n[ \t]+")
_INTEGER: Final = re.compile(r"[-+]?(0*)([0-9]*)", re.ASCII)


# --- numbers and sizes ----------------------------------------------------------------


@transformation("s.len")
def _length(text: str) -> int:
    """The number of bytes."""
    return size_of(text)


def _as_int(text: str) -> int:
    """The number that a text is, 0 for none; ValueError for anything else."""
    match = _INTEGER.fullmatch(text)
    if match is None or len(match[2]) > 10:
        raise ValueError("no number")
    number = -int(match[2] or 0) if text[0:1] == "-" else int(match[2] or 0)
    if not -(2**31) <= number < 2**31:
        raise ValueError("too large a number")
    return number


def _digits(text: str) -> str:
    """What a text gets of s.int: the text that the number was made of."""
    _as_int(text)
    return text


@transformation("s.int", text=_digits)
def _integer(text: str) -> int:
    """The number that the text is, 0 for none, null where the text is something else.

    A text gets it as it was written, with zeros in front.
    """
    return _as_int(text)


@transformation("s.intv")
def _integer_value(text: str) -> int:
    """The number that the text is, as s.int; a text gets its digits."""
    return _as_int(text)


@transformation("s.charat")
def _character(text: str, position: Length) -> str | None:
    """The character at a position from 0 on, null behind the end."""
    data = to_bytes(text)[position : position + 1]
    return to_text(data) if data else None


@transformation("s.byteat")
def _byte(text: str, position: Length) -> int | None:
    """The number of the byte at a position from 0 on, null behind the end."""
    data = to_bytes(text)[position : position + 1]
    return data[0] if data else None


@transformation("s.count")
def _count(text: str, letter: Character) -> int:
    """How often a character occurs."""
    return text.count(letter) if letter else 0


@transformation("s.numeric")
def _numeric(text: str) -> str:
    """The digits alone."""
    return re.sub(r"[^0-9]+", "", text)


# --- parts -----------------------------------------------------------------------------


@transformation("s.substr")
def _substring(text: str, offset: int, length: Length) -> str | None:
    """`length` bytes from `offset` on, which counts from the end if negative; 0: all the rest."""
    data: str | bytes = text if text.isascii() else to_bytes(text)
    start = offset + len(data) if offset < 0 else offset
    if not 0 <= start < len(data):
        return None
    part = data[start : start + length] if length else data[start:]
    return part if isinstance(part, str) else to_text(part)


def _field(text: str, index: int, separator: str) -> str:
    fields = text.split(separator) if len(separator) == 1 else re.split(f"[{separator}]", text)
    try:
        return fields[index]
    except IndexError:
        return ""


@transformation("s.select")
def _select(text: str, index: int, separator: Separator) -> str:
    """The field with this number, from the end if negative; empty if there is none."""
    return _field(text, index, separator)


@transformation("s.selectws")
def _select_word(text: str, index: int) -> str:
    """The field with this number between blanks, tabs and line ends; empty if there is none."""
    return _field(text, index, _WHITE)


@transformation("s.strip")
def _strip(text: str, count: int) -> str:
    """Without so many bytes in front."""
    return to_text(to_bytes(text)[max(count, 0) :])


@transformation("s.striptail")
def _strip_tail(text: str, count: int) -> str:
    """Without so many bytes at the end."""
    data = to_bytes(text)
    return to_text(data[: max(len(data) - max(count, 0), 0)])


@transformation("s.after")
def _after(text: str, letter: Character) -> str:
    """What stands behind the first such character; empty if there is none."""
    return text.partition(letter)[2] if letter else ""


@transformation("s.rafter")
def _after_last(text: str, letter: Character) -> str:
    """What stands behind the last such character; empty if there is none."""
    _, found, rest = text.rpartition(letter) if letter else ("", "", "")
    return rest if found else ""


@transformation("s.before")
def _before(text: str, letter: Character) -> str:
    """What stands before the first such character; all if there is none."""
    return text.partition(letter)[0] if letter else text


@transformation("s.rbefore")
def _before_last(text: str, letter: Character) -> str:
    """What stands before the last such character; all if there is none."""
    head, found, _ = text.rpartition(letter) if letter else (text, "x", "")
    return head if found else text


def _prefixes(text: str, longest: int, quote: bytes) -> str:
    data = to_bytes(text)
    count = min(longest, len(data)) if longest > 0 else len(data)
    bounded(count * (count + 1) // 2 + count * (2 * len(quote) + 1))
    return to_text(b",".join(quote + data[:size] + quote for size in range(1, count + 1)))


@transformation("s.prefixes")
def _plain_prefixes(text: str, longest: int = 0) -> str:
    """All beginnings with commas between: `1,12,123`, up to a length if one is given."""
    return _prefixes(text, longest, b"")


@transformation("s.prefixes.quoted")
def _quoted_prefixes(text: str, longest: int = 0) -> str:
    """All beginnings in single quotes with commas between, up to a length if one is given."""
    return _prefixes(text, longest, b"'")


# --- changes ---------------------------------------------------------------------------

_ASCII_LOWER: Final = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_ASCII_UPPER: Final = {lower: upper for upper, lower in _ASCII_LOWER.items()}


@transformation("s.tolower")
def _lower(text: str) -> str:
    """With small letters; only those of ASCII change."""
    return text.translate(_ASCII_LOWER)


@transformation("s.toupper")
def _upper(text: str) -> str:
    """With capital letters; only those of ASCII change."""
    return text.translate(_ASCII_UPPER)


@transformation("s.trim")
def _trim(text: str) -> str:
    """Without blanks, tabs and line ends around it."""
    return text.strip(_WHITE)


@transformation("s.ltrim")
def _trim_left(text: str) -> str:
    """Without blanks, tabs and line ends in front."""
    return text.lstrip(_WHITE)


@transformation("s.rtrim")
def _trim_right(text: str) -> str:
    """Without blanks, tabs and line ends behind."""
    return text.rstrip(_WHITE)


@transformation("s.rmws")
def _without_white(text: str) -> str:
    """Without any blanks, tabs and line ends."""
    return _WHITE_RUN.sub("", text)


@transformation("s.rmhdws")
def _folds_as_blanks(text: str) -> str:
    """With one blank for each line end that blanks follow, as in a folded header."""
    return _FOLD.sub(" ", text)


@transformation("s.rmhlws")
def _without_folds(text: str) -> str:
    """Without line ends that blanks follow, and these blanks: one line of a folded header."""
    return _FOLD.sub("", text)


@transformation("s.rm")
def _remove(text: str, what: str) -> str:
    """Without every occurrence of a text."""
    return text.replace(what, "") if what else text


@transformation("s.replace")
def _replace(text: str, what: str, by: str) -> str:
    """With every occurrence of a text replaced by another."""
    if not what:
        return text
    if len(by) > len(what):
        bounded(size_of(text) + text.count(what) * (size_of(by) - size_of(what)))
    return text.replace(what, by)


@transformation("s.unquote")
def _unquote(text: str) -> str:
    """Without the quotes around it, single or double."""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text


_BRACKETS: Final = frozenset(("()", "[]", "{}", "<>"))


@transformation("s.unbracket")
def _unbracket(text: str) -> str:
    """Without the brackets around it, of any kind."""
    return text[1:-1] if len(text) > 1 and text[0] + text[-1] in _BRACKETS else text


def _lines(text: str, width: int, indent: int, blank: str) -> str:
    if width <= 0:
        return text
    count = -(-len(text) // width)
    bounded(size_of(text) + (count - 1) * (2 + max(indent, 0)))
    pieces = [text[start : start + width] for start in range(0, len(text), width)]
    return f"\r\n{blank * indent}".join(pieces)


@transformation("s.fmtlines")
def _lines_with_blanks(text: str, width: int, indent: int) -> str:
    """In lines of a width, each but the first with so many blanks in front."""
    return _lines(text, width, indent, " ")


@transformation("s.fmtlinet")
def _lines_with_tabs(text: str, width: int, indent: int) -> str:
    """In lines of a width, each but the first with so many tabs in front."""
    return _lines(text, width, indent, "\t")


_WIDE: Final = re.compile(r"%[-_0^#+]*[0-9]{3,}")


@transformation("s.ftime")
def _format_time(text: str, format: str) -> str:  # noqa: A002
    """Seconds since 1970 as local time in a format of strftime(3)."""
    seconds = int(text or 0) if not text or (text.isdecimal() and text.isascii()) else -1
    if not 0 <= seconds < 2**32 or _WIDE.search(format):
        raise ValueError("no time")
    return time.strftime(format, time.localtime(seconds))
