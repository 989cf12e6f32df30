"""Settings of modules, `loadmodule` and `modparam`, and the values that settings take."""

from __future__ import annotations

from collections.abc import Mapping

from sipway.language.early import EarlyError, Environment, early_value, evaluate_early
from sipway.language.lexer import ADDRESS, END, NAME, NUMBER, STRING, VARIABLE, Token, string_value
from sipway.language.nodes import LoadModule, ModParam, String
from sipway.language.operands import BOOLEANS
from sipway.language.sockets import SocketParser
from sipway.language.source import SourceFile, Span
from sipway.language.tokens import SyntaxFailure, describe


class ModuleSettingParser(SocketParser):
    # What was defined at a `loadmodulex` or `modparamx`, and what is at the end of the script.
    known: Mapping[tuple[SourceFile, int], Mapping[str, str | None]] = {}
    defines: Mapping[str, str | None] = {}
    environment: Environment

    def load_module(self) -> LoadModule:
        """`loadmodule "x"`, `loadmodule("x")`, `loadmodule("x", "options")`."""
        word = self.advance()
        self.accept("=")
        opening = self.accept("(")
        if self.current.kind != STRING:
            raise self._needs_text(word, "the name of a module", f'{word.text} "tm.so"')
        literal = self.string()
        options = ""
        if opening is not None and self.accept(","):
            options = self._module_options()
        if opening is not None:
            self.close_parenthesis(opening, word.text)
        span = word.span.to(self.previous.span)
        self.end_setting()
        path = self._early(word, literal)
        name = path.rpartition("/")[2].removesuffix(".so")
        return LoadModule(span, name, path, options)

    def _module_options(self) -> str:
        token = self.current
        if token.kind != STRING:
            raise self.fail(
                "missing-value",
                "the options are missing",
                self.previous.after,
                hint='letters in quotes: "g" loads its names for all, "o" only if it is not loaded',
            )
        options = self.string().value
        unknown = set(options.lower()) - {"g", "o"}
        if unknown:
            self.report(
                "wrong-value",
                f"{min(unknown)} is no option of loadmodule",
                token,
                hint="they are g and o",
            )
        return options

    def _early(self, word: Token, literal: String) -> str:
        """A text of `loadmodulex` or `modparamx`, with its variables replaced."""
        if word.text not in ("loadmodulex", "modparamx"):
            return literal.value
        try:
            return evaluate_early(literal.value, self._known_at(word), self.environment)
        except EarlyError as error:
            self.report("early-variable", str(error), literal.span)
            return literal.value

    def _known_at(self, word: Token) -> Mapping[str, str | None]:
        return self.known.get((word.file, word.start), self.defines)

    def _needs_text(self, word: Token, what: str, example: str) -> SyntaxFailure:
        token = self.current
        if token.kind == NAME and not self.starts_line():
            while self.peek().start == self.current.end and self.peek().kind in (NAME, ".", "/"):
                self.advance()
            span = token.span.to(self.current.span)
            failure = self.fail(
                "missing-quotes",
                f"{what} needs quotes",
                span,
                hint=f'write: {word.text} "{span.text}"',
            )
            self.advance()
            return failure
        return self.fail(
            "missing-value", f"{what} is missing", self.previous.after, hint=f"write: {example}"
        )

    def modparam(self) -> ModParam:
        word = self.advance()
        opening = self.current
        example = f'{word.text}("MODULE", "PARAMETER", VALUE)'
        if not self.accept("("):
            raise self.fail(
                "missing-parenthesis",
                f"an opening parenthesis is missing behind {word.text}",
                word.after,
                hint=f"write: {example}",
            )
        if self._lacks_first_comma():
            module = self.single_text()
        else:
            module = self._modparam_text("the module", example)
        self._modparam_comma(example)
        if self._lacks_second_comma():
            name = self.single_text()
        else:
            name = self._modparam_text("the parameter", example)
        self._modparam_comma(example)
        value, span = self._modparam_value(word, example)
        if self.current.kind == ",":
            raise self.fail(
                "extra-argument",
                f"{word.text} takes a module, a parameter and one value",
                self.current,
                hint=f"write: {example}",
            )
        self.close_parenthesis(opening, word.text)
        whole = word.span.to(self.previous.span)
        self.end_setting()
        return ModParam(
            whole,
            self._early(word, module),
            self._early(word, name),
            value,
            module.span,
            name.span,
            span,
        )

    def single_text(self) -> String:
        literal = self.advance()
        return String(literal.span, string_value(literal.text), literal.text[0] == "'")

    def _modparam_value(self, word: Token, example: str) -> tuple[int | str, Span]:
        token = self.current
        evaluated = word.text == "modparamx"
        if token.kind == VARIABLE:
            if not evaluated:
                raise self.fail(
                    "early-variable",
                    f"{token.text} can't be a value of modparam",
                    token,
                    hint="modparamx takes variables that are known when the script is read",
                )
            self.advance()
            try:
                value = early_value(token.text, self._known_at(word), self.environment)
                return value, token.span
            except EarlyError as error:
                self.report("early-variable", str(error), token)
                return "", token.span
        if token.kind == STRING:
            literal = self.string()
            return self._early(word, literal), literal.span
        value, span, bare = self.value(word.text, example)
        if bare:
            self.bare_value(str(value), span)
        return value, span

    def bare_value(self, text: str, span: Span) -> None:
        name = text.isidentifier()
        self.report(
            "missing-quotes",
            f"the value {text} is neither a number nor a text in quotes",
            span,
            hint=f'write "{text}"' + (f", or #!define {text} above" if name else ""),
        )

    def _lacks_first_comma(self) -> bool:
        """Whether module and parameter stand side by side, which would join them."""
        return self._commas_behind_texts() in (0, 1)

    def _lacks_second_comma(self) -> bool:
        """Whether parameter and value stand side by side."""
        return self._commas_behind_texts() == 0

    def _commas_behind_texts(self) -> int:
        """How many commas follow two texts that stand side by side; -1 if they don't."""
        if self.current.kind != STRING or self.peek().kind != STRING:
            return -1
        commas = 0
        distance = 1
        while self.peek(distance).kind not in (")", "(", ";", END):
            commas += self.peek(distance).kind == ","
            distance += 1
        return commas

    def _modparam_text(self, what: str, example: str) -> String:
        if self.current.kind == STRING:
            return self.string()
        if self.current.kind == NAME:
            raise self.fail(
                "missing-quotes",
                f"the name of {what} needs quotes",
                self.current,
                hint=f"write: {example}",
            )
        raise self.fail(
            "missing-value",
            f"the name of {what} is missing",
            self.previous.after,
            hint=f"write: {example}",
        )

    def _modparam_comma(self, example: str) -> None:
        if self.accept(","):
            return
        if self.current.kind in (STRING, NUMBER, NAME):
            self.report(
                "missing-comma",
                f"a comma is missing in front of {describe(self.current)}",
                self.previous.after,
                hint=f"write: {example}",
            )
            return
        raise self.fail(
            "missing-argument",
            "a module, a parameter and a value are needed",
            self.previous.after,
            hint=f"write: {example}",
        )

    # --- values ---------------------------------------------------------------------------

    def value(self, name: str, example: str) -> tuple[int | str, Span, bool]:
        """A number, a text, yes or no, or a bare word; whether it is the last of these."""
        token = self.current
        if token.kind == STRING:
            literal = self.string()
            return literal.value, literal.span, False
        if token.kind == NUMBER or (token.kind == "-" and self.peek().kind == NUMBER):
            following = self.peek(2 if token.kind == "-" else 1)
            last = self.peek(1 if token.kind == "-" else 0)
            if not (following.kind in (".", "-") and following.start == last.end):
                if token.kind == "-":
                    self.advance()
                number = self.number()
                value = -number.value if token.kind == "-" else number.value
                return value, token.span.to(number.span), False
        if token.kind in (NAME, NUMBER, ADDRESS):
            # A setting on the next line is not the value of this one.
            if self.starts_line() and self.starts_top_level():
                raise self._missing_value(name, example)
            self.advance()
            if self.current.kind in (".", "-", ":") and self.touches_previous():
                text, span = self._stuck(token, ".-:")
                return text, span, True
            if token.text in BOOLEANS:
                return BOOLEANS[token.text], token.span, False
            return token.text, token.span, True
        raise self._missing_value(name, example)

    def _missing_value(self, name: str, example: str) -> SyntaxFailure:
        token = self.current
        if token.kind in (",", ")", ";", END) or self.starts_line():
            return self.fail(
                "missing-value",
                f"the value of {name} is missing",
                self.previous.after,
                hint=f"write: {example}",
            )
        return self.fail("unexpected", f"{describe(token)} is no value", token)
