"""Operands: everything in an expression but its operators."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final

from sipway.language.lexer import (
    ADDRESS,
    END,
    NAME,
    NUMBER,
    SELECT,
    STRING,
    VARIABLE,
    Token,
    number_value,
    string_value,
)
from sipway.language.nodes import (
    Call,
    Expression,
    MessageLength,
    Name,
    Network,
    Number,
    RouteCall,
    Select,
    String,
    Unary,
    Variable,
)
from sipway.language.source import Span
from sipway.language.template import parse_variable
from sipway.language.tokens import STATEMENT_WORDS, SyntaxFailure, TokenStream, describe

# Deeper than any script nests, shallower than Python's stack.
MAX_DEPTH: Final = 60

WORD_OPERATORS: Final = frozenset({"or", "and", "eq", "ne", "ieq", "ine", "mod"})
PREFIX_WORDS: Final = {"not": "!", "defined": "defined"}
_LENGTH_WORDS: Final = frozenset({"strlen", "strempty"})
BOOLEANS: Final = {
    "yes": 1, "on": 1, "true": 1, "enable": 1, "no": 0, "off": 0, "false": 0, "disable": 0,
}  # fmt: skip
PROTOCOLS: Final = frozenset({"udp", "tcp", "tls", "sctp", "ws", "wss"})


class OperandParser(TokenStream, ABC):
    """Reads one operand. What is missing in it is reported once."""

    _depth = 0

    @abstractmethod
    def expression(self, least: int = 1) -> Expression:
        """An expression of operators that bind at least as tight as `least`."""

    def primary(self) -> Expression:
        token = self.current
        kind = token.kind
        if kind == STRING:
            return self.string()
        if kind == VARIABLE:
            return self.variable()
        if kind == NAME:
            return self._named()
        if kind == NUMBER:
            return self.number()
        if kind == "(":
            return self._parenthesised()
        if kind == ADDRESS:
            return self._network()
        if kind == SELECT:
            self.advance()
            return Select(token.span, token.text[1:])
        raise self._no_value(token)

    def _no_value(self, token: Token) -> SyntaxFailure:
        if token.kind in (")", ";", ",", "]", "}", "{", END):
            return self.fail("missing-value", "a value is missing here", self.previous.after)
        if token.kind == "/" and self.peek().kind == STRING:
            return self.fail(
                "unexpected",
                "a /regular expression/ can stand only behind case",
                token,
                hint='elsewhere it is a text in quotes: $rU =~ "^[0-9]+$"',
            )
        return self.fail("unexpected", f"{describe(token)} can't stand here", token)

    def number(self) -> Number:
        token = self.advance()
        try:
            value = number_value(token.text)
        except ValueError:
            self.report(
                "bad-number",
                f"{token.text} starts with 0, so it is octal and can't hold 8 or 9",
                token,
                hint="leave out the 0 in front",
            )
            value = 0
        return Number(token.span, value)

    def string(self) -> String:
        """A string literal; literals in double quotes that follow each other are one."""
        token = self.advance()
        value = string_value(token.text)
        span = token.span
        raw = token.text[0] == "'"
        if self.current.kind == STRING:
            parts = [value]
            while self.current.kind == STRING and self._is_joined(token):
                following = self.advance()
                if raw or following.text[0] == "'":
                    self.report(
                        "missing-operator",
                        "two texts stand side by side",
                        following,
                        hint="only texts in double quotes are joined this way; put a + or a"
                        " comma between them",
                    )
                parts.append(string_value(following.text))
                span = span.to(following.span)
            value = "".join(parts)
        return String(span, value, raw)

    def _is_joined(self, first: Token) -> bool:
        """Whether a literal is joined to the one before: not if it came out of a define alone."""
        following = self.current
        if following.macro is None:
            return True
        return first.macro is not None and first.start == following.start

    def variable(self) -> Variable:
        token = self.advance()
        spec = parse_variable(token.text, token.span, self.diagnostics)
        if spec is None:
            raise SyntaxFailure
        return Variable(token.span, spec)

    def _parenthesised(self) -> Expression:
        opening = self.advance()
        if self.current.kind == ")":
            raise self.fail(
                "missing-value",
                "there is nothing between these parentheses",
                opening.span.to(self.advance().span),
            )
        value = self.expression()
        self.close_parenthesis(opening, "expression")
        return value

    def close_parenthesis(self, opening: Token, what: str) -> Token:
        """Take the `)` that belongs to `opening`; its absence is reported and passed over."""
        token = self.current
        if token.kind == ")":
            return self.advance()
        if token.kind == "=":
            self._assignment_in_condition(token)
            self.close_parenthesis(opening, what)
            return self.previous
        if self._ends_without_closing(token):
            here = self.previous.after
            other_line = opening.file is not here.file or opening.span.line != here.line
            self.report(
                "missing-parenthesis",
                "a closing parenthesis is missing",
                here,
                hint="put ) here",
                related=[(opening.span, "the parenthesis that it closes")] if other_line else (),
            )
            return self.previous
        raise self._unexpected_operand(token)

    def _ends_without_closing(self, token: Token) -> bool:
        """Whether the expression ends here though its parenthesis is open."""
        if token.kind in (";", "{", "}", END) or self.starts_line():
            return True
        if token.kind == NAME and token.text in STATEMENT_WORDS:
            return True
        if not self.starts_statement():
            return False
        # A statement on the same line, unless the parenthesis is closed behind it.
        depth = 0
        for at in range(self.at, len(self.tokens)):
            kind = self.tokens[at].kind
            if kind in (";", "{", "}"):
                break
            depth += (kind == "(") - (kind == ")")
            if depth < 0:
                return False
        return True

    def _assignment_in_condition(self, token: Token) -> None:
        self.report(
            "assignment-in-condition",
            "a single = gives a variable a value, it does not compare",
            token,
            hint="write == to compare",
        )
        self.advance()
        self.expression()

    def _unexpected_operand(self, token: Token) -> SyntaxFailure:
        """Two values without an operator between them, or a sign that means nothing here."""
        before = self.previous
        if token.kind in (NAME, STRING, NUMBER, VARIABLE, SELECT, ADDRESS, "("):
            if before.kind == NAME and token.kind == NAME:
                return self.fail(
                    "missing-quotes",
                    "these words are no expression: is it a text?",
                    before.span.to(token.span),
                    hint='put texts in quotes, as in "hello"',
                )
            return self.fail(
                "missing-operator",
                f"an operator is missing between {describe(before)} and {describe(token)}",
                before.after,
                hint="such as == or && in a condition, or + to join texts",
            )
        return self.fail("unexpected", f"{describe(token)} can't stand here", token)

    # --- names ----------------------------------------------------------------------------

    def _named(self) -> Expression:
        token = self.current
        text = token.text
        if text == "msg" and self.peek().kind == ":" and self.peek(2).text == "len":
            self.advance()
            self.advance()
            return MessageLength(token.span.to(self.advance().span))
        if text in STATEMENT_WORDS:
            raise self._misplaced_word(token)
        following = self.peek()
        if following.kind == "(":
            if text in _LENGTH_WORDS:
                return self._length(token)
            return self.route_call() if text == "route" else self.call()
        if text in _LENGTH_WORDS:
            raise self.fail(
                "missing-parenthesis",
                f"{text} needs its value in parentheses",
                token.after,
                hint=f"write {text}(...)",
            )
        if text in WORD_OPERATORS:
            raise self._no_value(token)
        if text in BOOLEANS:
            self.advance()
            return Number(token.span, BOOLEANS[text])
        if text[0].isdigit():
            raise self.fail(
                "bad-number",
                f"{text} is no number",
                token,
                hint="a number has digits only, or 0x and hexadecimal digits; text needs quotes",
            )
        if following.kind == STRING and following.start == token.end:
            raise self._call_without_parenthesis(token)
        return self._word()

    def _misplaced_word(self, token: Token) -> SyntaxFailure:
        if self.starts_line():
            return self.fail("missing-value", "a value is missing here", self.previous.after)
        return self.fail("unexpected", f"{token.text} starts a statement, it has no value", token)

    def _call_without_parenthesis(self, token: Token) -> SyntaxFailure:
        return self.fail(
            "missing-parenthesis",
            f"a parenthesis is missing behind {token.text}",
            token.after,
            hint=f"write {token.text}(...)",
        )

    def _length(self, token: Token) -> Expression:
        self.advance()
        opening = self.advance()
        if self.current.kind == ")":
            raise self.fail("missing-value", f"{token.text} needs a value", self.current)
        operand = self.expression()
        closing = self.close_parenthesis(opening, token.text)
        return Unary(token.span.to(closing.span), token.text, operand)

    def _word(self) -> Expression:
        """A bare word; with what is stuck to it a host name or a socket."""
        token = self.advance()
        if token.text.lower() in PROTOCOLS and self.current.kind == ":" and self._adjoins():
            text, span = self._stuck(token, ":.-")
            return Network(span, text)
        if token.text == "uri" and self.current.kind == ":" and self.peek().kind == NAME:
            self.advance()
            part = self.advance()
            return Name(token.span.to(part.span), f"uri:{part.text}")
        if (
            self.current.kind in (".", "-")
            and self._adjoins()
            and self.peek().kind == NAME
            and self.peek().start == self.current.end
        ):
            text, span = self._stuck(token, ".-")
            return Name(span, text)
        return Name(token.span, token.text)

    def _adjoins(self) -> bool:
        return self.current.start == self.previous.end

    def _stuck(self, first: Token, marks: str) -> tuple[str, Span]:
        """All that follows `first` without a blank, as one text."""
        parts = [first.text]
        while (
            self.current.kind in (NAME, NUMBER, ADDRESS, STRING) or self.current.kind in marks
        ) and self.touches_previous():
            token = self.advance()
            parts.append(string_value(token.text) if token.kind == STRING else token.text)
        return "".join(parts), first.span.to(self.previous.span)

    def address(self) -> Token:
        """An IP address; one that can't be is reported."""
        token = self.advance()
        if ":" not in token.text and any(int(part[-9:]) > 255 for part in token.text.split(".")):
            self.report(
                "bad-address",
                f"{token.text} is no IPv4 address: a part is greater than 255",
                token,
            )
        return token

    def _network(self) -> Expression:
        token = self.address()
        text = token.text
        span = token.span
        if (
            self.current.kind == "/"
            and self.peek().kind in (NUMBER, ADDRESS)
            and not self.starts_line()
        ):
            self.advance()
            mask = self.advance()
            text = f"{text}/{mask.text}"
            span = span.to(mask.span)
        elif self.current.kind == ":" and self.peek().kind == NUMBER and self._adjoins():
            self.advance()
            port = self.advance()
            text = f"{text}:{port.text}"
            span = span.to(port.span)
        return Network(span, text)

    # --- calls ----------------------------------------------------------------------------

    def route_call(self) -> RouteCall:
        word = self.advance()
        opening = self.advance()
        if self.current.kind == ")":
            raise self.fail(
                "missing-value",
                "route() needs the name of a block",
                opening.span.to(self.advance().span),
                hint="write route(NAME); the block is written route[NAME] { ... }",
            )
        target = self.expression()
        if self.current.kind == NAME and not self.starts_line():
            raise self.fail(
                "bad-route-name",
                "the name of a block is one word",
                self.previous.span.to(self.current.span),
                hint="letters, digits and _ only",
            )
        closing = self.close_parenthesis(opening, "route")
        return RouteCall(word.span.to(closing.span), target)

    def call(self) -> Call:
        name = self.advance()
        opening = self.advance()
        arguments = self._arguments(name, opening)
        return Call(name.span.to(self.previous.span), name.text, arguments, name.span)

    def _arguments(self, name: Token, opening: Token) -> tuple[Expression, ...]:
        arguments: list[Expression] = []
        if self.accept(")"):
            return ()
        while True:
            if self.current.kind in (",", ")"):
                raise self.fail(
                    "missing-argument",
                    "an argument is missing here",
                    self.previous.after,
                    hint='remove the comma, or write the argument; an empty text is ""',
                )
            if self._is_unquoted_text():
                raise self._unquoted_text()
            arguments.append(self.expression())
            token = self.current
            if token.kind == ",":
                self.advance()
                continue
            if token.kind in (STRING, NUMBER, VARIABLE, ADDRESS, SELECT) and not (
                self.starts_line() and self.starts_statement()
            ):
                self._missing_comma(token)
                continue
            self.close_parenthesis(opening, name.text)
            return tuple(arguments)

    def _missing_comma(self, token: Token) -> None:
        self.report(
            "missing-comma",
            f"a comma is missing between {describe(self.previous)} and {describe(token)}",
            self.previous.after,
            hint="arguments are separated by commas; + joins texts",
        )

    def _is_unquoted_text(self) -> bool:
        """Whether words follow each other, as in a text whose quotes are missing."""
        token, following = self.current, self.peek()
        return (
            token.kind == NAME
            and following.kind == NAME
            and token.text not in PREFIX_WORDS
            and token.text not in WORD_OPERATORS
            and following.text not in WORD_OPERATORS
            and not self.starts_line(self.at + 1)
        )

    def _unquoted_text(self) -> SyntaxFailure:
        start = self.current
        depth = 0
        while self.current.kind not in (";", "{", "}", END):
            if self.current.kind == "(":
                depth += 1
            elif self.current.kind == ")":
                if depth == 0:
                    break
                depth -= 1
            self.advance()
        span = start.span.to(self.previous.span)
        shown = span.text if len(span.text) <= 40 and "\n" not in span.text else "..."
        shown = shown.replace('"', "")
        return self.fail(
            "missing-quotes",
            "a text needs quotes around it",
            span,
            hint=f'write "{shown}"',
        )

    def too_deep(self) -> SyntaxFailure:
        return self.fail(
            "too-deep",
            "this expression is nested too deep",
            hint="split it: put a part of it into a $var(...) first",
        )
