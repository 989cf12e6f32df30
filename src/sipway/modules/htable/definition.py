"""What the parameter `htable` says of a table: `name=>size=8;autoexpire=7200;initval=0`.

Source: README of htable, section 3.1; what it leaves open was tried on Kamailio 5.6.3.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from sipway.language.record import Record

LEAST_SIZE: Final = 2
LARGEST_SIZE: Final = 31
_SMALL: Final = 3
_LARGE: Final = 14

_NAME: Final = re.compile(r"[^\s=]*")
_ATTRIBUTE: Final = re.compile(
    r"""\s*(?P<name>\w+)\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^;,\s"']*))\s*""",
    re.ASCII,
)
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,10}", re.ASCII)
_LARGEST: Final = 2**31 - 1
_COLUMNS: Final = 2


class Definition(Record):
    """One table.

    name           as `$sht(name=>...)` has it
    size           two to the power of this many slots
    autoexpire     seconds until an item that was not set again is gone, 0: never
    reloadat       seconds between two times that it is read from the database, 0: never again
    dbtable        the table of the database, empty: none
    columns        of that: the key, then values; empty: those that the parameters name
    dbmode         it is written to the database at the end
    initval        what a key that is not there reads as; None: null
    updateexpire   to set an item gives it all of `autoexpire` again
    dmqreplicate   changes are to go to other servers
    coldelim       between the values of several columns
    colnull        stands there for a null of the database
    """

    name: str
    size: int = _SMALL
    autoexpire: int = 0
    reloadat: int = 0
    dbtable: str = ""
    columns: tuple[str, ...] = ()
    dbmode: bool = False
    initval: int | None = None
    updateexpire: bool = True
    dmqreplicate: bool = False
    coldelim: str = ","
    colnull: str = "*"

    @property
    def slots(self) -> int:
        return 1 << self.size


def definition(text: str) -> Definition:
    """What the text of a parameter says. Raises ValueError with a sentence for the user."""
    name, arrow, rest = text.partition("=>")
    name = name.strip()
    if not arrow or not _NAME.fullmatch(name):
        raise ValueError(f'"{text}" is not name=>attribute=value;...')
    found: dict[str, Any] = {}
    for attribute, value in _attributes(rest):
        read = _READERS.get(attribute)
        if read is None:
            raise ValueError(f"a table has no attribute {attribute}, only {', '.join(_READERS)}")
        found["columns" if attribute == "cols" else attribute] = read(attribute, value)
    return Definition(name, **found)


def _attributes(text: str) -> list[tuple[str, str]]:
    """Attributes with their values, between them `;` or `,`; a value may stand in quotes."""
    found: list[tuple[str, str]] = []
    at = 0
    while text[at:].strip(" \t\r\n;"):
        match = _ATTRIBUTE.match(text, at)
        if match is None or (match.end() < len(text) and text[match.end()] not in ";,"):
            raise ValueError(f'"{text[at:].strip()}" does not begin with attribute=value')
        value = next(each for each in match.group("double", "single", "bare") if each is not None)
        found.append((match["name"], value))
        at = match.end() + 1
    return found


def _number(name: str, text: str) -> int:
    """An empty text is 0."""
    if not text:
        return 0
    number = int(text) if _NUMBER.fullmatch(text) else -_LARGEST - 2
    if not -_LARGEST - 1 <= number <= _LARGEST:
        raise ValueError(f'{name} is a number, not "{text}"')
    return number


def _natural(name: str, text: str) -> int:
    number = _number(name, text)
    if number < 0:
        raise ValueError(f"{name} is a number from 0 on, not {number}")
    return number


def _size(name: str, text: str) -> int:
    """Sizes out of the range are put right, as in Kamailio."""
    size = _natural(name, text)
    return _SMALL if size < LEAST_SIZE else _LARGE if size > LARGEST_SIZE else size


def _switch(name: str, text: str) -> bool:
    return _natural(name, text) != 0


def _text(_: str, text: str) -> str:
    return text


def _columns(name: str, text: str) -> tuple[str, ...]:
    columns = tuple(each.strip() for each in text.split(","))
    if len(columns) < _COLUMNS or not all(columns):
        raise ValueError(f'{name} has the column of the key and one with a value, not "{text}"')
    return columns


def _at_most_one(name: str, text: str) -> str:
    if len(text) > 1:
        raise ValueError(f'{name} is one character or none, not "{text}"')
    return text


def _one(name: str, text: str) -> str:
    if len(text) != 1:
        raise ValueError(f'{name} is one character, not "{text}"')
    return text


_READERS: Final[dict[str, Callable[[str, str], object]]] = {
    "size": _size,
    "autoexpire": _natural,
    "reloadat": _natural,
    "dbtable": _text,
    "cols": _columns,
    "dbmode": _switch,
    "initval": _number,
    "updateexpire": _switch,
    "dmqreplicate": _switch,
    "coldelim": _one,
    "colnull": _at_most_one,
}
