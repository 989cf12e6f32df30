r"""Basic regular expressions of POSIX, as the table of trusted peers has them, made extended ones.

In these `\(`, `\)`, `\{`, `\}` are what `(`, `)`, `{`, `}` are in extended ones, and the other way
round; `\|`, `\+`, `\?` are GNU's; `*` at the beginning, `^` elsewhere and `$` before the end stand
for themselves. Source: IEEE Std 1003.1-2017 section 9.3. That allow_trusted() reads basic ones was
seen of Kamailio 5.6.3.
"""

from __future__ import annotations

import re
from typing import Final

_PIECE: Final = re.compile(r"\\.|\[\^?\]?(?:\[[:.=].*?[:.=]\]|[^\]])*\]|.", re.DOTALL)
_SWAPPED: Final = "(){}|+?"
_OPENING: Final = ("\\(", "\\|")
_CLOSING: Final = ("\\)", "\\|")


def extended(pattern: str) -> str:
    """The extended expression that finds the same."""
    pieces = _PIECE.findall(pattern)
    made = []
    first = True  # nothing but an anchor stands before, in this group or branch
    for at, piece in enumerate(pieces):
        behind = pieces[at + 1] if at + 1 < len(pieces) else None
        anchor = piece == "^" and (at == 0 or pieces[at - 1] in _OPENING)
        if piece[0] == "\\" and piece[1:] in _SWAPPED and len(piece) > 1:
            made.append(piece[1:])
        elif (
            piece in _SWAPPED
            or (piece == "*" and first)
            or (piece == "^" and not anchor)
            or (piece == "$" and not (behind is None or behind in _CLOSING))
        ):
            made.append(f"\\{piece}")
        else:
            made.append(piece)
        first = piece in _OPENING or anchor
    return "".join(made)
