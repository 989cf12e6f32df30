"""Blocks of statements, and going on behind a statement that can't be read.

Braces are balanced by the time the parser sees them (see `braces`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from sipway.language.expressions import ExpressionParser
from sipway.language.lexer import END, NAME
from sipway.language.nodes import (
    Block,
    Statement,
)
from sipway.language.operands import MAX_DEPTH
from sipway.language.tokens import SyntaxFailure


class BlockParser(ExpressionParser, ABC):
    _nesting = 0

    @abstractmethod
    def statement(self) -> Statement:
        """One statement. Raises SyntaxFailure once the mistake in it has been reported."""

    def braces(self, what: str) -> Block:
        """`{ ... }`; the current token is the brace."""
        opening = self.advance()
        self._nesting += 1
        if self._nesting > MAX_DEPTH:
            self._nesting -= 1
            self.leave_block()
            raise self.fail(
                "too-deep",
                "blocks are nested too deep here",
                opening,
                hint="put the inner part into a block of its own, route[NAME] { ... }",
            )
        statements = self.statements()
        self._nesting -= 1
        closing = self.advance() if self.current.kind == "}" else self.previous
        span = opening.span.to(closing.span)
        if self.previous is not opening and self.tokens[self.at - 2] is opening:
            self.warn(
                "empty-block",
                f"there is nothing in this {what}; Kamailio refuses an empty block",
                span,
                hint="put a ; between the braces",
            )
        return Block(span, tuple(statements))

    def leave_block(self) -> None:
        depth = 1
        while depth and self.current.kind != END:
            kind = self.advance().kind
            depth += (kind == "{") - (kind == "}")

    def statements(self, *stop: str) -> list[Statement]:
        """Statements up to a `}`, or to one of the words `stop`."""
        statements: list[Statement] = []
        while self.current.kind not in ("}", END):
            if self.current.kind == NAME and self.current.text in stop:
                break
            before = self.at
            statement = self._guarded()
            if statement is not None:
                statements.append(statement)
            elif self.at == before:
                self.advance()
        return statements

    def _guarded(self) -> Statement | None:
        """One statement; None for `;` and for what was reported and skipped."""
        if self.accept(";"):
            return None
        before = self.at
        nesting, depth = self._nesting, self._depth
        try:
            return self.statement()
        except SyntaxFailure:
            self._nesting, self._depth = nesting, depth
            self._skip_statement(before)
            return None

    def _skip_statement(self, start: int) -> None:
        """Move to where the next statement starts, behind one that could not be read."""
        while self.current.kind != END:
            kind = self.current.kind
            if kind == ";":
                self.advance()
                return
            if kind == "}":
                return
            if kind == "{":
                self.advance()
                self.leave_block()
                if self.word() != "else":
                    return
                continue
            if self.at > start and self.starts_line() and self.starts_statement():
                return
            self.advance()
