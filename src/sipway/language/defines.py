"""Names with a value: `#!define` and its like, and `#!subst`, which acts inside of strings."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from sipway.language.diagnostics import Diagnostics
from sipway.language.early import (
    NULL,
    EarlyError,
    Environment,
    evaluate_early,
    unset_variables,
)
from sipway.language.ifexp import IfexpError, evaluate_text
from sipway.language.keywords import KEYWORDS
from sipway.language.lexer import (
    DIRECTIVES,
    STRING,
    Lexer,
    Macro,
    Token,
    string_literal,
    string_value,
)
from sipway.language.source import SourceFile, Span
from sipway.language.substitution import (
    Substitution,
    compile_substitution,
    cut_replacement,
    split_substitution,
)

PREDEFINED: Final[Mapping[str, str | None]] = {
    "KAMAILIO_5": None,
    "KAMAILIO_5_6": None,
    "KAMAILIO_5_6_3": None,
    "KAMAILIO_VERSION": "5006003",
    "OS_NAME": os.uname().sysname.lower(),
}
"""What is defined without anybody's doing, besides a `MOD_name` for each module loaded."""

_SUBSTITUTIONS: Final = frozenset({"subst", "substdef", "substdefs"})
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_ENVIRONMENT = re.compile(r"\s*(?P<name>[^\s=]+)(?:=(?P<variable>\S*))?", re.ASCII)
_DEFINING: Final = frozenset({"trydef", "trydefine", "redef", "redefine"})

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
_HEADS: Final = ("#!KAMAILIO", "#!OPENSER", "#!SER", "#!MAXCOMPAT", "#!ALL")
_HEAD = re.compile(r"^#[ \t]*![ \t]*([A-Z]{2,12})\b", re.MULTILINE)
# Such a line is one of the first.
_HEAD_LENGTH: Final = 400
_UNKNOWN_DIRECTIVE = re.compile(r"^[ \t]*#!([a-z_]+)\b", re.MULTILINE | re.ASCII)


