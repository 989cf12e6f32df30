"""What all transformations share: their arguments by annotation, null, numbers as values.

    @transformation("s.substr")
    def _substring(text: str, offset: int, length: int) -> str | None:

Arguments that are constants are converted when the script is compiled.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Final, TypeAlias, TypeVar

from sipway.core.annotations import parameters
from sipway.core.builtin import core
from sipway.core.module import Module
from sipway.language.signatures import TransformationArgument, TransformationSignature

Value: TypeAlias = int | str | None
Apply = TypeVar("Apply", bound=Callable[..., Value])

MAX_RESULT: Final = 65_535
"""Bytes that a transformation may make of a text; more is null."""

_NUMBER: Final = re.compile(r"[-+]?[ \t\r\n]*[0-9]{1,10}[ \t\r\n]*", re.ASCII)
_ESCAPES: Final = {
    "\\\\": "\\",
    "\\t": "\t",
    "\\n": "\n",
    "\\r": "\r",
    "\\w": " ",
    "\\s": " \t\r\n",
}


def to_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def to_text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def size_of(text: str) -> int:
    """The number of bytes."""
    return len(text) if text.isascii() else len(to_bytes(text))


def bounded(size: int) -> None:
    """Raise ValueError for a result that would be larger than `MAX_RESULT`."""
    if size > MAX_RESULT:
        raise ValueError("the result is too large")


# --- kinds of arguments ------------------------------------------------------------------


def _number(value: int | str) -> int:
    if isinstance(value, int):
        return value
    if not _NUMBER.fullmatch(value):
        raise ValueError(f"a number is wanted, not {value!r}")
    number = int("".join(value.split()))
    if not -(2**31) <= number < 2**31:
        raise ValueError(f"{value} is too large a number")
    return number


def _length(value: int | str) -> int:
    length = _number(value)
    if length < 0:
        raise ValueError(f"a length is not negative, as {length} is")
    return length


def _separator(text: str) -> str:
    """The characters that separate; blanks behind one do not count."""
    kept = text[:1] + text[1:].rstrip(" \t\r\n")
    kept = _ESCAPES.get(kept, kept)
    if len(kept) != 1 and kept != _ESCAPES["\\s"]:
        raise ValueError(f"one character separates, not {text!r}")
    return kept


def _delimiter(text: str) -> str:
    if len(text) != 1 or text in " \t\r\n":
        raise ValueError(f"one character separates, not {text!r}")
    return text


NUMBER: Final = TransformationArgument("a number", _number)
LENGTH: Final = TransformationArgument("a length", _length)
TEXT: Final = TransformationArgument("a text", str)
CHARACTER: Final = TransformationArgument("a character", lambda value: str(value)[:1])
SEPARATOR: Final = TransformationArgument("a separator", _separator, dynamic=False)
DELIMITER: Final = TransformationArgument("a separator", _delimiter, dynamic=False)
SUBSTITUTION: Final = TransformationArgument(
    "a substitution", str, dynamic=False, substitution=True
)

Character = Annotated[str, CHARACTER]
"""The first character of what the script gives; empty if that is."""

Length = Annotated[int, LENGTH]
"""A number that is not negative."""

Separator = Annotated[str, SEPARATOR]
"""One character, written as itself or as an escape; four of them for any blank (`\\s`)."""

Delimiter = Annotated[str, DELIMITER]
"""One character between parameters."""

Substitute = Annotated[Callable[[str], str | None], SUBSTITUTION]
"""What applies `/expression/replacement/flags`; None where nothing matches."""

_BY_TYPE: Final = {int: NUMBER, str: TEXT}


# --- registering -------------------------------------------------------------------------


def transformation(
    name: str, *, text: Callable[[str], Value] | None = None, module: Module = core
) -> Callable[[Apply], Apply]:
    """Register a function as the transformation `{name}`.

    Its first argument is the text to transform: null stays null, and a number comes as its
    digits. ValueError of it becomes null. Where the first argument is annotated as `Value`, it
    gets the value as it is. `text`: what texts get instead of the result.
    """

    def register(apply: Apply) -> Apply:
        first, *others = parameters(apply)
        takes_all = first.annotation == Value
        signature = TransformationSignature(
            name,
            apply if takes_all else _of_text(apply),
            tuple(_argument(each.annotation, each.optional) for each in others),
            apply.__doc__ or "",
            None if text is None else _of_text(text),
        )
        module.add_transformation(signature)
        return apply

    return register


def _argument(hint: object, optional: bool) -> TransformationArgument:
    kind = next(iter(getattr(hint, "__metadata__", ())), None) or _BY_TYPE[hint]  # type: ignore[index]
    assert isinstance(kind, TransformationArgument)
    if not optional:
        return kind
    return TransformationArgument(kind.name, kind.convert, True, kind.dynamic, kind.substitution)


def _of_text(apply: Apply) -> Apply:
    @wraps(apply)
    def transform(value: Value, *arguments: object) -> Value:
        if value is None:
            return None
        try:
            return apply(value if isinstance(value, str) else str(value), *arguments)
        except ValueError:
            return None

    return typing.cast(Apply, transform)
