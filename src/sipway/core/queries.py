"""SQL with variables in it, whose values stay values.

    sql_query("ca", "select id from users where name='$fU'", "ra");

What a variable gives inside quotes is written so that it cannot end them, in the way of the
database: `o'hara` is `o''hara`. Scripts that escape for MySQL by themselves
(`$(fU{s.escape.common})`, `$(fU{sql.val})`) mean the same value: it is undone and written anew, so
that it holds for every database. What a variable gives outside quotes is SQL, the script's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from sipway.core.context import Context
from sipway.language.record import Record
from sipway.language.runtime import to_str
from sipway.language.signatures import Reader, VariableReference

_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_MEANT: Final = {"0": "\0"}
_SQL_TEXT: Final = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)
_WORD: Final = re.compile(r"\w", re.ASCII)

KINDS: Final = ("mysql", "postgres", "sqlite", "text")

# Where a variable may stand. In a text of PostgreSQL with E before it backslashes escape.
_PLAIN: Final = ""
_WITH_E: Final = "E'"
_LINE: Final = "--"
_BLOCK: Final = "/*"
_QUOTES: Final = frozenset({"'", '"', "`", _WITH_E})


class Hole(Record):
    """A variable in the text.

    `escaped`: its transformations escape for MySQL; `quoted`: they put quotes around it too.
    """

    reference: VariableReference
    escaped: bool
    quoted: bool


Piece: TypeAlias = "str | Hole"


class Query(Record):
    """SQL as the script has it, and where its variables stand, by the kind of database."""

    pieces: tuple[Piece, ...]
    places: Mapping[str, tuple[str, ...]]

    def make(self, ctx: Context, kind: str) -> str:
        """The SQL for a message and a kind of database (`mysql`). Raises ValueError."""
        places = iter(self.places[kind])
        return "".join(
            piece if isinstance(piece, str) else _written(piece, next(places), ctx, kind)
            for piece in self.pieces
        )


def read_query(text: str, read: Reader) -> Query:
    """Take a text of the script apart; `$$` is a dollar."""
    pieces: list[Piece] = []
    while text:
        plain, dollar, rest = text.partition("$")
        if plain:
            pieces.append(plain)
        if not dollar:
            break
        if rest.startswith("$"):
            pieces.append("$")
            text = rest[1:]
            continue
        reference, text = read(f"${rest}")
        changes = reference.text
        pieces.append(Hole(reference, "{s.escape.common}" in changes, "{sql.val" in changes))
    return Query(tuple(pieces), {kind: _places(pieces, kind) for kind in KINDS})


def _places(pieces: Sequence[Piece], kind: str) -> tuple[str, ...]:
    """Where each variable stands: between which quotes, in a comment, or in plain SQL."""
    found: list[str] = []
    place = _PLAIN
    for piece in pieces:
        if isinstance(piece, str):
            place = _place_after(piece, place, kind)
        else:
            found.append(place)
    return tuple(found)


def _place_after(text: str, place: str, kind: str) -> str:
    """Where one is behind a piece of SQL that begins at `place`. Two quotes close and open."""
    at = 0
    while at < len(text):
        char, both = text[at], text[at : at + 2]
        if place == _PLAIN:
            if char in "'\"`":
                place = _WITH_E if char == "'" and _is_after_e(text, at, kind) else char
            elif both == "--" or (char == "#" and kind == "mysql"):
                place = _LINE
            elif both == "/*":
                place, at = _BLOCK, at + 1
        elif place == _LINE:
            if char == "\n":
                place = _PLAIN
        elif place == _BLOCK:
            if both == "*/":
                place, at = _PLAIN, at + 1
        elif char == "\\" and _escapes(place, kind):
            at += 1
        elif char == place[-1]:
            place = _PLAIN
        at += 1
    return place


def _is_after_e(text: str, at: int, kind: str) -> bool:
    if kind != "postgres" or at == 0 or text[at - 1] not in "eE":
        return False
    return at == 1 or _WORD.match(text[at - 2]) is None


def _escapes(quote: str, kind: str) -> bool:
    """Whether a backslash means something between these quotes."""
    return quote == _WITH_E or (kind == "mysql" and quote != "`")


def _written(hole: Hole, place: str, ctx: Context, kind: str) -> str:
    value = to_str(hole.reference.get(ctx))
    if place in _QUOTES:
        return _inside(_unescaped(value) if hole.escaped else value, place, kind)
    if place != _PLAIN:  # a comment must not end with what it is about
        return value.replace("\r", " ").replace("\n", " ").replace("*/", "* /")
    if hole.quoted:
        found = _SQL_TEXT.fullmatch(value)
        if found is not None:
            return f"'{_inside(_unescaped(found[1]), chr(39), kind)}'"
    return value


def _inside(value: str, quote: str, kind: str) -> str:
    """A value as it stands between quotes."""
    if _escapes(quote, kind):
        value = value.replace("\\", "\\\\")
    if "\0" in value:
        if kind != "mysql":
            raise ValueError("a value holds a null character, which no text of SQL may")
        value = value.replace("\0", "\\0")
    return value.replace(quote[-1], quote[-1] * 2)


def _unescaped(value: str) -> str:
    return _ESCAPED.sub(lambda found: _MEANT.get(found[1], found[1]), value)
