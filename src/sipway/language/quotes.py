"""Where a forgotten quote belongs.

A string may go on in the next line, so a missing quote shows only where the string ends:
lines later, in the middle of other text. Here a string over several lines is judged by its
surroundings, and the line it starts in is mended by trying a quote at each place until the
line reads like a statement.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_LONGEST_LINE = 400
_WORDS_BEFORE_STRING = frozenset(
    {
        "loadmodule", "loadmodulex", "loadpath", "include_file", "import_file", "cfgengine",
        "desc", "descr", "description", "advertise", "name", "case", "return", "and", "or",
        "not", "eq", "ne", "ieq", "ine", "defined", "strlen", "strempty", "if", "while",
        "switch", "subst", "substdef", "substdefs",
    }
)  # fmt: skip
_FILE_WORDS = frozenset(
    {"loadmodule", "loadmodulex", "loadpath", "include_file", "import_file", "cfgengine"}
)
_WORD_BEFORE = re.compile(r"[A-Za-z_]\w*$")
_STATEMENT_LINE = re.compile(
    r"^[ \t]*(?:\}|(?:if|while|switch|route|else|case|default)\b|(?:exit|drop|return|break)[ \t]*;"
    r"|\$[\w.]+(?:\([^)\n]*\))?[ \t]*=|[A-Za-z_]\w*[ \t]*\(|(?:loadmodule|modparam|request_route)\b"
    r"|[a-z_]+_route\b|#!)",
    re.MULTILINE,
)
# No text has lines like these.
_SETTING_LINE = re.compile(
    r"^[ \t]*(?:(?:loadmodulex?|include_file|import_file)[ \t]+[\"']|modparamx?[ \t]*\("
    r"|request_route[ \t]*\{|[a-z]*_?route\[\w+\][ \t]*\{)",
    re.MULTILINE,
)
_ENDS_STATEMENT = re.compile(r"[;:{}][ \t]*(?:#.*)?$")
_BEFORE_STRING = frozenset(["", *"(,=+[~<>!&|:/{};\"'-*)"])
_BEHIND_STRING = frozenset(["", *" \t\r\n),;+]=!&|<>{}-/*#"])


class Repair(NamedTuple):
    """The text from `start` to `end` is a string; its quote is missing at `place`.

    `mixed`: the other kind of quote stands there. `line` is the line with the quote put in.
    """

    start: int
    end: int
    place: int
    opening: bool
    mixed: bool
    line: str


def is_doubtful(text: str, start: int, end: int) -> bool:
    """Whether the string over several lines at `start` to `end` is one by accident."""
    before = text[max(0, start - 60) : start].rstrip(" \t\r\n")
    word = _WORD_BEFORE.search(before)
    if word is not None and (word[0] in _FILE_WORDS or word[0] not in _WORDS_BEFORE_STRING):
        return True
    behind = text[end : end + 1]
    if word is None and before[-1:] not in _BEFORE_STRING:
        return True
    if before[-1:].isdigit() or behind not in _BEHIND_STRING:
        return True
    line_end = text.find("\n", start)
    if _SETTING_LINE.search(text, line_end + 1, end) is not None:
        return True
    if not _ENDS_STATEMENT.search(text[start + 1 : line_end].rstrip()):
        return False
    lines = {match[0].strip() for match in _STATEMENT_LINE.finditer(text, line_end + 1, end)}
    # A closing brace ends a statement, unless it belongs to one in the text itself: JSON.
    if text.count("{", start, end) == text.count("}", start, end):
        lines.discard("}")
    return bool(lines)


# --- the search ---------------------------------------------------------------------------

_PIECE = re.compile(
    r"""
    [ \t]*+
    (?: (?P<string> "(?:[^"\\]|\\.)*+" | '[^']*+' )
      | (?P<comment> (?:\#|//).* )
      | (?P<variable> \$[\w.?]*+(?:\([^()]*+(?:\([^()]*+\)[^()]*+)*+\))? )
      | (?P<name> [A-Za-z_]\w*+ )
      | (?P<number> \d[\w.]*+ )
      | (?P<operator> && | \|\| | [=!<>]=? ~? | [-+*/&|^~.,;:(){}\[\]@%] )
      | (?P<quote> ["'] )
      | (?P<stray> \S )
    )
    """,
    re.VERBOSE | re.ASCII,
)
_WORDS = re.compile(r"\w+|[=!<>]=|=~|&&|\|\||[^\w\s]")
_COMPARISONS = frozenset({"==", "!=", "=~", "<", ">", "<=", ">="})
# What stands in front of a text, and what behind it.
_BEFORE_TEXT = frozenset(" \t(,=+[~/<>!&|")
_AFTER_TEXT = frozenset(" \t),;+]:=!&|<>{-")
_OPERANDS = frozenset({"string", "name", "number", "variable"})
_INFIX_WORDS = frozenset(
    {"desc", "descr", "description", "advertise", "name", "virtual", "mod"}
    | {"and", "or", "eq", "ne", "ieq", "ine"}
)
# A line that ends like this goes on in the next one.
_GOES_ON = ("(", ",", "+", "&", "|", "=")
_KEYWORDS = _WORDS_BEFORE_STRING | {"else", "exit", "drop", "mod", "route"}


def find_repair(text: str, at: int) -> Repair | None:
    """Mend the line of the quote at `at`; None when no place for a quote makes sense of it."""
    line_start = text.rfind("\n", 0, at) + 1
    line_end = text.find("\n", at)
    line_end = len(text) if line_end < 0 else line_end
    line = text[line_start:line_end].rstrip()
    if len(line) > _LONGEST_LINE:
        return None
    quote = text[at]
    continued = _goes_on(text, line_start)
    best: tuple[float, int, Repair] | None = None
    for place, replaced in _places(line, quote):
        mended = line[:place] + quote + line[place + replaced :]
        found = _judge(mended, place, continued)
        if found is None:
            continue
        cost, (start, end) = found
        cost -= 0.1 * replaced
        opening = start == place
        if line[place if opening else place - 1 :][:1].isspace():
            continue
        # Offsets of the string in the text as it is, without the quote put in.
        repair = Repair(
            line_start + start,
            line_start + end - 1 + replaced,
            line_start + place,
            opening,
            bool(replaced),
            mended,
        )
        # Of equally good places the one that takes most into the string.
        if best is None or (cost, start - end) < best[:2]:
            best = (cost, start - end, repair)
    if best is None or best[0] >= 1:
        return None
    return best[2]


def _goes_on(text: str, line_start: int) -> bool:
    """Whether the line goes on with what the one above began."""
    above = ""
    for line in reversed(text[max(0, line_start - 1000) : line_start].splitlines()):
        above = line.strip()
        if above and not above.startswith(("#", "//")):
            break
    if above[-1:] in ('"', "'"):
        # Texts that are joined, each on a line of its own.
        return above[:1] in ('"', "'") or above.count("(") > above.count(")")
    return above[-1:] in _GOES_ON


def _places(line: str, quote: str) -> list[tuple[int, int]]:
    """Where a quote may be missing: before and behind every piece of the line.

    The second number is 1 where the other kind of quote stands and may be meant as this one.
    """
    other = "'" if quote == '"' else '"'
    places: set[tuple[int, int]] = set()
    for match in _WORDS.finditer(line):
        places.add((match.start(), 0))
        places.add((match.end(), 0))
        if match[0] == other:
            places.add((match.start(), 1))
    return sorted(places)


def _judge(line: str, place: int, continued: bool) -> tuple[float, tuple[int, int]] | None:
    """How little the line reads like a statement, and the string that the quote makes.

    `continued`: the line goes on with what the one above began.
    """
    cost = 0.0
    depth = 0
    comparisons = 0
    commas = 0
    previous = ""
    previous_text = ""
    string: tuple[int, int] | None = None
    at = 0
    while match := _PIECE.match(line, at):
        at = match.end()
        kind = match.lastgroup or ""
        piece = match[kind]
        if kind == "quote":
            return None
        if kind == "comment":
            break
        if kind == "stray":
            cost += 1
        elif kind == "string":
            start, end = match.span(kind)
            if place in (start, end - 1):
                string = (start, end)
            if end - start == 2:
                cost += 0.2
            elif line[end - 2].isspace():
                cost += 0.1
            if not previous and not continued:
                cost += 0.5
            if start and line[start - 1] not in _BEFORE_TEXT:
                cost += 0.3
            if end < len(line) and line[end] not in _AFTER_TEXT:
                cost += 0.3
        if kind in _OPERANDS:
            stuck = (
                previous in _OPERANDS
                and previous_text not in _KEYWORDS
                and piece not in _INFIX_WORDS
            )
            if stuck or (previous_text == ")" and kind in ("string", "number")):
                cost += 1
            elif kind == "name" and piece not in _KEYWORDS and previous_text in ("(", ","):
                cost += 0.3
        elif piece == "(":
            depth += 1
            if previous in ("string", "number"):
                cost += 1
        elif piece == ")":
            depth -= 1
            if previous_text in (",", "=", "+", "=="):
                cost += 1
        elif piece in (",", ";"):
            commas += piece == ","
            cost += previous_text in (",", "(", "=")
        elif piece == "=" and continued:
            cost += 0.6
        if piece in _COMPARISONS:
            comparisons += 1
            cost += 0.5 * (comparisons > 1)
        elif piece in ("&&", "||", ",", "(", "and", "or"):
            comparisons = 0
        previous, previous_text = kind, piece
    if string is None:
        return None
    if depth == 0 and commas != 2 and line.lstrip().startswith("modparam"):
        cost += 0.5
    if continued:
        # The parenthesis that this line closes is in a line above.
        cost += 0.3 * (depth == 0 and line.rstrip("; '\"").endswith(")"))
        cost += 0.5 * (depth == 0 and previous_text == ";")
    elif depth < 0 or previous_text not in _GOES_ON:
        cost += 0.5 * abs(depth)
    if previous_text not in (";", "{", "}", ",", ":") and not continued:
        cost += 0.2
    return cost, string
