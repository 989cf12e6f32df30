"""Directives, includes and defines: files -> one list of tokens.

A directive may stand anywhere, in the middle of a statement too, so this happens between
the lexer and the parser. A token that came out of a `#!define` has the place where the name
is used, so messages point at what the user sees there.

Which text counts is in `conditionals`, what names stand for in `defines`, where files are in
`includes`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from sipway.language.conditionals import NAMES as CONDITIONALS
from sipway.language.conditionals import Conditionals
from sipway.language.defines import Defines, report_unknown_directives
from sipway.language.diagnostics import Diagnostics
from sipway.language.early import EarlyError
from sipway.language.includes import WORDS as INCLUDE_WORDS
from sipway.language.includes import Includes
from sipway.language.inputs import Inputs
from sipway.language.keywords import KEYWORDS
from sipway.language.lexer import (
    DIRECTIVE,
    END,
    NAME,
    ROLLBACK,
    STRING,
    Lexer,
    Macro,
    Token,
    string_literal,
    string_value,
)
from sipway.language.record import Record, field
from sipway.language.source import SourceFile

# Kamailio's own limit for includes inside includes; it stops files that include themselves.
_MAX_INCLUDE_DEPTH: Final = 10
_MAX_INCLUDES: Final = 5_000
_MAX_EXPANSION_DEPTH: Final = 32
# A define of defines of defines ... grows exponentially; no script comes near this.
_MAX_EXPANDED_TOKENS: Final = 500_000

_LOADING: Final = frozenset({"loadmodule", "loadmodulex"})
# Settings whose texts may hold variables that have a value while the script is read.
_EVALUATED: Final = frozenset({"loadmodulex", "modparamx"})
_SPECIAL: Final = INCLUDE_WORDS | _EVALUATED
_STRING_FOLLOWS = re.compile(r"\s*\"(?:[^\"\\\n]|\\.)*\"")
# How far a text may stand behind the word `loadmodule` that it belongs to.
_MAX_PIECES: Final = 8


class Preprocessed(Record, frozen=False):
    """`tokens` end with an END. `swallowed`: an unclosed comment took the rest of a file.

    `blanks` are the places where a define without a value stands, which left no token.
    `known` has for each place of a `loadmodulex` and `modparamx` what was defined there.
    """

    tokens: list[Token]
    files: list[SourceFile]
    defines: dict[str, Macro]
    swallowed: bool = False
    blanks: dict[tuple[SourceFile, int], Macro] = field(default_factory=dict)
    known: dict[tuple[SourceFile, int], Mapping[str, str | None]] = field(default_factory=dict)


def preprocess(
    source: SourceFile,
    defines: Mapping[str, str | None],
    diagnostics: Diagnostics,
    inputs: Inputs | None = None,
    directives: tuple[str, ...] = (),
) -> Preprocessed:
    """All tokens of `source` and of what it includes, as far as they count.

    `defines` and `directives` are those from the command line. `inputs` gives files and the
    environment.
    """
    worker = _Preprocessor(source, defines, diagnostics, inputs or Inputs())
    worker.outside(directives)
    worker.file(source, 0)
    worker.finish()
    result = worker.result
    result.tokens.append(Token(END, "", source, len(source.text), len(source.text)))
    return result


class _Preprocessor:
    def __init__(
        self,
        source: SourceFile,
        defines: Mapping[str, str | None],
        diagnostics: Diagnostics,
        inputs: Inputs,
    ) -> None:
        self._defines = Defines(defines, diagnostics, inputs.variable)
        self._macros = self._defines.macros
        self.result = Preprocessed([], [source], self._macros)
        self._tokens = self.result.tokens
        self._diagnostics = diagnostics
        self._conditionals = Conditionals(self._macros, diagnostics)
        self._included = Includes(diagnostics, inputs)
        self._bodies: dict[str, tuple[Macro, list[Token]]] = {}
        self._expanded = 0
        self._includes = 0

    def outside(self, directives: tuple[str, ...]) -> None:
        """Read the directives of the command line."""
        if directives:
            self._defines.from_outside = True
            self.file(SourceFile("<command line>", "\n".join(directives) + "\n"), 0)
            self._defines.from_outside = False

    def file(self, source: SourceFile, depth: int) -> None:
        """Read `source` up to its end."""
        lexer = Lexer(source, self._diagnostics)
        tokens = self._tokens
        macros = self._macros
        while True:
            token = lexer.next()
            kind = token.kind
            if kind == NAME:
                if token.text in macros and token.text not in KEYWORDS:
                    self._expand(token)
                elif token.text in _SPECIAL:
                    self._special(token, lexer, depth)
                else:
                    tokens.append(token)
            elif kind == STRING:
                if self._defines.substitutions:
                    self._substituted(token, lexer)
                else:
                    self._string(token)
            elif kind == DIRECTIVE:
                self._directive(token, lexer, depth)
            elif kind == ROLLBACK:
                while tokens and tokens[-1].file is source and tokens[-1].start >= token.start:
                    tokens.pop()
            elif kind == END:
                break
            else:
                tokens.append(token)
        if lexer.swallowed:
            self.result.swallowed = True

    def finish(self) -> None:
        """Report what is known at the end of the script only."""
        if not self.result.swallowed:
            self._conditionals.report_unclosed()
        report_unknown_directives(self.result.files, self._diagnostics)

    # --- tokens ---------------------------------------------------------------------------

    def _string(self, token: Token) -> None:
        tokens = self._tokens
        if tokens:
            before = tokens[-1]
            if before.kind == "(" and len(tokens) > 1:
                before = tokens[-2]
            if before.text in _LOADING or before.kind == STRING:
                self._note_module(token)
        tokens.append(token)

    def _substituted(self, token: Token, lexer: Lexer) -> None:
        """A string after `#!subst`, which sees strings that stand side by side as one."""
        pieces = [token]
        if token.text[0] == '"':
            while _STRING_FOLLOWS.match(lexer.text, lexer.position):
                pieces.append(lexer.next())
        if len(pieces) > 1:
            value = "".join(string_value(piece.text) for piece in pieces)
            changed = self._defines.substitute(value)
            if changed != value:
                literal = string_literal(changed)
                self._string(Token(STRING, literal, token.file, token.start, pieces[-1].end))
                return
        for piece in pieces:
            text = self._defines.substituted(piece.text) if len(pieces) == 1 else piece.text
            self._string(piece._replace(text=text))

    def _note_module(self, last: Token) -> None:
        """Define `MOD_name` if the text is the last piece of the name of a module."""
        tokens = self._tokens
        pieces = [string_value(last.text)]
        at = len(tokens) - 1
        while at > 0 and tokens[at].kind == STRING and len(pieces) < _MAX_PIECES:
            pieces.append(string_value(tokens[at].text))
            at -= 1
        if at > 0 and tokens[at].kind == "(":
            at -= 1
        word = tokens[at].text
        if tokens[at].kind != NAME or word not in _LOADING:
            return
        path = "".join(reversed(pieces))
        if word == "loadmodulex":
            try:
                path = self._defines.early(path)
            except EarlyError:
                return  # the parser reports it
        name = f"MOD_{path.rpartition('/')[2].removesuffix('.so')}"
        self._macros.setdefault(name, Macro(name, None, last.span))

    def _special(self, token: Token, lexer: Lexer, depth: int) -> None:
        if token.text in INCLUDE_WORDS:
            self._include(token, lexer, depth)
            return
        self.result.known[token.file, token.start] = self._defines.values()
        self._tokens.append(token)

    def _expand(self, use: Token) -> None:
        before = len(self._tokens)
        macro = self._macros[use.text]
        self._expand_into(use, macro, ())
        if len(self._tokens) == before:
            self.result.blanks[use.file, use.start] = macro

    def _expand_into(self, use: Token, macro: Macro, active: tuple[str, ...]) -> None:
        if macro.name in active or len(active) >= _MAX_EXPANSION_DEPTH:
            chain = " -> ".join((*active, macro.name)[:4])
            related = [] if macro.span is None else [(macro.span, f"{macro.name} is defined here")]
            self._diagnostics.error(
                "define-loop",
                f"the value of {use.text} leads back to itself ({chain})",
                use.span,
                hint="change one of these #!define lines",
                related=related,
            )
            # Something stands here: the name, so that no value is missing as well.
            self._tokens.append(use)
            return
        active = (*active, macro.name)
        for token in self._body(use, macro):
            if self._expanded >= _MAX_EXPANDED_TOKENS:
                self._diagnostics.error(
                    "define-too-large",
                    f"the value of {use.text} grows without end, as it holds other names",
                    use.span,
                )
                return
            self._expanded += 1
            if token.kind == NAME and token.text in self._macros and token.text not in KEYWORDS:
                self._expand_into(use, self._macros[token.text], active)
                continue
            text = token.text
            if token.kind == STRING and self._defines.substitutions:
                text = self._defines.substituted(text)
            made = Token(token.kind, text, use.file, use.start, use.end, self._macros[use.text])
            if token.kind == STRING:
                self._string(made)
            else:
                self._tokens.append(made)

    def _body(self, use: Token, macro: Macro) -> list[Token]:
        """The tokens of a define's value, read when it is used first."""
        known = self._bodies.get(macro.name)
        if known is not None and known[0] is macro:
            return known[1]
        body: list[Token] = []
        if macro.value:
            found = Diagnostics()
            lexer = Lexer(SourceFile(macro.name, macro.value), found)
            while (token := lexer.next()).kind != END:
                if token.kind == ROLLBACK:
                    while body and body[-1].start >= token.start:
                        body.pop()
                elif token.kind != DIRECTIVE:
                    body.append(token)
            for item in found:
                self._diagnostics.error(
                    item.code,
                    f"in the value of {macro.name}: {item.message}",
                    macro.span or use.span,
                    hint=item.hint,
                )
        self._bodies[macro.name] = (macro, body)
        return body

    # --- directives -----------------------------------------------------------------------

    def _directive(self, token: Token, lexer: Lexer, depth: int) -> None:
        name = token.text[2:]
        if name in CONDITIONALS:
            self._conditionals.directive(token, name, lexer)
        elif name in INCLUDE_WORDS:
            self._include(token, lexer, depth)
        else:
            self._defines.directive(token, name, lexer)

    def _include(self, token: Token, lexer: Lexer, depth: int) -> None:
        word = token.text.removeprefix("#!").removeprefix("!!")
        argument = lexer.next()
        if argument.kind != STRING:
            lexer.position = token.end
            lexer.skip_line()
            self._diagnostics.error(
                "missing-file-name",
                f"{word} needs the name of a file in quotes",
                token.after,
                hint=f'write: {word} "FILE"',
            )
            return
        name = self._defines.substitute(string_value(argument.text))
        if depth >= _MAX_INCLUDE_DEPTH or self._includes >= _MAX_INCLUDES:
            self._diagnostics.error(
                "include-loop",
                f"{name} is included too deep: files may nest {_MAX_INCLUDE_DEPTH} times",
                argument.span,
                hint="does a file include itself?",
            )
            return
        for source in self._included.open(word, name, argument.span):
            if self._includes >= _MAX_INCLUDES:
                return
            self._includes += 1
            self.result.files.append(source)
            self.file(source, depth + 1)
            # A condition that the file opened may still leave out what follows here.
            self._conditionals.skip(lexer)
