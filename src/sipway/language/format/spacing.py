"""How much white space stands between two words of a line."""

from __future__ import annotations

from typing import Final

from sipway.language.format.pieces import Piece
from sipway.language.lexer import ADDRESS, EVENT_NAME, NAME, NUMBER, SELECT, STRING, VARIABLE

PLAIN: Final = "plain"
"""`debug=2`: `=` stands close, as nearly all write it."""
CUSTOM: Final = "custom"
"""`pstn.gw_ip = "" desc "..."`: with blanks, as in Kamailio's own script."""

# Behind these a parenthesis opens a condition or an operand, not the arguments of a call.
_PARENTHESIS_APART: Final = frozenset(
    {
        "if", "while", "switch", "case", "return", "and", "or", "not", "eq", "ne", "ieq", "ine",
        "mod", "defined",
    }
)  # fmt: skip
_WORD_OPERATORS: Final = frozenset(
    {"and", "or", "not", "eq", "ne", "ieq", "ine", "mod", "defined", "return", "case", "if"}
)
_BINARY: Final = frozenset(
    {
        "&&", "||", "===", "==", "=~", "!=", "!~", "<=", ">=", "<<", ">>", "<>", "+=", "-=", ".=",
        ":=", "=", "<", ">", "+", "-", "*", "%", "&", "|", "^", "/",
    }
)  # fmt: skip
_SIGNS: Final = frozenset({"-", "+", "!", "~", "/"})
_OPERANDS: Final = frozenset({NAME, NUMBER, STRING, VARIABLE, SELECT, ADDRESS, ")", "]"})
_CASTS: Final = frozenset({"int", "str"})


def is_sign(piece: Piece, before: Piece | None) -> bool:
    """Whether a `-`, `!`, `~` belongs to the operand behind it alone.

    So does the `/` in front of the regular expression of a `case`.
    """
    if piece.token in ("!", "~"):
        return True
    if piece.token not in _SIGNS:
        return False
    if before is None or before.token not in _OPERANDS:
        return True
    return before.token == NAME and before.text in _WORD_OPERATORS


def space(
    first: Piece, second: Piece, *, sign: bool, cast: bool, prefix: bool, setting: str
) -> str:
    """What stands between two words that follow each other on a line.

    `sign`     `first` is a sign (`is_sign`)
    `cast`     `first` closes `(int)` or `(str)`
    `prefix`   `first` is the `/` behind an address
    `setting`  they belong to a setting outside of blocks, PLAIN or CUSTOM; what stands close
               there stays so (`udp:10.0.0.1:5060`)
    """
    as_it_was = second.gap if second.newlines == 0 else " "
    one_or_none = " " if as_it_was else ""
    left, right = first.token, second.token
    if setting:
        if left == "," or right == ",":
            return " " if left == "," else ""
        if setting == PLAIN and ((left == "=" and len(first.gap) < 2) or right == "="):
            return ""
        if setting == CUSTOM and "=" in (left, right):
            return " "
        return one_or_none
    if right in (",", ";") or left in ("(", "[") or right in (")", "]"):
        return ""
    if left == ",":
        return " "
    if right == EVENT_NAME or right == "[":
        return ""
    if right == "(":
        return _before_parenthesis(first, sign=sign, cast=cast)
    if sign or cast:
        return ""
    if right in (".", ":", "?") or left in (".", "?"):
        return one_or_none if right != ":" or left != NAME else ""
    if left == ":":
        return one_or_none
    if prefix or (right == "/" and left == ADDRESS):
        return ""  # 10.0.0.0/8
    return " "


def _before_parenthesis(first: Piece, *, sign: bool, cast: bool) -> str:
    if sign or cast:
        return ""
    if first.token == NAME:
        return " " if first.text in _PARENTHESIS_APART else ""
    return " " if first.token in _BINARY or first.token == "{" else ""


def is_cast(before: Piece | None, word: Piece | None, closing: Piece) -> bool:
    """Whether `( word )` is a cast; `closing` is the parenthesis."""
    return (
        closing.token == ")"
        and before is not None
        and before.token == "("
        and word is not None
        and word.text in _CASTS
    )
