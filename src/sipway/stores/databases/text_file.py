r"""A table of a text database: columns in the first line, then a line for each row.

    id(int,auto) name(str) flag(double) desc(str,null)
    1:nick:0.34:a\tgood\: friend

Source: README of Kamailio's module db_text, section 1.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from sipway.errors import DatabaseError
from sipway.stores.databases.interface import Row, Value

_COLUMN: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\(([A-Za-z]+)(?:,([A-Za-z]+))?\)")
_KINDS: Final = {
    "int": int, "double": float, "str": str, "string": str, "blob": str, "text": str,
}  # fmt: skip
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}
_ESCAPES: Final = {value: f"\\{key}" for key, value in _ESCAPED.items()} | {"\\": "\\\\"}


class FileError(DatabaseError):
    """A file is no table: what it is meant to be is not known, so nobody writes over it."""


class Column(NamedTuple):
    """`kind` as the file has it; `attribute` is "auto", "null" or ""."""

    name: str
    kind: str
    attribute: str

    @property
    def text(self) -> str:
        return f"{self.name}({self.kind}{f',{self.attribute}' if self.attribute else ''})"


class TextTable(NamedTuple):
    columns: tuple[Column, ...]
    rows: list[Row]


def read_table(text: str, place: str, delimiter: str, *, empty_is_text: bool) -> TextTable:
    """Read a file; `place` is what it is called. Raises FileError with the line that is wrong.

    `empty_is_text`: nothing between two delimiters is an empty text also in columns that may be
    null, else it is a null there.
    """
    lines = text.split("\n")
    columns = tuple(_column(each, place) for each in lines[0].split())
    if not columns:
        raise FileError(f"{place}:1 names no columns", hint="such as id(int,auto) name(str)")
    rows: list[Row] = []
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        fields = list(_fields(line, delimiter))
        if len(fields) != len(columns):
            raise FileError(f"{place}:{number} has {len(fields)} fields for {len(columns)} columns")
        rows.append(
            tuple(
                _value(field, column, f"{place}:{number}", empty_is_text)
                for field, column in zip(fields, columns, strict=True)
            )
        )
    return TextTable(columns, rows)


def write_table(columns: Sequence[Column], rows: Sequence[Row], delimiter: str) -> str:
    """The text of a file."""
    escapes = str.maketrans({**_ESCAPES, delimiter: f"\\{delimiter}"})
    head = " ".join(column.text for column in columns)
    lines = (
        delimiter.join(
            _written(value, column).translate(escapes)
            for value, column in zip(row, columns, strict=True)
        )
        for row in rows
    )
    return "\n".join((head, *lines, ""))


def _column(text: str, place: str) -> Column:
    found = _COLUMN.fullmatch(text)
    if found is None or found[2].lower() not in _KINDS or found[3] not in (None, "auto", "null"):
        raise FileError(
            f'{place}:1: "{text}" is no column',
            hint="name(int), name(double) or name(str), with ,auto or ,null before the )",
        )
    return Column(found[1], found[2], found[3] or "")


def _fields(line: str, delimiter: str) -> Iterator[str | None]:
    """The fields of a line without their escapes; None for one with nothing in it."""
    field: list[str] = []
    at = 0
    while at < len(line):
        char = line[at]
        if char == "\\" and at + 1 < len(line):
            at += 1
            field.append(_ESCAPED.get(line[at], line[at]))
        elif char == delimiter:
            yield "".join(field) if field else None
            field = []
        elif char != "\r":
            field.append(char)
        at += 1
    yield "".join(field) if field else None


def _value(field: str | None, column: Column, place: str, empty_is_text: bool) -> Value:
    kind = _KINDS[column.kind.lower()]
    if field is None:
        no_null = empty_is_text or column.attribute != "null"
        return "" if kind is str and no_null else None
    try:
        value: Value = kind(field)
    except ValueError:
        raise FileError(f'{place}: {column.name} is a number, not "{field}"') from None
    return value


def _written(value: Value, column: Column) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and column.kind.lower() == "double":
        return f"{value:.2f}"
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)
