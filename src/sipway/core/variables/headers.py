"""Headers by name: `$hdr`, `$hdrc`, and by value where a line holds several: `$hfl`, `$hflc`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from sipway.core.builtin import core
from sipway.core.context import Context
from sipway.language.signatures import Inner
from sipway.sip import headers as kinds
from sipway.sip.message import Message

Index = int | str | None
Key = int | str
"""A header as `prepare` leaves it: its kind if it has one, else its name in small letters."""

_ALL: Final = "*"
_LISTS: Final = frozenset(
    (
        kinds.CONTACT,
        kinds.ROUTE,
        kinds.RECORD_ROUTE,
        kinds.VIA,
        kinds.DIVERSION,
        kinds.P_ASSERTED_IDENTITY,
        kinds.P_PREFERRED_IDENTITY,
    )
)
"""Headers of which `$hfl` knows the values within a line."""


def header_key(name: str) -> Key:
    """The Key of a header's name, long or compact. Raises ValueError for an empty name."""
    name = name.strip()
    if not name:
        raise ValueError("the name of a header is missing")
    return kinds.header_kind(name) or name.lower()


def first_value(message: Message, kind: int) -> str | None:
    """The value of the first header field of this kind, or None."""
    return message.value(kind)


def _positions(message: Message, key: Key) -> Sequence[int]:
    if isinstance(key, int):
        return message.indexes(key)
    return range(message.header_count) if key == _ALL else message.indexes_named(key)


def _pick(values: Sequence[str], index: int | str) -> str | None:
    """One of the values, from the end if negative, or all of them joined."""
    if not values:
        return None
    if index == _ALL:
        return ",".join(values)
    try:
        return values[int(index)]
    except IndexError:
        return None


@core.variable("hdr", inner=Inner.REQUIRED, indexed=True, values=(str,), prepare=header_key)
def _header(ctx: Context, key: Key, index: Index) -> str | None:
    """The value of a header line, of the first one without an index; `[*]`: of all of them.

    `[-1]` is the last one. A line with several values counts once.
    """
    message = ctx.message
    if index is None and isinstance(key, int):
        return first_value(message, key)
    positions = _positions(message, key)
    if index == _ALL:
        return _pick([message.text_value(each) for each in positions], _ALL)
    try:
        return message.text_value(positions[int(index or 0)])
    except IndexError:
        return None


@core.variable("hdrc", inner=Inner.REQUIRED, values=(int,), nullable=False, prepare=header_key)
def _header_count(ctx: Context, key: Key) -> int:
    """How many lines there are of a header."""
    return len(_positions(ctx.message, key))


# A value: anything but commas, except inside of quotes and angle brackets.
_VALUE: Final = re.compile(r'(?:"(?:[^"\\]|\\.)*"|<[^>]*>|[^,])+')


def split_values(line: str) -> list[str]:
    """The values in a line, cut at the commas outside of quotes and angle brackets."""
    return [value for each in _VALUE.findall(line) if (value := each.strip())]


def single_values(message: Message, key: Key) -> list[str]:
    """The values of a header, lines with several of them cut at the commas."""
    found = [message.text_value(each) for each in _positions(message, key)]
    if key not in _LISTS:
        return found
    return [value for line in found for value in split_values(line)]


@core.variable("hfl", inner=Inner.REQUIRED, indexed=True, values=(str,), prepare=header_key)
def _header_value(ctx: Context, key: Key, index: Index) -> str | None:
    """A value of a header that may have several in a line: Contact, Route, Record-Route, Via ..."""
    if index == _ALL:
        return _header(ctx, key, index)
    return _pick(single_values(ctx.message, key), 0 if index is None else index)


@core.variable("hflc", inner=Inner.REQUIRED, values=(int,), nullable=False, prepare=header_key)
def _header_value_count(ctx: Context, key: Key) -> int:
    """How many values a header has of which `$hfl` knows them, else how many lines."""
    return len(single_values(ctx.message, key))
