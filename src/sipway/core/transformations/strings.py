"""`{s.…}`: sizes, parts and changes of text; what all transformations share."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import wraps
from typing import Final, TypeVar

from sipway.core.builtin import core

Value = int | str | None
_WHITE: Final = " \t\r\n"
_MAX_INT: Final = 2**31 - 1


def to_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def to_text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


Apply = TypeVar("Apply", bound=Callable[..., Value])


def transformation(name: str, *, least: int = 0, most: int = 0) -> Callable[[Apply], Apply]:
    """Register a function of text as the transformation `{name}`, with so many arguments.

    It is spared null, which stays null, and a number comes as its digits. ValueError of it
    becomes null.
    """

    def register(apply: Apply) -> Apply:
        @wraps(apply)
        def transform(value: Value, *arguments: str) -> Value:
            if value is None:
                return None
            try:
                return apply(value if isinstance(value, str) else str(value), *arguments)
            except ValueError:
                return None

        core.transformation(name, least=least, most=most)(transform)
        return apply

    return register


def string(name: str, *, least: int = 0, most: int = 0) -> Callable[[Apply], Apply]:
    return transformation(f"s.{name}", least=least, most=most)


# --- numbers and sizes ----------------------------------------------------------------


@string("len")
def _length(text: str) -> int:
    """The number of bytes."""
    return len(text) if text.isascii() else len(to_bytes(text))


@string("int")
def _integer(text: str) -> int | None:
    """The number that the text is, 0 for none, null where the text is something else."""
    if not text:
        return 0
    if text != text.strip():
        return None
    number = int(text)
    return number if -_MAX_INT <= number <= _MAX_INT else None


@string("count", least=1, most=1)
def _count(text: str, letter: str) -> int:
    """How often a character occurs."""
    return text.count(letter[0]) if letter else 0


@string("numeric")
def _numeric(text: str) -> str:
    """The digits alone."""
    return re.sub(r"[^0-9]+", "", text)


# --- parts -----------------------------------------------------------------------------


@string("substr", least=2, most=2)
def _substring(text: str, offset: str, length: str) -> str | None:
    """`length` bytes from `offset` on, which counts from the end if negative; 0: all the rest."""
    data: str | bytes = text if text.isascii() else to_bytes(text)
    start, size = int(offset), int(length)
    if start < 0:
        start += len(data)
    if size < 0 or not 0 <= start < len(data):
        return None
    part = data[start : start + size] if size else data[start:]
    return part if isinstance(part, str) else to_text(part)


@string("select", least=2, most=2)
def _select(text: str, index: str, separator: str) -> str:
    """The field with this number, from the end if negative; empty if there is none."""
    try:
        return text.split(separator[:1])[int(index)]
    except IndexError:
        return ""


@string("strip", least=1, most=1)
def _strip(text: str, count: str) -> str:
    """Without so many bytes in front."""
    return to_text(to_bytes(text)[max(int(count), 0) :])


@string("striptail", least=1, most=1)
def _strip_tail(text: str, count: str) -> str:
    """Without so many bytes at the end."""
    data = to_bytes(text)
    return to_text(data[: max(len(data) - max(int(count), 0), 0)])


@string("after", least=1, most=1)
def _after(text: str, letter: str) -> str:
    """What stands behind the first such character; empty if there is none."""
    return text.partition(letter[0])[2] if letter else ""


@string("rafter", least=1, most=1)
def _after_last(text: str, letter: str) -> str:
    """What stands behind the last such character; empty if there is none."""
    _, found, rest = text.rpartition(letter[0]) if letter else ("", "", "")
    return rest if found else ""


@string("before", least=1, most=1)
def _before(text: str, letter: str) -> str:
    """What stands before the first such character; all if there is none."""
    return text.partition(letter[0])[0] if letter else text


@string("rbefore", least=1, most=1)
def _before_last(text: str, letter: str) -> str:
    """What stands before the last such character; all if there is none."""
    head, found, _ = text.rpartition(letter[0]) if letter else (text, "x", "")
    return head if found else text


def _prefixes(text: str, longest: str, quote: str) -> str:
    limit = int(longest)
    if limit <= 0 or limit > len(text):
        limit = len(text)
    return ",".join(f"{quote}{text[:size]}{quote}" for size in range(1, limit + 1))


@string("prefixes", most=1)
def _plain_prefixes(text: str, longest: str = "0") -> str:
    """All beginnings with commas between: `1,12,123`, up to a length if one is given."""
    return _prefixes(text, longest, "")


@string("prefixes.quoted", most=1)
def _quoted_prefixes(text: str, longest: str = "0") -> str:
    """All beginnings in single quotes with commas between, up to a length if one is given."""
    return _prefixes(text, longest, "'")


# --- changes ---------------------------------------------------------------------------

_ASCII_LOWER: Final = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_ASCII_UPPER: Final = {lower: upper for upper, lower in _ASCII_LOWER.items()}


@string("tolower")
def _lower(text: str) -> str:
    """With small letters; only those of ASCII change."""
    return text.translate(_ASCII_LOWER)


@string("toupper")
def _upper(text: str) -> str:
    """With capital letters; only those of ASCII change."""
    return text.translate(_ASCII_UPPER)


@string("trim")
def _trim(text: str) -> str:
    """Without blanks, tabs and line ends around it."""
    return text.strip(_WHITE)


@string("ltrim")
def _trim_left(text: str) -> str:
    """Without blanks, tabs and line ends in front."""
    return text.lstrip(_WHITE)


@string("rtrim")
def _trim_right(text: str) -> str:
    """Without blanks, tabs and line ends behind."""
    return text.rstrip(_WHITE)


@string("rmws")
def _without_white(text: str) -> str:
    """Without any blanks, tabs and line ends."""
    return re.sub(r"[ \t\r\n]+", "", text)


@string("rm", least=1, most=1)
def _remove(text: str, what: str) -> str:
    """Without every occurrence of a text."""
    return text.replace(what, "") if what else text


@string("replace", least=2, most=2)
def _replace(text: str, what: str, by: str) -> str:
    """With every occurrence of a text replaced by another."""
    return text.replace(what, by) if what else text


@string("unquote")
def _unquote(text: str) -> str:
    """Without the quotes around it, single or double."""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text


_BRACKETS: Final = frozenset(("()", "[]", "{}", "<>"))


@string("unbracket")
def _unbracket(text: str) -> str:
    """Without the brackets around it, of any kind."""
    return text[1:-1] if len(text) > 1 and text[0] + text[-1] in _BRACKETS else text


def _lines(text: str, width: str, indent: str) -> str:
    size = int(width)
    if size <= 0:
        return text
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    return f"\r\n{indent}".join(pieces)


@string("fmtlines", least=2, most=2)
def _lines_with_blanks(text: str, width: str, indent: str) -> str:
    """In lines of a width, each but the first with so many blanks in front."""
    return _lines(text, width, " " * int(indent))


@string("fmtlinet", least=2, most=2)
def _lines_with_tabs(text: str, width: str, indent: str) -> str:
    """In lines of a width, each but the first with so many tabs in front."""
    return _lines(text, width, "\t" * int(indent))


@string("ftime", least=1, most=1)
def _format_time(text: str, format: str) -> str:  # noqa: A002
    """Seconds since 1970 as local time in a format of strftime(3)."""
    return time.strftime(format, time.localtime(int(text)))
