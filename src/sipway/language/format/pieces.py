"""A script as pieces that lose nothing: words, comments, directives, and what is no script.

The preprocessor leaves out what does not count and forgets comments; here all of a file is
kept, every branch of an `#!ifdef` included, so that it can be written again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from sipway.language.diagnostics import Diagnostics
from sipway.language.lexer import DIRECTIVE, END, NAME, STRING, Lexer, Token
from sipway.language.record import Record, field
from sipway.language.source import SourceFile

WORD: Final = "word"
COMMENT: Final = "comment"
LINE: Final = "directive"
RAW: Final = "raw"

_MAX_NESTING: Final = 100
_CONDITIONAL = re.compile(
    r"(?:#!|!!)(?:(?P<open>ifn?def|ifexp)\b|(?P<else>else)\b|(?P<endif>endif)\b)", re.ASCII
)
_OPENING: Final = frozenset({"ifdef", "ifndef", "ifexp"})
_WITH_TEXT: Final = frozenset(
    {"include_file", "import_file", "import_files", "subst", "substdef", "substdefs"}
)
_COMMENT_MARK = re.compile(r"/\*|\*/")
_BLANKS = re.compile(r"\s*")


class Piece(Record, frozen=False):
    """One piece of a file, `text[start:end]`, and the white space in front of it.

    `kind`        WORD, COMMENT, LINE (a directive, whole) or RAW
    `token`       the token's kind, of a WORD
    `newlines`    line ends between this piece and the one before
    `gap`         the blanks between the last line end, or the piece before, and this piece
    """

    kind: str
    text: str
    start: int
    end: int
    newlines: int
    gap: str
    token: str = ""


class Branch(Record, frozen=False):
    """What stands between two directives; `items` is None for what cannot be read as script."""

    start: int
    end: int
    items: list[Piece | Conditional] | None


class Conditional(Record, frozen=False):
    """`#!ifdef ... #!else ... #!endif`: one more directive than there are branches.

    `key` is what it asks for, and `wanted` the answer with which the first branch counts.
    """

    key: str
    wanted: bool
    directives: list[Piece] = field(default_factory=list)
    branches: list[Branch] = field(default_factory=list)


Items = list[Piece | Conditional]


class Unreadable(Exception):  # noqa: N818 - why a stretch of text is no script, caught by its reader
    """A stretch of text cannot be read as words; `diagnostics` say why."""

    def __init__(self, diagnostics: Diagnostics) -> None:
        super().__init__()
        self.diagnostics = diagnostics


def read(source: SourceFile) -> Items:
    """All of `source`. Raises `Unreadable` when what is outside of conditionals is no script."""
    start = 1 if source.text.startswith("\ufeff") else 0
    return _Reader(source).region(start, len(source.text), 0)


def flat(items: Items) -> Iterator[Piece]:
    """All pieces in the order of the file; a branch that is no script is one RAW piece."""
    for item in items:
        if isinstance(item, Piece):
            yield item
            continue
        for number, directive in enumerate(item.directives):
            yield directive
            if number < len(item.branches):
                branch = item.branches[number]
                if branch.items is not None:
                    yield from flat(branch.items)


class _Reader:
    def __init__(self, source: SourceFile) -> None:
        self._source = source
        self._text = source.text

    def region(self, start: int, end: int, depth: int) -> Items:
        diagnostics = Diagnostics()
        part = SourceFile(self._source.path, self._text[:end], self._source.included_from)
        lexer = Lexer(part, diagnostics)
        lexer.position = at = start
        items: Items = []
        while True:
            token = lexer.next()
            if len(diagnostics):
                raise Unreadable(diagnostics)
            newlines, gap = self._between(items, at, token.start)
            if token.kind == END:
                return items
            if token.kind != DIRECTIVE:
                at = token.end
                text = self._text[token.start : at]
                items.append(Piece(WORD, text, token.start, at, newlines, gap, token.kind))
                continue
            name = token.text[2:]
            if name in _OPENING:
                conditional = self._conditional(token, lexer, end, depth, newlines, gap)
                items.append(conditional)
                at = conditional.directives[-1].end
                lexer.position = at
                continue
            at = self._directive_end(name, token, lexer)
            if len(diagnostics):
                raise Unreadable(diagnostics)
            items.append(self._line(token.start, at, newlines, gap))

    def _directive_end(self, name: str, token: Token, lexer: Lexer) -> int:
        if name in _WITH_TEXT:
            argument = lexer.next()
            if argument.kind == STRING:
                return argument.end
            lexer.position = token.end
        lexer.skip_line()
        return lexer.position

    def _line(self, start: int, end: int, newlines: int, gap: str) -> Piece:
        text = self._text[start:end]
        return Piece(LINE, text.removesuffix("\r"), start, end, newlines, gap)

    # --- conditionals ---------------------------------------------------------------------

    def _conditional(
        self, token: Token, lexer: Lexer, end: int, depth: int, newlines: int, gap: str
    ) -> Conditional:
        name = token.text[2:]
        rest = lexer.skip_line()
        words = rest.split(None, 1)
        key = f"ifexp {rest}" if name == "ifexp" else words[0] if words else ""
        found = Conditional(key, name != "ifndef")
        found.directives.append(self._line(token.start, lexer.position, newlines, gap))
        for start, after in self._alternatives(lexer, lexer.position, end):
            found.branches.append(self._branch(found.directives[-1].end, start, depth + 1))
            before = self._text[found.directives[-1].end : start]
            blank = before[len(before.rstrip()) :]
            found.directives.append(
                self._line(start, after, blank.count("\n"), blank.rpartition("\n")[2])
            )
        return found

    def _alternatives(self, lexer: Lexer, start: int, end: int) -> list[tuple[int, int]]:
        """Where the `#!else` and the `#!endif` of a conditional start and end."""
        found = []
        depth = 0
        for match in _CONDITIONAL.finditer(self._text, start, end):
            if match["open"]:
                depth += 1
            elif match["endif"] and not self._is_endif(match):
                continue
            elif depth == 0:
                lexer.position = match.end()
                lexer.skip_line()
                found.append((match.start(), lexer.position))
                if match["endif"]:
                    return found
            elif match["endif"]:
                depth -= 1
        diagnostics = Diagnostics()
        raise Unreadable(diagnostics)  # the preprocessor has said that the #!endif is missing

    def _is_endif(self, match: re.Match[str]) -> bool:
        """As the preprocessor has it: alone on its line, or at least the first there."""
        text = self._text
        end = text.find("\n", match.end())
        if not text[match.end() : end if end >= 0 else len(text)].strip():
            return True
        return not text[text.rfind("\n", 0, match.start()) + 1 : match.start()].strip()

    def _branch(self, start: int, end: int, depth: int) -> Branch:
        if depth > _MAX_NESTING:
            return Branch(start, end, None)
        try:
            return Branch(start, end, self.region(start, end, depth))
        except Unreadable:
            return Branch(start, end, None)

    # --- between tokens -------------------------------------------------------------------

    def _between(self, items: Items, start: int, end: int) -> tuple[int, str]:
        """Add the comments between two tokens; returns the white space behind the last one."""
        text = self._text
        at = start
        while True:
            match = _BLANKS.match(text, at, end)
            assert match is not None  # it takes nothing too
            blank = match[0]
            newlines, gap = blank.count("\n"), blank.rpartition("\n")[2]
            at += len(blank)
            if at >= end:
                return newlines, gap
            stop = self._comment_end(at, end)
            items.append(Piece(COMMENT, text[at:stop].rstrip(), at, stop, newlines, gap))
            at = stop

    def _comment_end(self, start: int, end: int) -> int:
        text = self._text
        if not text.startswith("/*", start):
            stop = text.find("\n", start, end)
            return stop if stop >= 0 else end
        depth = 0
        for mark in _COMMENT_MARK.finditer(text, start, end):
            depth += 1 if mark[0] == "/*" else -1
            if depth == 0:
                return mark.end()
        return end  # the lexer would have said that it is not closed


def is_name(piece: Piece, *names: str) -> bool:
    return piece.kind == WORD and piece.token == NAME and piece.text in names
