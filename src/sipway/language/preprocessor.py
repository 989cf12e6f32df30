"""Directives, includes and defines: files -> one list of tokens.

A directive may stand anywhere, in the middle of a statement too, so this happens between
the lexer and the parser. A token that came out of a `#!define` has the place where the name
is used, so messages point at what the user sees there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from sipway.language.diagnostics import Diagnostics
from sipway.language.ifexp import IfexpError, evaluate_ifexp
from sipway.language.inputs import Inputs
from sipway.language.lexer import (
    DIRECTIVE,
    DIRECTIVES,
    END,
    NAME,
    ROLLBACK,
    STRING,
    Lexer,
    Macro,
    Token,
    string_value,
)
from sipway.language.source import SourceFile, Span, decode

# Kamailio's own limit for includes inside includes; it stops files that include themselves.
_MAX_INCLUDE_DEPTH: Final = 10
_MAX_INCLUDES: Final = 5_000
_MAX_EXPANSION_DEPTH: Final = 32
# A define of defines of defines ... grows exponentially; no script comes near this.
_MAX_EXPANDED_TOKENS: Final = 500_000

# What `#!ifdef` finds without anybody's doing.
PREDEFINED: Final[Mapping[str, str | None]] = {
    "KAMAILIO_5": None,
    "KAMAILIO_5_6": None,
    "KAMAILIO_5_6_3": None,
}
_VERSION: Final = {"KAMAILIO_VERSION": "5006003"}  # in an #!ifexp only

# Never replaced, whatever a `#!define` says: without them nothing could be read.
_KEYWORDS: Final = frozenset(
    {
        "if", "else", "switch", "case", "default", "while", "break", "return", "exit", "drop",
        "route", "request_route", "reply_route", "onreply_route", "failure_route",
        "branch_route", "onsend_route", "event_route", "loadmodule", "loadmodulex", "modparam",
        "modparamx", "loadpath", "include_file", "import_file", "cfgengine", "flags",
    }
)  # fmt: skip
_CONDITIONALS: Final = frozenset({"ifdef", "ifndef", "ifexp", "else", "endif"})
_SLIPS: Final = {
    "if": "#!ifdef NAME, or #!ifexp EXPRESSION for more than a name",
    "elif": "#!else and another #!ifdef inside it",
    "elifdef": "#!else and another #!ifdef inside it",
    "elsif": "#!else and another #!ifdef inside it",
    "elseif": "#!else and another #!ifdef inside it",
    "elseifdef": "#!else and another #!ifdef inside it",
    "end": "#!endif",
    "fi": "#!endif",
    "include": '#!include_file "FILE"',
    "import": '#!import_file "FILE"',
}

_SKIPPED = re.compile(
    r"(?:#!|!!)(?:(?P<open>ifn?def|ifexp)\b|(?P<else>else)\b|(?P<endif>endif)\b)", re.ASCII
)
_UNKNOWN_DIRECTIVE = re.compile(r"^[ \t]*#!([a-z_]+)\b", re.MULTILINE | re.ASCII)
_DEFINE = re.compile(r"(\S+)(?:\s+(.*))?\Z", re.DOTALL)
_ENVIRONMENT = re.compile(r"\$env\((\w+)\)|\$defn?\((\w+)\)", re.ASCII)


@dataclass(slots=True)
class _Conditional:
    """An open `#!ifdef`. `taken`: the text that is being read now counts."""

    span: Span
    name: str
    taken: bool
    alternative: Span | None = None


@dataclass(slots=True)
class _Substitution:
    pattern: re.Pattern[str]
    replacement: str
    count: int


@dataclass(slots=True)
class Preprocessed:
    """`tokens` end with an END. `swallowed`: an unclosed comment took the rest of a file.

    `blanks` are the places where a define without a value stands, which left no token.
    """

    tokens: list[Token]
    files: list[SourceFile]
    defines: dict[str, Macro]
    swallowed: bool = False
    blanks: dict[tuple[SourceFile, int], Macro] = field(default_factory=dict)


def preprocess(
    source: SourceFile,
    defines: Mapping[str, str | None],
    diagnostics: Diagnostics,
    inputs: Inputs | None = None,
) -> Preprocessed:
    """All tokens of `source` and of what it includes, as far as they count.

    `defines` are those from the command line. `inputs` gives files and the environment.
    """
    worker = _Preprocessor(source, defines, diagnostics, inputs or Inputs())
    worker.file(source, 0)
    worker.check_unused_directives()
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
        macros = {name: Macro(name, value, None) for name, value in PREDEFINED.items()}
        macros |= {name: Macro(name, value, None) for name, value in defines.items()}
        self.result = Preprocessed([], [source], macros)
        self._tokens = self.result.tokens
        self._macros = macros
        self._diagnostics = diagnostics
        self._inputs = inputs
        self._substitutions: list[_Substitution] = []
        self._bodies: dict[str, tuple[Macro, list[Token]]] = {}
        self._expanded = 0
        self._includes = 0
        self._conditionals: list[_Conditional] = []

    def file(self, source: SourceFile, depth: int) -> None:
        """Read `source`; its `#!ifdef`s have to be closed in it."""
        outer, self._conditionals = self._conditionals, []
        lexer = Lexer(source, self._diagnostics)
        tokens = self._tokens
        macros = self._macros
        while True:
            token = lexer.next()
            kind = token.kind
            if kind == NAME:
                if token.text in macros and token.text not in _KEYWORDS:
                    self._expand(token)
                elif token.text in ("include_file", "import_file"):
                    self._include(token, lexer, depth)
                else:
                    tokens.append(token)
            elif kind == STRING:
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
        else:
            for conditional in self._conditionals:
                self._unclosed(conditional)
        self._conditionals = outer

    def check_unused_directives(self) -> None:
        """Warn of `#!` lines that look like a directive but are comments to Kamailio."""
        for source in self.result.files:
            for match in _UNKNOWN_DIRECTIVE.finditer(source.text):
                word = match[1]
                if word in DIRECTIVES:
                    continue
                meant = _SLIPS.get(word)
                if meant is None:
                    near = get_close_matches(word, sorted(DIRECTIVES), 1, 0.8)
                    if not near:
                        continue
                    meant = f"#!{near[0]}"
                self._diagnostics.warning(
                    "unknown-directive",
                    f"there is no directive #!{word}: this line is a comment",
                    Span(source, match.start(1) - 2, match.end(1)),
                    hint=f"did you mean {meant}?",
                )

    # --- tokens ---------------------------------------------------------------------------

    def _string(self, token: Token) -> None:
        if self._substitutions:
            token = token._replace(text=self._substitute(token.text))
        tokens = self._tokens
        if tokens and tokens[-1].text in ("loadmodule", "loadmodulex"):
            name = string_value(token.text).rpartition("/")[2].removesuffix(".so")
            self._macros.setdefault(f"MOD_{name}", Macro(f"MOD_{name}", None, token.span))
        tokens.append(token)

    def _substitute(self, text: str) -> str:
        for substitution in self._substitutions:
            text = substitution.pattern.sub(substitution.replacement, text, substitution.count)
        return text

    def _expand(self, use: Token) -> None:
        before = len(self._tokens)
        macro = self._macros[use.text]
        self._expand_into(use, macro, ())
        if len(self._tokens) == before:
            self.result.blanks[use.file, use.start] = macro

    def _expand_into(self, use: Token, macro: Macro, active: tuple[str, ...]) -> None:
        if macro.name in active or len(active) >= _MAX_EXPANSION_DEPTH:
            chain = " -> ".join((*active, macro.name)[:4])
            self._diagnostics.error(
                "define-loop",
                f"the value of {use.text} leads back to itself ({chain})",
                use.span,
                hint="change one of these #!define lines",
                related=_defined_at(macro),
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
                    related=_defined_at(macro),
                )
                return
            self._expanded += 1
            if token.kind == NAME and token.text in self._macros and token.text not in _KEYWORDS:
                self._expand_into(use, self._macros[token.text], active)
            elif token.kind == STRING:
                self._string(
                    Token(STRING, token.text, use.file, use.start, use.end, self._macros[use.text])
                )
            else:
                self._tokens.append(
                    Token(
                        token.kind, token.text, use.file, use.start, use.end, self._macros[use.text]
                    )
                )

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
        if name in _CONDITIONALS:
            self._conditional(token, name, lexer)
        elif name in ("define", "trydef", "trydefine", "redef", "redefine"):
            self._define(token, name, lexer.skip_line())
        elif name in ("include_file", "import_file"):
            self._include(token, lexer, depth)
        elif name in ("subst", "substdef", "substdefs"):
            self._subst(token, name, lexer)
        elif name in ("undef", "undefine"):
            self._macros.pop(lexer.skip_line().partition(" ")[0], None)
        else:
            self._defenv(token, name, lexer.skip_line())

    def _conditional(self, token: Token, name: str, lexer: Lexer) -> None:
        rest = "" if name == "endif" else lexer.skip_line()
        if name == "endif":
            self._endif(token, lexer)
            return
        if name == "else":
            self._else(token, lexer)
            return
        taken = self._evaluate(token, name, rest)
        condition = rest.split(None, 1)[0] if rest and name != "ifexp" else rest
        self._conditionals.append(_Conditional(token.span, f"#!{name} {condition}".strip(), taken))
        if not taken:
            self._skip(lexer)

    def _evaluate(self, token: Token, name: str, rest: str) -> bool:
        if name == "ifexp":
            try:
                values = _VERSION | {key: macro.value for key, macro in self._macros.items()}
                return evaluate_ifexp(rest, values)
            except IfexpError as error:
                self._diagnostics.error("bad-ifexp", str(error), token.span)
                return False
        words = rest.split(None, 1)
        if not words:
            self._diagnostics.error(
                "missing-name",
                f"{token.text} needs the name that it asks for",
                token.after,
                hint=f"write: {token.text} NAME",
            )
            return False
        return (words[0] in self._macros) == (name == "ifdef")

    def _else(self, token: Token, lexer: Lexer) -> None:
        if not self._conditionals:
            self._diagnostics.error(
                "unbalanced-directive",
                "this #!else belongs to no #!ifdef",
                token.span,
                hint="remove it, or put the #!ifdef NAME that it belongs to above it",
            )
            return
        conditional = self._conditionals[-1]
        if conditional.alternative is not None:
            self._second_else(token.span, conditional)
        conditional.alternative = token.span
        conditional.taken = not conditional.taken
        if not conditional.taken:
            self._skip(lexer)

    def _endif(self, token: Token, lexer: Lexer) -> None:
        if self._conditionals:
            self._conditionals.pop()
        else:
            self._diagnostics.error(
                "unbalanced-directive",
                "this #!endif belongs to no #!ifdef",
                token.span,
                hint="remove it, or put the #!ifdef NAME that it belongs to above it",
            )
        lexer.skip_line()

    def _skip(self, lexer: Lexer) -> None:
        """Leave out text, whatever it is, up to the `#!else` or `#!endif` of this level."""
        depth = 0
        text = lexer.text
        conditional = self._conditionals[-1]
        for match in _SKIPPED.finditer(text, lexer.position):
            if match["open"]:
                depth += 1
            elif match["endif"] and _is_whole_line(text, match):
                if depth == 0:
                    self._conditionals.pop()
                    lexer.position = match.end()
                    lexer.skip_line()
                    return
                depth -= 1
            elif match["else"] and depth == 0:
                span = Span(lexer.file, match.start(), match.end())
                if conditional.alternative is not None:
                    self._second_else(span, conditional)
                conditional.alternative = span
                conditional.taken = True
                lexer.position = match.end()
                lexer.skip_line()
                return
        lexer.position = len(text)

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

    def _unclosed(self, conditional: _Conditional) -> None:
        self._diagnostics.error(
            "unbalanced-directive",
            f"this {conditional.name} has no #!endif",
            conditional.span,
            hint="put a line with #!endif where the text that depends on it ends",
        )

    def _define(self, token: Token, name: str, rest: str) -> None:
        match = _DEFINE.match(rest)
        if match is None:
            self._diagnostics.error(
                "missing-name",
                f"{token.text} needs a name",
                token.after,
                hint=f"write: {token.text} NAME, or {token.text} NAME VALUE",
            )
            return
        key, value = match[1], match[2]
        known = self._macros.get(key)
        if known is not None:
            if name in ("trydef", "trydefine"):
                return
            if name == "define":
                self._diagnostics.error(
                    "defined-twice",
                    f"{key} has been defined before",
                    token.span,
                    hint="#!redefine replaces a value, #!trydef keeps the first one",
                    related=_defined_at(known) or [(token.span, "on the command line, with -A")],
                )
                return
        self._macros[key] = Macro(key, value or None, token.span)

    def _defenv(self, token: Token, name: str, rest: str) -> None:
        key, _, variable = rest.partition("=")
        key = key.strip()
        variable = variable.strip() or key
        value = self._inputs.variable(variable)
        if not key:
            self._diagnostics.error(
                "missing-name", f"{token.text} needs the name of a variable", token.after
            )
        elif value is None:
            if not name.startswith("try"):
                self._diagnostics.error(
                    "unset-environment",
                    f"the environment variable {variable} is not set",
                    token.span,
                    hint=f"set it before the start, or use #!try{name} if it may be missing",
                )
        else:
            if name.endswith("envs"):
                value = f'"{value}"'
            self._macros[key] = Macro(key, value, token.span)

    def _subst(self, token: Token, name: str, lexer: Lexer) -> None:
        argument = lexer.next()
        if argument.kind != STRING:
            self._diagnostics.error(
                "bad-subst",
                f"{token.text} needs its expression in quotes",
                token.after,
                hint=f'write: {token.text} "!NAME!value!g"',
            )
            lexer.position = token.end
            lexer.skip_line()
            return
        expression = string_value(self._substitute(argument.text))
        expression = _ENVIRONMENT.sub(self._environment, expression)
        parts = expression[1:].split(expression[:1]) if expression else []
        if len(parts) != 3:
            self._diagnostics.error(
                "bad-subst",
                "an expression of three parts is needed: what to replace, by what, flags",
                argument.span,
                hint='the first character separates them: "!NAME!value!g"',
            )
            return
        what, replacement, flags = parts
        try:
            pattern = re.compile(what, re.IGNORECASE if "i" in flags else 0)
        except (re.error, OverflowError) as error:
            self._diagnostics.error(
                "bad-subst",
                f"{what} is not a valid regular expression: {error}",
                argument.span,
            )
            return
        replacement = re.sub(r"\\(?![0-9])", r"\\\\", replacement)
        if any(int(group) > pattern.groups for group in re.findall(r"\\([0-9])", replacement)):
            self._diagnostics.error(
                "bad-subst", f"{what} has no such group in parentheses", argument.span
            )
            return
        self._substitutions.append(_Substitution(pattern, replacement, 0 if "g" in flags else 1))
        if name != "subst":
            value = f'"{parts[1]}"' if name == "substdefs" else parts[1]
            self._macros[what] = Macro(what, value, token.span)

    def _environment(self, match: re.Match[str]) -> str:
        if match[1]:
            return self._inputs.variable(match[1]) or ""
        macro = self._macros.get(match[2])
        return (macro.value or "") if macro else match[0]

    # --- includes -------------------------------------------------------------------------

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
        name = string_value(self._substitute(argument.text))
        if depth >= _MAX_INCLUDE_DEPTH or self._includes >= _MAX_INCLUDES:
            self._diagnostics.error(
                "include-loop",
                f"{name} is included too deep: files may nest {_MAX_INCLUDE_DEPTH} times",
                argument.span,
                hint="does a file include itself?",
            )
            return
        self._includes += 1
        path = self._locate(name, argument.file)
        if path is None:
            if word == "include_file":
                self._diagnostics.error(
                    "include-not-found",
                    f"there is no file {name}",
                    argument.span,
                    hint="a file is looked for in the current directory, then beside the file"
                    " that includes it; import_file does without a missing one",
                )
            return
        text = self._load(path, argument.span)
        if text is not None:
            source = SourceFile(str(path), text, argument.span)
            self.result.files.append(source)
            self.file(source, depth + 1)

    def _locate(self, name: str, includer: SourceFile) -> Path | None:
        if "\0" in name:
            return None
        for path in (Path(name), Path(includer.path).parent / name):
            try:
                self._inputs.read(path)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError:
                pass  # it is there, and why it can't be read is told by whoever loads it
            return path
        return None

    def _load(self, path: Path, at: Span) -> str | None:
        try:
            return decode(self._inputs.read(path))
        except OSError as error:
            message = f"{path} can't be read: {error.strerror or error}"
        except ValueError as error:
            message = f"{path} is no script: {error}"
        self._diagnostics.error("unreadable-file", message, at)
        return None


def _defined_at(macro: Macro) -> list[tuple[Span, str]]:
    return [] if macro.span is None else [(macro.span, f"{macro.name} is defined here")]


def _is_whole_line(text: str, match: re.Match[str]) -> bool:
    """Whether an `#!endif` in text that is left out counts.

    Kamailio wants nothing behind it. At the start of a line we are not as strict, since
    nothing else can be meant.
    """
    end = text.find("\n", match.end())
    rest = text[match.end() : end if end >= 0 else len(text)]
    if not rest.strip():
        return True
    return not text[text.rfind("\n", 0, match.start()) + 1 : match.start()].strip()
