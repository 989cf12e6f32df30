"""Statements with a condition: if, while and switch."""

from __future__ import annotations

from typing import Final

from sipway.language.blocks import BlockParser
from sipway.language.lexer import END, NAME, NUMBER, STRING, VARIABLE, Token
from sipway.language.nodes import (
    Block,
    Case,
    Expression,
    If,
    Number,
    Regex,
    Statement,
    Switch,
    While,
)
from sipway.language.operands import MAX_DEPTH
from sipway.language.source import Span
from sipway.language.tokens import SyntaxFailure, describe

ELSE_IF_SLIPS: Final = frozenset({"elseif", "elsif", "elif"})


class BranchParser(BlockParser):
    def if_(self, word: Token | None = None) -> If:
        """An `if` with all its branches; a chain of else-ifs is read without recursion.

        `word` stands for the `if` where that is missing.
        """
        heads: list[tuple[Token, Expression, Block]] = []
        last: Block | None = None
        while True:
            word = word or self.advance()
            condition = self._condition(word)
            heads.append((word, condition, self._body(word)))
            slip = self.word() in ELSE_IF_SLIPS and self._is_head(1)
            if slip:
                self.report(
                    "wrong-else-if",
                    f"{self.current.text} is not known",
                    self.current,
                    hint="write else if",
                )
            elif self.word() != "else":
                break
            elif not self._is_else_if():
                last = self._body(self.previous)
                break
            word = None
        result: If | None = None
        for head, condition, then in reversed(heads):
            if result is not None:
                last = Block(result.span, (result,), braces=False)
            end = last.span if last is not None else then.span
            result = If(head.span.to(end), condition, then, last)
        assert result is not None
        return result

    def _is_head(self, distance: int) -> bool:
        return self.peek(distance).kind in ("(", VARIABLE, "!")

    def _is_else_if(self) -> bool:
        """Move behind an `else`; whether an `if` follows, or a condition that lacks it."""
        word = self.advance()
        if self.word() == "if":
            return True
        if self.current.kind != "(" or not self._closes_before_brace():
            return False
        self.report(
            "else-with-condition",
            "an else has no condition",
            word,
            hint="write else if (...)",
        )
        # The chain goes on as with `else if`, whose word is taken first.
        self.move_to(self.at - 1)
        return True

    def _closes_before_brace(self) -> bool:
        """Whether the parentheses that start here are followed by a `{`."""
        depth = 0
        for at in range(self.at, len(self.tokens)):
            kind = self.tokens[at].kind
            if kind in (";", "{", "}"):
                return False
            depth += (kind == "(") - (kind == ")")
            if depth == 0:
                return self.tokens[at + 1].kind == "{"
        return False

    def _condition(self, word: Token) -> Expression:
        """What stands behind `if`, `while` or `switch`; parentheses are not required."""
        if self.current.kind in ("{", ";", "}", END):
            failure = self.fail(
                "missing-condition",
                f"{word.text} needs a condition",
                word.after,
                hint=f"write {word.text} (...) {{ ... }}",
            )
            if self.current.kind != "{":
                raise failure
            return Number(word.span, 1)
        if self.current.kind == "(" and self.peek().kind == ")":
            self.report(
                "missing-condition",
                f"{word.text} needs a condition",
                self.current.span.to(self.peek().span),
                hint=f"write {word.text} (...) {{ ... }}",
            )
            self.advance()
            self.advance()
            return Number(word.span, 1)
        first = self.at
        depth = self._depth
        try:
            condition = self.expression()
            self._end_condition(word, first)
        except SyntaxFailure:
            self._depth = depth
            self._skip_condition()
            return Number(word.span, 1)
        return condition

    def _end_condition(self, word: Token, first: int) -> None:
        token = self.current
        if token.kind == "=" and self.peek().kind != "{":
            self._assignment_in_condition(token)
            token = self.current
        if token.kind == ")":
            opening_missing = self.tokens[first].kind != "(" or first + 1 == self.at
            if opening_missing:
                self.report(
                    "missing-parenthesis",
                    "the opening parenthesis of this condition is missing",
                    word.after,
                    hint=f"write {word.text} (...)",
                )
            else:
                self.report(
                    "extra-parenthesis",
                    "this ) closes nothing",
                    token,
                    hint="remove it, or put the ( that it belongs to in front",
                )
            self._skip_condition()
        elif token.kind == ":":
            self.report(
                "unexpected",
                "no colon follows a condition",
                token,
                hint="put the statements that depend on it between { and }",
            )
            self.advance()
        elif self.word() == "then":
            self.report(
                "unexpected",
                "no then follows a condition",
                token,
                hint="put the statements that depend on it between { and }",
            )
            self.advance()
        elif not (
            token.kind in ("{", "}", ";", END) or self.starts_statement() or self.starts_line()
        ):
            if word.text == "switch":
                raise self._unexpected_operand(token)
            if token.kind == NAME and self.previous.kind == ")":
                return
            raise self._unexpected_operand(token)

    def _skip_condition(self) -> None:
        """Behind a condition that could not be read: to its body."""
        while self.current.kind not in ("{", "}", ";", END):
            if self.starts_line() and self.starts_statement():
                return
            self.advance()

    def _body(self, word: Token) -> Block:
        """A block in braces or a single statement."""
        if self.current.kind == "{":
            return self.braces(word.text)
        if self.current.kind == ";":
            token = self.advance()
            return Block(token.span, (), braces=False)
        if self.current.kind in ("}", END):
            raise self.fail(
                "missing-statement",
                f"nothing follows this {word.text}",
                self.previous.after,
                hint="put a statement here, or a block: { ... }",
            )
        self._nesting += 1
        if self._nesting > MAX_DEPTH:
            raise self.fail("too-deep", "statements are nested too deep here")
        statement = self.statement()
        self._nesting -= 1
        return Block(statement.span, (statement,), braces=False)

    def while_(self) -> While:
        word = self.advance()
        condition = self._condition(word)
        body = self._body(word)
        return While(word.span.to(body.span), condition, body)

    def switch(self, word: Token | None = None) -> Switch:
        word = word or self.advance()
        subject = self._condition(word)
        if self.current.kind != "{":
            raise self.fail(
                "missing-brace",
                "the { of this switch is missing",
                self.previous.after,
                hint="write switch (...) { case ...: ... }",
            )
        self.advance()
        self._nesting += 1
        cases = self._cases()
        self._nesting -= 1
        closing = self.advance() if self.current.kind == "}" else self.previous
        return Switch(word.span.to(closing.span), subject, tuple(cases))

    def _cases(self) -> list[Case]:
        cases: list[Case] = []
        while self.current.kind not in ("}", END):
            if self.word() in ("case", "default") or self._is_label_without_case():
                cases.append(self._case())
                continue
            self.report(
                "statement-outside-case",
                "a statement in a switch needs a case in front of it",
                self.current,
                hint="write case VALUE: or default: above it",
            )
            self.statements("case", "default")
        return cases

    def _is_label_without_case(self) -> bool:
        return self.current.kind in (STRING, NUMBER) and self.peek().kind == ":"

    def _case(self) -> Case:
        first = self.current
        labels: list[Expression | None] = []
        if self._is_label_without_case():
            self.report("missing-case", "a case is missing here", first, hint="write case")
            labels.append(self.expression())
            self.advance()
        while self.word() in ("case", "default"):
            labels.append(self._label(self.advance()))
        start = self.current
        statements = self.statements("case", "default")
        span = (
            start.span.to(self.previous.span) if statements else Span.point(start.file, start.start)
        )
        return Case(first.span.to(span), tuple(labels), Block(span, tuple(statements), False))

    def _label(self, word: Token) -> Expression | None:
        label: Expression | None = None
        if word.text == "case":
            try:
                label = self._regex() if self.current.kind == "/" else self._case_value(word)
            except SyntaxFailure:
                while self.current.kind not in (":", ";", "{", "}", END) and not (
                    self.starts_line() and self.starts_statement()
                ):
                    self.advance()
                self.accept(":")
                return Number(word.span, 0)
        if self.accept(":"):
            return label
        colon = self._colon_on_line()
        if colon is not None:
            self.report("unexpected", f"{describe(self.current)} can't stand here", self.current)
            self.move_to(colon + 1)
        else:
            self.report(
                "missing-colon",
                f"a colon is missing behind this {word.text}",
                self.previous.after,
                hint="put : here",
            )
            if self.current.kind == ";" and not self.starts_line():
                self.advance()
        return label

    def _colon_on_line(self) -> int | None:
        """Where the `:` is if junk stands between the value of a case and its colon."""
        at = self.at
        while not self.starts_line(at) and self.tokens[at].kind not in (";", "{", "}", END):
            if self.tokens[at].kind == ":":
                return at
            at += 1
        return None

    def _case_value(self, word: Token) -> Expression:
        if self.current.kind in (":", ";", "}", END):
            self.report(
                "missing-value",
                "this case has no value",
                word.after,
                hint='write case "VALUE": or, for all other values, default:',
            )
            return Number(word.span, 0)
        return self.expression()

    def _regex(self) -> Regex:
        slash = self.advance()
        if self.current.kind != STRING:
            raise self.fail(
                "missing-value",
                "a regular expression in quotes has to follow this /",
                slash.after,
                hint='as in case /"^sip:":',
            )
        literal = self.string()
        self.accept("/")
        return Regex(slash.span.to(literal.span), literal.value)

    # --- heads without a statement, and the reverse ------------------------------------------

    def headless(self, token: Token, body: int) -> Statement:
        """A condition and a body without the word in front."""
        is_switch = self.tokens[body].kind == "{" and self.tokens[body + 1].text in (
            "case",
            "default",
        )
        self.report(
            "missing-word",
            "a condition without a word in front",
            token,
            hint="write switch (...)" if is_switch else "write if (...), or while (...)",
        )
        return self.switch(word=token) if is_switch else self.if_(word=token)

    def condition_end(self) -> int | None:
        """Behind the parentheses that open here, if a statement or a block follows them."""
        depth = 0
        for at in range(self.at, len(self.tokens) - 1):
            kind = self.tokens[at].kind
            if kind in (";", "{", "}"):
                return None
            depth += (kind == "(") - (kind == ")")
            if depth == 0:
                return at + 1 if self.starts_statement(at + 1) else None
        return None

    def stray_else(self) -> SyntaxFailure:
        token = self.current
        hint = "remove it, or put the if (...) { ... } that it belongs to in front of it"
        if self.previous.kind == ";" and self.peek(-2).kind == "}":
            hint = "remove the ; in front of it: it ends the if"
        failure = self.fail("else-without-if", "this else belongs to no if", token, hint=hint)
        self.advance()
        return failure

    def stray_case(self, word: str) -> SyntaxFailure:
        failure = self.fail(
            "case-without-switch",
            f"this {word} belongs to no switch",
            hint="case and default stand directly inside switch (...) { ... }",
        )
        # One message for all the cases here.
        self._cases()
        return failure
