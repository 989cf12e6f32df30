"""SQL with variables in it, whose values stay values.

    sql_query("ca", "select id from users where name='$fU'", "ra");

What a variable gives inside quotes is written so that it cannot end them, in the way of the
database: `o'hara` is `o''hara`. Scripts that escape for MySQL by themselves
(`$(fU{s.escape.common})`, `$(fU{sql.val})`) mean the same value: it is undone and written anew, so
that it holds for every database. What a variable gives outside quotes is SQL, the script's own.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from sipway.core.context import Context
from sipway.language.record import Record
from sipway.language.runtime import to_str
from sipway.language.signatures import Reader, VariableReference

_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_MEANT: Final = {"0": "\0"}
_SQL_TEXT: Final = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)

# How much of a script's text is quoted, by the kind of database.
_BACKSLASHES: Final = frozenset({"mysql"})


class Hole(Record):
    """A variable in the text. `quote` is the quote that it stands in, or nothing.

    `escaped`: its transformations escape for MySQL; `quoted`: they put quotes around it too.
    """

    reference: VariableReference
    quote: str
    escaped: bool
    quoted: bool


Piece: TypeAlias = "str | Hole"


class Query(Record):
    """SQL as the script has it."""

    pieces: tuple[Piece, ...]

    def make(self, ctx: Context, kind: str) -> str:
        """The SQL for a message and a kind of database (`mysql`). Raises ValueError."""
        return "".join(
            piece if isinstance(piece, str) else _written(piece, ctx, kind) for piece in self.pieces
        )


def read_query(text: str, read: Reader) -> Query:
    """Take a text of the script apart; `$$` is a dollar."""
    pieces: list[Piece] = []
    quote = ""
    while text:
        plain, dollar, rest = text.partition("$")
        if plain:
            quote = _quote_after(plain, quote)
            pieces.append(plain)
        if not dollar:
            break
        if rest.startswith("$"):
            pieces.append("$")
            text = rest[1:]
            continue
        reference, text = read(f"${rest}")
        changes = reference.text
        pieces.append(
            Hole(
                reference,
                quote,
                "{s.escape.common}" in changes,
                "{sql.val" in changes,
            )
        )
    return Query(tuple(pieces))


def _quote_after(text: str, quote: str) -> str:
    """The quote that is open behind a piece of SQL. Two in a row close and open it."""
    at = 0
    while at < len(text):
        char = text[at]
        if char == "\\" and quote:
            at += 1
        elif char == quote:
            quote = ""
        elif not quote and char in "'\"`":
            quote = char
        at += 1
    return quote


def _written(hole: Hole, ctx: Context, kind: str) -> str:
    value = to_str(hole.reference.get(ctx))
    if hole.quote:
        meant = _unescaped(value) if hole.escaped else value
        return _inside(meant, hole.quote, kind)
    if hole.quoted:
        found = _SQL_TEXT.fullmatch(value)
        if found is not None:
            return f"'{_inside(_unescaped(found[1]), chr(39), kind)}'"
    return value


def _inside(value: str, quote: str, kind: str) -> str:
    """A value as it stands between quotes."""
    if kind in _BACKSLASHES:
        value = value.replace("\\", "\\\\").replace("\0", "\\0")
    elif "\0" in value:
        raise ValueError("a value holds a null character, which no text of SQL may")
    return value.replace(quote, quote * 2)


def _unescaped(value: str) -> str:
    return _ESCAPED.sub(lambda found: _MEANT.get(found[1], found[1]), value)
