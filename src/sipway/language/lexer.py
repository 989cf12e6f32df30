"""Script text -> tokens, driven by one regular expression.

The lexer knows nothing of statements and nothing of `#!define`: the preprocessor pulls
tokens from it and moves it over text that is left out. What it cannot read it reports once
and steps over.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from sipway.language.diagnostics import Diagnostics
from sipway.language.quotes import Repair, find_repair, is_doubtful
from sipway.language.source import SourceFile, Span


class Macro(NamedTuple):
    """What a `#!define` gives to a name; `span` is None for one from the command line."""

    name: str
    value: str | None
    span: Span | None


class Token(NamedTuple):
    """One word of a script.

    `kind` is the operator or the bracket itself, or one of the words below. `text` is what
    stands in the script, of a string with `#!subst` done. What came out of a `#!define` has the
    place where the name is used, and the `macro`.
    """

    kind: str
    text: str
    file: SourceFile
    start: int
    end: int
    macro: Macro | None = None

    @property
    def span(self) -> Span:
        return Span(self.file, self.start, self.end)

    @property
    def after(self) -> Span:
        """The place right behind the token."""
        return Span(self.file, self.end, self.end)


NAME: Final = "name"
NUMBER: Final = "number"
STRING: Final = "string"
VARIABLE: Final = "variable"
SELECT: Final = "select"
ADDRESS: Final = "address"
EVENT_NAME: Final = "event name"
DIRECTIVE: Final = "directive"
ROLLBACK: Final = "rollback"
END: Final = "end"

DIRECTIVES: Final = frozenset(
    {
        "define", "trydef", "trydefine", "redef", "redefine",
        "undef", "undefine", "tryundef",
        "ifdef", "ifndef", "ifexp", "else", "endif",
        "subst", "substdef", "substdefs", "defexp", "defexps",
        "defenv", "defenvs", "trydefenv", "trydefenvs",
        "include_file", "import_file", "import_files",
    }
)  # fmt: skip

_HEX = r"[0-9A-Fa-f]"
_TOKEN = re.compile(
    rf"""
    (?: (?<=event_route)\s*+(?P<event_name> \[[^\]{{}};"]*+\] )
    | [ \t\r\n\f\v]*+(?:
      (?P<address6> (?<![\w.])(?={_HEX}*:{_HEX}*:)
                      [0-9A-Fa-f:]++(?:(?<=:)\d+\.\d+\.\d+\.\d+)?(?![\w.])
                  | \[(?={_HEX}*:{_HEX}*:)[0-9A-Fa-f:.]++\] )
    | (?P<name> [A-Za-z_]\w*+ )
    | (?P<variable> \$ )
    | (?P<string> "[^"\\]*+(?:\\.[^"\\]*+)*+" | '[^']*+' )
    | (?P<directive> (?:\#!|!!)(?:{"|".join(sorted(DIRECTIVES))})\b )
    | (?P<comment> \#[^\n]*+ | //[^\n]*+ )
    | (?P<block_comment> /\* )
    | (?P<address> \d+\.\d+\.\d+\.\d+(?![\w.]) )
    | (?P<number> 0x{_HEX}+(?!\w) | \d++(?![A-Za-z_]) )
    | (?P<word> \d\w*+ )
    | (?P<select> @\w+(?:\[[^\]\n]*\]|\.\w+)* )
    | (?P<operator> && | \|\| | === | == | =~ | != | !~ | <= | >= | << | >> | <>
                  | \+= | -= | \.= | := | \+\+ | [-+*/%&|^~!<>=.,;:(){{}}\[\]?] )
    | (?P<end> \Z )
    | (?P<quote> ["'] )
    | (?P<smart> [“”„«»‘’‚] )
    | (?P<stray> [^\x00-\x7f]+ | . )
    ))
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_SIMPLE_VARIABLE = re.compile(r"\$(?:[A-Za-z0-9_][\w.]*+(?:\([^()\n]*+\))?+(?!\()|[?$])", re.ASCII)
_VARIABLE_NAME = re.compile(r"[A-Za-z0-9_][\w.]*|\?|\$", re.ASCII)
_PARENTHESIS = re.compile(r"[()\n]")
_VARIABLE_STOP = re.compile(r"[;\n]|[ \t]\{")
_COMMENT_MARK = re.compile(r"/\*|\*/")
_SMART_STRING = re.compile(r"[“”„«»][^“”„«»\"\n]*[“”„«»\"]|[‘’‚][^‘’‚'\n]*[‘’‚']")

_STRAY_NAMES = {
    "\u00a0": "a non-breaking space",
    "\u200b": "an invisible character (zero width space)",
    "\ufeff": "an invisible character (byte order mark)",
    "\u2013": "a dash (–)",
    "\u2014": "a dash (—)",
    "\\": "a backslash",
    "\0": "a NUL byte",
}


class Lexer:
    """Reads one text from `position` on; `next` gives one token after the other."""

    def __init__(self, file: SourceFile, diagnostics: Diagnostics) -> None:
        self.file = file
        self.text = file.text
        self.position = 1 if file.text.startswith("\ufeff") else 0
        # True when the rest of the text is inside an unclosed comment or string.
        self.swallowed = False
        self._diagnostics = diagnostics
        self._repaired: dict[int, int] = {}

    def next(self) -> Token:
        """The next token; a ROLLBACK says that tokens from its `start` on were misread.

        A forgotten quote is noticed where a string runs into the next line, often behind
        words that should have been in the string; these come again, inside it.
        """
        text = self.text
        while True:
            match = _TOKEN.match(text, self.position)
            assert match is not None  # the last alternatives take any character
            kind = match.lastgroup
            start, end = match.span(kind or 0)
            if self._repaired and start in self._repaired:
                return self._forced(start)
            self.position = end
            if kind == "name":
                return Token(NAME, match[kind], self.file, start, end)
            if kind == "operator":
                operator = match[kind]
                return Token(operator, operator, self.file, start, end)
            if kind == "string":
                if text.find("\n", start, end) < 0 or not is_doubtful(text, start, end):
                    return Token(STRING, match[kind], self.file, start, end)
                kind = "quote"
            if kind == "variable":
                return self._variable(start)
            if kind == "comment":
                continue
            if kind in _PLAIN:
                return Token(_PLAIN[kind], match[kind], self.file, start, end)
            token = self._unusual(kind or "stray", start, end)
            if token is not None:
                return token

    def skip_line(self) -> str:
        """The rest of the line; a backslash at its end makes it go on in the next one.

        The two are joined as they are: blanks come from the lines themselves.
        """
        parts: list[str] = []
        while True:
            end = self.text.find("\n", self.position)
            end = len(self.text) if end < 0 else end
            part = self.text[self.position : end].rstrip("\r")
            self.position = end
            if not part.endswith("\\") or end == len(self.text):
                parts.append(part)
                return "".join(parts)
            parts.append(part[:-1])
            self.position = end + 1

    def _unusual(self, kind: str, start: int, end: int) -> Token | None:
        """What seldom occurs; None where there is nothing to hand on."""
        if kind == "end":
            return Token(END, "", self.file, len(self.text), len(self.text))
        if kind == "block_comment":
            self._block_comment(start)
        elif kind == "quote":
            return self._repair_quotes(start)
        elif kind == "smart":
            return self._smart_quotes(start)
        else:
            self._stray(start, end)
        return None

    def _variable(self, start: int) -> Token:
        match = _SIMPLE_VARIABLE.match(self.text, start)
        end = match.end() if match else variable_end(self.text, start)
        if end is None:
            # Whoever needs its value reports it; here it must only end somewhere.
            stop = _VARIABLE_STOP.search(self.text, start)
            end = stop.start() if stop else len(self.text)
            end = start + len(self.text[start:end].rstrip())
        self.position = end
        return Token(VARIABLE, self.text[start:end], self.file, start, end)

    def _block_comment(self, start: int) -> None:
        depth = 1
        deepest: int | None = None
        at = start + 2
        while depth:
            match = _COMMENT_MARK.search(self.text, at)
            if match is None:
                self._unclosed_comment(start, deepest)
                self.position = len(self.text)
                return
            at = match.end()
            if match[0] == "*/":
                depth -= 1
            else:
                depth += 1
                deepest = match.start() if deepest is None else deepest
        self.position = at

    def _unclosed_comment(self, start: int, inner: int | None) -> None:
        self.swallowed = True
        hint = "put */ where the comment ends"
        related = []
        if inner is not None:
            hint += "; comments nest: each /* inside a comment needs a */ of its own"
            related.append((Span(self.file, inner, inner + 2), "another /* inside the comment"))
        self._diagnostics.error(
            "unclosed-comment",
            "this comment is never closed, so all that follows is part of it",
            Span(self.file, start, start + 2),
            hint=hint,
            related=related,
        )

    def _forced(self, start: int) -> Token:
        """A string whose missing quote has been reported."""
        self.position = end = self._repaired[start]
        quote = self.text[start] if self.text[start] in "\"'" else '"'
        body = self.text[start:end].strip("\"'")
        return Token(STRING, f"{quote}{body}{quote}", self.file, start, end)

    def _repair_quotes(self, start: int) -> Token:
        repair: Repair | None = find_repair(self.text, start)
        if repair is None or repair.start in self._repaired:
            # Nothing on this line tells where the quote belongs: the line's end then.
            line_end = self.text.find("\n", start)
            line_end = len(self.text) if line_end < 0 else line_end
            end = start + len(self.text[start:line_end].rstrip())
            self._diagnostics.error(
                "unclosed-string",
                "the text that starts here has no closing quote",
                Span(self.file, start, start + 1),
                hint=f"close it with {self.text[start]}",
            )
            self._repaired[start] = end
            return self._forced(start)
        self._diagnostics.forget(self.file, repair.start)
        place = Span.point(self.file, repair.place)
        if repair.mixed:
            message = "this text starts with one kind of quote and ends with another"
        elif repair.opening:
            message = "the opening quote of this text is missing"
        else:
            message = "the closing quote of this text is missing"
        self._diagnostics.error(
            "missing-quote", message, place, hint=f"write: {repair.line.strip()}"
        )
        self._repaired[repair.start] = repair.end
        self.position = repair.start
        return Token(ROLLBACK, "", self.file, repair.start, repair.start)

    def _smart_quotes(self, start: int) -> Token | None:
        match = _SMART_STRING.match(self.text, start)
        end = match.end() if match else start + 1
        self._diagnostics.error(
            "curly-quote",
            f"{self.text[start]} is a typographic quote, as word processors write it",
            Span(self.file, start, start + 1),
            hint='use the straight quote " of the keyboard on both sides of the text',
        )
        self.position = end
        if match is None:
            return None
        return Token(STRING, f'"{self.text[start + 1 : end - 1]}"', self.file, start, end)

    def _stray(self, start: int, end: int) -> None:
        """What is part of no word: Kamailio skips it, and what is left often makes sense."""
        character = self.text[start]
        name = _STRAY_NAMES.get(character)
        if name is None:
            shown = character if character.isprintable() else f"\\x{ord(character) & 0xFF:02x}"
            name = f"{self.text[start:end] if end - start < 20 and shown == character else shown}"
        self._diagnostics.warning(
            "stray-character",
            f"{name} means nothing here and is skipped",
            Span(self.file, start, end),
            hint="remove it; if it is meant as text, put it inside quotes",
        )


_PLAIN: Final = {
    "event_name": EVENT_NAME,
    "address6": ADDRESS,
    "address": ADDRESS,
    "number": NUMBER,
    "word": NAME,
    "select": SELECT,
    "directive": DIRECTIVE,
}


def variable_end(text: str, start: int) -> int | None:
    """Where the variable that starts with the `$` at `start` ends.

    Returns `start + 1` when no variable follows the `$`, None when a parenthesis is not
    closed on the line. Parentheses nest; quotes inside them mean nothing.
    """
    match = _VARIABLE_NAME.match(text, start + 1)
    at = match.end() if match else start + 1
    if not text.startswith("(", at):
        return at
    depth = 0
    for parenthesis in _PARENTHESIS.finditer(text, at):
        if parenthesis[0] == "(":
            depth += 1
        elif parenthesis[0] == ")":
            depth -= 1
            if depth == 0:
                return parenthesis.end()
        else:
            return None
    return None


# --- values of tokens ---------------------------------------------------------------------

_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|([0-7]{3})|(\r?\n|.))", re.DOTALL)
# A line that ends with a backslash goes on in the next one.
_ESCAPES = {
    "n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "\n": "", "\r\n": "",
}  # fmt: skip


def string_value(literal: str) -> str:
    """The text of a literal with its quotes; an unknown escape stays as it is."""
    body = literal[1:-1]
    if literal[0] == "'" or "\\" not in body:
        return body
    high = False

    def replace(match: re.Match[str]) -> str:
        nonlocal high
        code = match[1] or match[2]
        if code is None:
            return _ESCAPES.get(match[3], match[0])
        byte = int(code, 16 if match[1] else 8) & 0xFF
        if byte < 0x80:
            return chr(byte)
        high = True
        return chr(0xDC00 + byte)

    value = _ESCAPE.sub(replace, body)
    if high:
        # Bytes written one by one may make up characters of UTF-8.
        value = value.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
    return value


def string_literal(value: str, quote: str = '"') -> str:
    """A literal that has this value; in single quotes where they are asked for and can hold it."""
    if quote == "'" and "'" not in value:
        return f"'{value}'"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def number_value(text: str) -> int:
    """A number as Kamailio reads it: 0x hexadecimal, 0 octal, wrapped to 32 bits.

    Raises ValueError for an 8 or 9 in an octal number.
    """
    if text[:2] == "0x":
        value = int(text, 16)
    elif text[0] == "0" and len(text) > 1:
        value = int(text, 8)
    else:
        # Beyond any number of digits that matters for the low 32 bits of a sane script;
        # Python refuses to convert thousands of digits.
        value = int(text[-18:] if len(text) > 18 else text)
    return (value + 0x80000000 & 0xFFFFFFFF) - 0x80000000
