"""Text that counts or not: `#!ifdef`, `#!ifndef`, `#!ifexp`, `#!else`, `#!endif`.

What is left out may be anything; only directives are looked for in it. A condition may be
opened in an included file and closed in the one that includes it, and the other way round:
Kamailio counts over all files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from sipway.language.diagnostics import Diagnostics
from sipway.language.ifexp import IfexpError, evaluate_ifexp
from sipway.language.lexer import Lexer, Macro, Token
from sipway.language.record import Record
from sipway.language.source import Span

NAMES: Final = frozenset({"ifdef", "ifndef", "ifexp", "else", "endif"})

_SKIPPED = re.compile(
    r"(?:#!|!!)(?:(?P<open>ifn?def|ifexp)\b|(?P<else>else)\b|(?P<endif>endif)\b)", re.ASCII
)
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_OPERATOR = re.compile(r"\s*(?:&&|\|\||[=!]=)")


class _Conditional(Record, frozen=False):
    """An open `#!ifdef`. `taken`: the text that is being read now counts."""

    span: Span
    name: str
    taken: bool
    alternative: Span | None = None


class Conditionals:
    """The conditions that are open, the innermost last."""

    def __init__(self, macros: Mapping[str, Macro], diagnostics: Diagnostics) -> None:
        self._macros = macros
        self._diagnostics = diagnostics
        self._open: list[_Conditional] = []
        # An #!endif and the #!ifdef of another file that it closed.
        self._crossing: list[tuple[Span, Span]] = []

    def directive(self, token: Token, name: str, lexer: Lexer) -> None:
        """One of `NAMES`; the lexer moves to where text counts again."""
        if name == "endif":
            self._endif(token)
            lexer.skip_line()
            return
        rest = lexer.skip_line().strip()
        if name == "else":
            if rest:
                self._with_text(token.span)
            else:
                self._else(token)
        else:
            shown = rest if name == "ifexp" else rest.partition(" ")[0]
            taken = self._evaluate(token, name, rest)
            self._open.append(_Conditional(token.span, f"#!{name} {shown}".strip(), taken))
        self.skip(lexer)

    def skip(self, lexer: Lexer) -> None:
        """Leave out text, whatever it is, as long as it does not count."""
        if not self._open or self._open[-1].taken:
            return
        depth = 0
        text = lexer.text
        conditional = self._open[-1]
        for match in _SKIPPED.finditer(text, lexer.position):
            if match["open"]:
                depth += 1
            elif match["endif"] and (
                # Kamailio wants nothing behind it. At the start of a line we are not as
                # strict, since nothing else can be meant.
                _ends_line(text, match.end()) or _begins_line(text, match.start())
            ):
                if depth == 0:
                    self._close(Span(lexer.file, match.start(), match.end()))
                    lexer.position = match.end()
                    lexer.skip_line()
                    return
                depth -= 1
            elif match["else"] and depth == 0:
                span = Span(lexer.file, match.start(), match.end())
                if not _ends_line(text, match.end()):
                    if _begins_line(text, match.start()):
                        self._with_text(span)
                    continue
                self._turn(conditional, span)
                lexer.position = match.end()
                lexer.skip_line()
                return
        lexer.position = len(text)

    def report_unclosed(self) -> None:
        """To be called at the end of the script."""
        for conditional in self._open:
            self._diagnostics.error(
                "unbalanced-directive",
                f"this {conditional.name} has no #!endif",
                conditional.span,
                hint="put a line with #!endif where the text that depends on it ends",
            )

    def _evaluate(self, token: Token, name: str, rest: str) -> bool:
        if name == "ifexp":
            try:
                values = {key: macro.value for key, macro in self._macros.items()}
                return evaluate_ifexp(rest, values)
            except IfexpError as error:
                self._diagnostics.error("bad-ifexp", str(error), token.span)
                return False
        match = _NAME.search(rest)
        if match is None:
            self._diagnostics.error(
                "missing-name",
                f"{token.text} needs the name that it asks for",
                token.after,
                hint=f"write: {token.text} NAME",
            )
            return False
        if rest[match.end() : match.end() + 1] == "-":
            self._diagnostics.error(
                "bad-define-name",
                f"{rest.split(None, 1)[0]} is no name: it has letters, digits and _ only",
                token.span,
            )
            return False
        if _OPERATOR.match(rest, match.end()):
            self._diagnostics.warning(
                "directive-expression",
                f"{token.text} asks for one name only: what follows {match[0]} is not read",
                token.span,
                hint="#!ifexp takes expressions",
            )
        return (match[0] in self._macros) == (name == "ifdef")

    def _else(self, token: Token) -> None:
        if self._open:
            self._turn(self._open[-1], token.span)
        else:
            self._without_opening("#!else", token)

    def _endif(self, token: Token) -> None:
        if self._open:
            self._close(token.span)
        else:
            self._without_opening("#!endif", token)

    def _close(self, span: Span) -> None:
        opened = self._open.pop()
        if opened.span.file is not span.file:
            self._crossing.append((span, opened.span))

    def _turn(self, conditional: _Conditional, span: Span) -> None:
        if conditional.alternative is not None:
            self._second_else(span, conditional)
        conditional.alternative = span
        conditional.taken = not conditional.taken

    def _without_opening(self, name: str, token: Token) -> None:
        self._diagnostics.error(
            "unbalanced-directive",
            f"this {name} belongs to no #!ifdef",
            token.span,
            hint="remove it, or put the #!ifdef NAME that it belongs to above it",
            related=[
                (span, f"this #!endif closed an #!ifdef of {opened.file.path}")
                for span, opened in self._crossing
            ],
        )

    def _with_text(self, span: Span) -> None:
        self._diagnostics.warning(
            "else-with-text",
            "this #!else counts for nothing, as text follows it",
            span,
            hint="put the text, a comment too, on a line of its own",
        )

    def _second_else(self, span: Span, conditional: _Conditional) -> None:
        related = [(conditional.span, f"the {conditional.name} that it belongs to")]
        if conditional.alternative is not None:
            related.append((conditional.alternative, "its first #!else"))
        self._diagnostics.warning(
            "unbalanced-directive",
            f"a second #!else for the same {conditional.name}",
            span,
            hint="is an #!endif missing above it?",
            related=related,
        )


def _ends_line(text: str, at: int) -> bool:
    end = text.find("\n", at)
    return not text[at : end if end >= 0 else len(text)].strip()


def _begins_line(text: str, at: int) -> bool:
    return not text[text.rfind("\n", 0, at) + 1 : at].strip()
