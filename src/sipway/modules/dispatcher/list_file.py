"""The file of destinations: `setid uri [flags [priority [attributes]]]` in each line.

Source: README of dispatcher, section 6.1.2. As in Kamailio a number that is left out is 0, and what
follows the attributes is left aside; `#` begins a comment. Otherwise than in 5.6.3 flags may be
hexadecimal, as the README says.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NamedTuple

from sipway.modules.dispatcher.destinations import Line

_TOKEN: Final = re.compile(r"[^ \t\r\f\v]+")
_DECIMAL: Final = re.compile(r"[0-9]{1,10}", re.ASCII)
_FLAGS: Final = re.compile(r"0[xX][0-9A-Fa-f]{1,8}|[0-9]{1,10}", re.ASCII)
_LARGEST: Final = 2**31 - 1
_LONGEST_FILE: Final = 64 << 20
_FIELDS: Final = 5


class Mistake(NamedTuple):
    """What is wrong in a place of a file; `column` is 0 for what is no file."""

    where: str
    what: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        place = f"{self.where}:{self.line}:{self.column}" if self.line else self.where
        return f"{place}: {self.what}"


class Entry(NamedTuple):
    """A destination, and where it stands; `columns` are those of its fields."""

    line: Line
    where: str
    number: int
    columns: tuple[int, ...]

    def mistake(self, what: str, field: int = 1) -> Mistake:
        """Something wrong with a field: 0 is the set, 1 the URI, 4 the attributes."""
        column = self.columns[min(field, len(self.columns) - 1)] if self.columns else 0
        return Mistake(self.where, what, self.number, column)


class Read(NamedTuple):
    """`wrong` lines are left out, `odd` ones are not; with `broken` ones it is no list at all."""

    entries: list[Entry]
    wrong: list[Mistake]
    odd: list[Mistake]
    broken: list[Mistake]


def read_file(path: Path) -> Read:
    """What a file says. Raises OSError, and ValueError for what is no such file."""
    with path.open("rb") as file:
        data = file.read(_LONGEST_FILE + 1)
    if len(data) > _LONGEST_FILE:
        raise ValueError(f"{path} is longer than {_LONGEST_FILE >> 20} MB")
    return read_text(data.decode("utf-8", "surrogateescape"), str(path))


def read_text(text: str, where: str) -> Read:
    """As `read_file`, of the text of a file."""
    read = Read([], [], [], [])
    for number, line in enumerate(text.split("\n"), 1):
        _read_line(read, line, where, number)
    return read


def _read_line(read: Read, text: str, where: str, number: int) -> None:
    tokens = []
    for match in _TOKEN.finditer(text):
        if match[0].startswith("#"):
            break
        tokens.append((match[0], match.start() + 1))
    if not tokens:
        return
    group, column = tokens[0]
    if not _DECIMAL.fullmatch(group) or int(group) > _LARGEST:
        what = f'a line begins with the number of a set, not "{group:.40}"'
        read.wrong.append(Mistake(where, what, number, column))
        return
    if len(tokens) == 1:
        what = f"the URI of a destination of set {group} is missing"
        read.broken.append(Mistake(where, what, number, column + len(group)))
        return
    values: list[int] = []
    at = 2
    for pattern in (_FLAGS, _DECIMAL):
        if at < len(tokens) and pattern.fullmatch(tokens[at][0]):
            values.append(min(_number(tokens[at][0]), _LARGEST))
            at += 1
        else:
            break
    attributes = ""
    if at < len(tokens):
        attributes, column = tokens[at]
        if "=" not in attributes:
            what = f'"{attributes:.40}" is taken for attributes, which are written name=value'
            read.odd.append(Mistake(where, what, number, column))
        at += 1
    if at < len(tokens):
        what = f'"{tokens[at][0]:.40}" and what follows it is left aside'
        read.odd.append(Mistake(where, what, number, tokens[at][1]))
    columns = [tokens[0][1], tokens[1][1]]
    columns += [tokens[min(2 + each, len(tokens) - 1)][1] for each in range(2)]
    columns.append(tokens[min(at - 1, len(tokens) - 1)][1])
    flags, priority = (*values, 0, 0)[:2]
    line = Line(int(group), tokens[1][0], flags, priority, attributes)
    read.entries.append(Entry(line, where, number, tuple(columns[:_FIELDS])))


def _number(text: str) -> int:
    return int(text, 16) if text[:2].lower() == "0x" else int(text)