class Defines:
    """The names that are defined so far, and the substitutions."""

    def __init__(
        self, given: Mapping[str, str | None], diagnostics: Diagnostics, environment: Environment
    ) -> None:
        self.macros = {
            name: Macro(name, value, None) for name, value in {**PREDEFINED, **given}.items()
        }
        self.substitutions: list[Substitution] = []
        self.from_outside = False
        self._diagnostics = diagnostics
        self._environment = environment

    def directive(self, token: Token, name: str, lexer: Lexer) -> None:
        """Any directive that defines, takes back or substitutes."""
        if name in _SUBSTITUTIONS:
            self._subst(token, name, lexer)
            return
        rest = lexer.skip_line()
        if name in ("undef", "undefine", "tryundef"):
            self._undefine(token, name, rest)
        elif name in ("defexp", "defexps"):
            self._define_expression(token, name, rest)
        elif name.endswith(("env", "envs")):
            self._define_environment(token, name, rest)
        else:
            self._define(token, name, rest)

    def early(self, text: str) -> str:
        """A text with the variables that have a value now. Raises EarlyError."""
        return evaluate_early(text, self.values(), self._environment)

    def values(self) -> dict[str, str | None]:
        return {name: macro.value for name, macro in self.macros.items()}

    def substitute(self, text: str) -> str:
        """What the substitutions so far make of the value of a string."""
        for substitution in self.substitutions:
            changed = substitution.apply(text, None)
            if changed is not None:
                text = changed
        return text

    def substituted(self, literal: str) -> str:
        """What they make of a string literal."""
        value = string_value(literal)
        changed = self.substitute(value)
        return literal if changed == value else string_literal(changed, literal[0])

    # --- names ----------------------------------------------------------------------------

    def _set(self, token: Token, name: str, value: str | None, *, again: bool = False) -> None:
        known = self.macros.get(name)
        if known is not None and not again:
            self._diagnostics.error(
                "defined-twice",
                f"{name} has been defined before",
                token.span,
                hint="#!redefine replaces a value, #!trydef keeps the first one",
                related=_defined_at(known) or [(token.span, "on the command line, with -A")],
            )
            return
        self.macros[name] = Macro(name, value, token.span)

    def _define(self, token: Token, directive: str, rest: str) -> None:
        match = self._name(token, rest)
        if match is None:
            return
        name = match[0]
        if directive in ("trydef", "trydefine") and name in self.macros:
            return
        value = rest[match.end() :].lstrip()
        if value and name in KEYWORDS:
            self._diagnostics.warning(
                "doubtful-define",
                f"{name} is a word of the language, so the value takes its place nowhere",
                token.span,
                hint="#!ifdef and $def() know the name all the same; to have it replaced, take"
                " another one",
            )
        if value and rest[match.end()] not in " \t":
            self._diagnostics.warning(
                "doubtful-define",
                f"the value of {name} begins with {value[0]}",
                token.span,
                hint=f"a blank separates a name from its value: {token.text} {name} ...",
            )
        if value.rstrip().endswith("\\") and value[-1:].isspace():
            self._diagnostics.warning(
                "doubtful-define",
                "this line does not go on in the next one: blanks follow the backslash",
                token.span,
                hint="remove the blanks at its end",
            )
        self._set(token, name, value or None, again=directive in _DEFINING)

    def _name(self, token: Token, rest: str) -> re.Match[str] | None:
        """The name that a line defines; Kamailio passes over what stands before it."""
        match = _NAME.search(rest)
        if match is None:
            self._diagnostics.error(
                "missing-name",
                f"{token.text} needs a name",
                token.after,
                hint=f"write: {token.text} NAME, or {token.text} NAME VALUE",
            )
            return None
        if rest[match.end() : match.end() + 1] == "-":
            self._diagnostics.error(
                "bad-define-name",
                f"{rest.split(None, 1)[0]} is no name: it has letters, digits and _ only",
                token.span,
            )
            return None
        if rest[: match.start()].strip():
            self._diagnostics.warning(
                "doubtful-define",
                f"the name that is defined here is {match[0]}: "
                f"{rest[: match.start()].strip()} in front of it counts for nothing",
                token.span,
            )
        return match

    def _undefine(self, token: Token, directive: str, rest: str) -> None:
        match = self._name(token, rest)
        if match is None or self.macros.pop(match[0], None) is not None:
            return
        if directive != "tryundef":
            near = get_close_matches(match[0], sorted(self.macros), 1, 0.8)
            self._diagnostics.warning(
                "not-defined",
                f"{match[0]} is not defined here",
                token.span,
                hint=f"did you mean {near[0]}?" if near else None,
            )

    def _define_expression(self, token: Token, directive: str, rest: str) -> None:
        match = self._name(token, rest)
        if match is None:
            return
        try:
            value = evaluate_text(rest[match.end() :], self.values())
        except IfexpError as error:
            self._diagnostics.error("bad-ifexp", str(error), token.span)
            return
        if directive == "defexps":
            value = string_literal(value)
        self._set(token, match[0], value or None)

    def _define_environment(self, token: Token, directive: str, rest: str) -> None:
        match = _ENVIRONMENT.match(rest)
        if match is None or match["variable"] == "":
            self._diagnostics.error(
                "missing-name",
                f"{token.text} needs the name of a variable",
                token.after,
                hint=f"write: {token.text} VARIABLE, or {token.text} NAME=VARIABLE",
            )
            return
        name = match["name"]
        variable = match["variable"] or name
        if not _NAME.fullmatch(name):
            self._diagnostics.error(
                "bad-define-name",
                f"{name} is no name: it has letters, digits and _ only",
                token.span,
            )
            return
        value = self._environment(variable)
        if value is None:
            if not directive.startswith("try"):
                self._diagnostics.error(
                    "unset-environment",
                    f"the environment variable {variable} is not set",
                    token.span,
                    hint=f"set it before the start, or use #!try{directive} if it may be missing",
                )
            return
        self._set(token, name, string_literal(value) if directive.endswith("envs") else value)

    # --- substitutions --------------------------------------------------------------------

    def _subst(self, token: Token, directive: str, lexer: Lexer) -> None:
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
        try:
            text = string_value(argument.text)
            # Only a script's own substitutions are subject to those before them.
            what, replacement, flags = split_substitution(
                text if self.from_outside else self.substitute(text)
            )
            kept = cut_replacement(replacement, dollar="$$")  # both stand for themselves
            texts = "".join(each for each in kept if isinstance(each, str))
            for variable in unset_variables(texts):
                self._diagnostics.warning(
                    "unset-in-subst",
                    f"{variable} is replaced while the script is read, when nothing is in it yet",
                    argument.span,
                    hint=f"write ${variable} to have the variable itself there",
                )
            pieces = tuple(
                self._replacement(each, null="") if isinstance(each, str) else each for each in kept
            )
            made = compile_substitution(what, flags, pieces)
        except EarlyError as error:
            self._diagnostics.error(
                "bad-subst", str(error), argument.span, hint="write $$ for a dollar sign"
            )
            return
        except ValueError as error:
            self._diagnostics.error(
                "bad-subst",
                str(error),
                argument.span,
                hint='the first character separates: "!NAME!value!g"',
            )
            return
        if made.pattern.groups < max((each for each in pieces if isinstance(each, int)), default=0):
            self._diagnostics.error(
                "bad-subst", f"{what} has no such group in parentheses", argument.span
            )
            return
        if made.pattern.search("") is None:
            self.substitutions.append(made)
        else:
            self._diagnostics.warning(
                "bad-subst", f"{what or 'an empty expression'} is found everywhere, so nothing"
                " is replaced", argument.span
            )  # fmt: skip
        if directive == "subst":
            return
        value = self._replacement(texts) or None
        self._set(token, what, string_literal(value or "") if directive == "substdefs" else value)

    def _replacement(self, text: str, *, null: str = NULL) -> str:
        return evaluate_early(text, self.values(), self._environment, null=null, unset=True)


def _defined_at(macro: Macro) -> list[tuple[Span, str]]:
    return [] if macro.span is None else [(macro.span, f"{macro.name} is defined here")]


def report_unknown_directives(files: list[SourceFile], diagnostics: Diagnostics) -> None:
    """Warn of `#!` lines that look like a directive but are comments to Kamailio."""
    for source in files:
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
            diagnostics.warning(
                "unknown-directive",
                f"there is no directive #!{word}: this line is a comment",
                Span(source, match.start(1) - 2, match.end(1)),
                hint=f"did you mean {meant}?",
            )
        head = _HEAD.search(source.text, 0, _HEAD_LENGTH)
        if head is None or head[0] in _HEADS:
            continue
        near = get_close_matches(f"#!{head[1].upper()}", _HEADS, 1, 0.75)
        if near:
            diagnostics.warning(
                "unknown-directive",
                f"{head[0]} is a comment",
                Span(source, head.start(), head.end()),
                hint=f"did you mean {near[0]}?",
            )
