"""Statements: what stands inside a block.

A statement that can't be read is reported once; reading goes on with the next statement.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

from sipway.language.branches import ELSE_IF_SLIPS, BranchParser
from sipway.language.lexer import END, NAME, NUMBER, STRING, VARIABLE, Token
from sipway.language.nodes import (
    Assign,
    Break,
    Call,
    Drop,
    Exit,
    Expression,
    ExpressionStatement,
    Return,
    Statement,
)
from sipway.language.tokens import STATEMENT_WORDS, SyntaxFailure, describe

# Functions of the core that Kamailio takes without parentheses.
_BARE_CALLS: Final = frozenset(
    ("force_rport", "add_rport", "add_local_rport", "force_tcp_alias", "add_tcp_alias",
     "set_forward_no_connect", "set_forward_close", "set_reply_no_connect", "set_reply_close",
     "revert_uri")
)  # fmt: skip

_FOREIGN_STATEMENTS: Final = {
    "for": "write while (...) { ... }",
    "foreach": "write while (...) { ... }",
    "do": "write while (...) { ... }",
    "until": "write while (!(...)) { ... }",
    "unless": "write if (!(...)) { ... }",
    "continue": "put the rest of the loop's body into an if",
    "goto": "call a block with route(NAME);",
    "function": "write a block, route[NAME] { ... }, and call it with route(NAME);",
    "def": "write a block, route[NAME] { ... }, and call it with route(NAME);",
    "int": "a variable needs no declaration: $var(x) = 1;",
    "str": "a variable needs no declaration: $var(x) = 1;",
    "var": "a variable is written $var(x)",
    "let": "a variable needs no declaration: $var(x) = 1;",
    "set": "to set a variable write $var(x) = 1;",
    "then": "put { behind the condition instead",
}
_FOREIGN_ASSIGNMENTS: Final = frozenset({"+=", "-=", ".=", ":="})


class StatementParser(BranchParser):
    """`lone_words`: a word alone is a statement, whose text a define of another file holds."""

    lone_words = False

    def statement(self) -> Statement:
        token = self.current
        if token.kind == NAME:
            text = token.text
            if text in STATEMENT_WORDS:
                return self._keyword(text)
            return self._name_statement(token)
        if token.kind == VARIABLE:
            return self._assignment()
        if token.kind == "{":
            block = self.braces("block")
            self.warn(
                "bare-block",
                "a block without if or while in front; Kamailio refuses it",
                token,
                hint="remove the braces",
            )
            return block
        if token.kind == "(" and (body := self.condition_end()) is not None:
            return self.headless(token, body)
        raise self._no_statement(token)

    def _keyword(self, word: str) -> Statement:
        if word == "if":
            return self.if_()
        if word == "switch":
            return self.switch()
        if word == "while":
            return self.while_()
        if word == "break":
            token = self.advance()
            self.end_statement()
            return Break(token.span)
        if word in ("return", "exit", "drop"):
            return self._leaving(word)
        if word == "else":
            raise self.stray_else()
        raise self.stray_case(word)

    def _no_statement(self, token: Token) -> SyntaxFailure:
        if token.kind == ")":
            return self.fail("extra-parenthesis", "this ) closes nothing", token, hint="remove it")
        if token.kind == STRING:
            return self.fail(
                "unexpected",
                "a text alone does nothing",
                token,
                hint='to log it: xlog("L_INFO", "...");  a comment starts with #',
            )
        return self.fail("unexpected", f"a statement can't start with {describe(token)}", token)

    def end_statement(self) -> None:
        """The `;` of a simple statement. A missing one is reported where it belongs."""
        if self.accept(";"):
            return
        token = self.current
        if token.kind == ")":
            self.report("extra-parenthesis", "this ) closes nothing", token, hint="remove it")
            while self.accept(")"):
                pass
            if not self.accept(";") and not self.starts_line() and self.current.kind != "}":
                raise SyntaxFailure
            return
        continued = token.kind in (VARIABLE, STRING, NUMBER) and not self.starts_statement()
        if not continued and (self.starts_line() or self.starts_statement()):
            self.report(
                "missing-semicolon",
                "a semicolon is missing at the end of this statement",
                self.previous.after,
                hint="put ; here",
            )
            return
        foreign = self._foreign(token)
        if foreign is not None or token.kind == "=":
            raise self._wrong_assignment(token)
        raise self._unexpected_operand(token)

    def _wrong_assignment(self, token: Token) -> SyntaxFailure:
        if token.kind != "=":
            return SyntaxFailure()
        return self.fail(
            "unexpected",
            "only a variable can be given a value",
            token,
            hint="as in $var(x) = 1;",
        )

    def _leaving(self, word: str) -> Return | Exit | Drop:
        token = self.advance()
        value: Expression | None = None
        if self.current.kind == "(" and self.peek().kind == ")":
            self.advance()
            self.advance()
        elif self.current.kind not in (";", "}", END) and not self._is_next_statement():
            if self.starts_line() and self.starts_statement():
                self.warn(
                    "missing-semicolon",
                    f"without a semicolon the next line is the value of this {word}",
                    token.after,
                    hint="put ; here",
                )
            value = self.expression()
        span = token.span.to(self.previous.span)
        self.end_statement()
        if word == "return":
            return Return(span, value)
        return Exit(span, value) if word == "exit" else Drop(span, value)

    def _is_next_statement(self) -> bool:
        """Whether the `;` of a `return` is missing, and what follows is no value."""
        if self.current.kind == NAME:
            return self.current.text in STATEMENT_WORDS
        return self.starts_statement()

    def _assignment(self) -> Statement:
        target = self.variable()
        token = self.current
        if token.kind == "=":
            self.advance()
            self._check_value_follows(token)
            value = self.expression()
            span = target.span.to(value.span)
            self.end_statement()
            return Assign(span, target, "=", value)
        name = target.spec.text
        if token.kind in _FOREIGN_ASSIGNMENTS:
            sign = token.kind[0] if token.kind in ("+=", "-=") else "+"
            written = f"{name} = ...;" if token.kind == ":=" else f"{name} = {name} {sign} ...;"
            raise self.fail(
                "wrong-operator", f"{token.kind} is no operator", token, hint=f"write {written}"
            )
        if token.kind == "==":
            raise self.fail(
                "comparison-as-statement",
                "== compares, it does not give the variable a value",
                token,
                hint=f"write {name} = ...; to set it, or if ({name} == ...) to ask",
            )
        if token.kind == "++" or (token.kind == "-" and self.peek().kind == "-"):
            raise self.fail(
                "wrong-operator",
                "there is no ++ and no --",
                token,
                hint=f"write {name} = {name} + 1;",
            )
        if token.kind in (STRING, NUMBER, VARIABLE) and not self.starts_line():
            raise self.fail(
                "missing-equals",
                "an = is missing behind the variable",
                self.previous.after,
                hint=f"write {name} = ...;",
            )
        raise self.fail(
            "variable-as-statement",
            "a variable alone does nothing",
            self.previous,
            hint=f"write {name} = ...; to give it a value",
        )

    def _check_value_follows(self, equals: Token) -> None:
        token = self.current
        if token.kind in (";", "}", ")", END) or (self.starts_line() and self.starts_statement()):
            failure = self.fail(
                "missing-value",
                "the value is missing behind this =",
                equals.after,
                hint="write what the variable is to hold; $null empties it",
            )
            raise failure

    def _name_statement(self, token: Token) -> Statement:
        following = self.peek()
        if token.text in ELSE_IF_SLIPS:
            raise self.fail(
                "else-without-if",
                f"this {token.text} belongs to no if",
                token,
                hint="write else if (...), directly behind the } of the if",
            )
        if following.kind == "(":
            return self._call_statement(token)
        if token.text in _BARE_CALLS and (
            following.kind in (";", "}") or self.starts_line(self.at + 1)
        ):
            self.advance()
            self.end_statement()
            return self._bare_call(token)
        if self.lone_words and self._is_alone(following):
            self.advance()
            self.accept(";")
            return self._bare_call(token)
        raise self._no_call(token, following)

    def _bare_call(self, token: Token) -> Statement:
        call = Call(token.span, token.text, (), token.span)
        return ExpressionStatement(token.span, call)

    def _is_alone(self, following: Token) -> bool:
        """Whether nothing but `;` or the end of the line stands behind the current word."""
        if self.current.text in _FOREIGN_STATEMENTS:
            return False
        if following.kind in (";", "}", END):
            return True
        return self.starts_line(self.at + 1) and following.kind in (NAME, VARIABLE)

    def _call_statement(self, token: Token) -> Statement:
        if token.text in _FOREIGN_STATEMENTS and self._brace_behind() is not None:
            raise self._unknown_statement(token)
        call: Expression = self.route_call() if token.text == "route" else self.call()
        if self.current.kind == "=":
            raise self.fail(
                "missing-dollar",
                "only a variable can be given a value, and its name starts with a $",
                token,
                hint=f"write ${call.span.text} = ...;",
            )
        if self.current.kind == "{" and not self.starts_line():
            raise self._unknown_statement(token)
        self.end_statement()
        return ExpressionStatement(call.span, call)

    def _brace_behind(self) -> int | None:
        """Where the `{` behind `name (...)` is; the head of a C-style for holds semicolons."""
        depth = 0
        for at in range(self.at + 1, len(self.tokens) - 1):
            kind = self.tokens[at].kind
            if kind in ("{", "}"):
                return None
            depth += (kind == "(") - (kind == ")")
            if depth == 0:
                return at + 1 if self.tokens[at + 1].kind == "{" else None
        return None

    def _unknown_statement(self, token: Token) -> SyntaxFailure:
        hint = _FOREIGN_STATEMENTS.get(token.text)
        if hint is None:
            near = get_close_matches(token.text, ["if", "while", "switch", "else if"], 1, 0.5)
            hint = f"did you mean {near[0]}?" if near else "only if, while and switch have a block"
        failure = self.fail(
            "unknown-statement", f"there is no statement {token.text}", token, hint=hint
        )
        # Past the head, whose semicolons would look like ends of statements.
        brace = self._brace_behind() if self.current is token else None
        if brace is not None:
            self.move_to(brace)
        return failure

    def _no_call(self, token: Token, following: Token) -> SyntaxFailure:
        text = token.text
        if text in _FOREIGN_STATEMENTS:
            return self._unknown_statement(token)
        if text == "route" and following.kind == "[":
            return self.fail(
                "wrong-brackets",
                "a block is called with parentheses",
                following,
                hint="write route(NAME); route[NAME] { ... } is the block itself",
            )
        if following.kind == "=":
            return self.fail(
                "missing-dollar",
                "only a variable can be given a value, and its name starts with a $",
                token,
                hint=f"write $var({text}) = ...;",
            )
        if following.kind in (STRING, NUMBER) and not self.starts_line(self.at + 1):
            return self._missing_opening(token)
        near = get_close_matches(text, sorted(STATEMENT_WORDS | {"route"}), 1, 0.7)
        if near and near[0] != text:
            return self.fail(
                "unknown-statement",
                f"there is no statement {text}",
                token,
                hint=f"did you mean {near[0]}?",
            )
        if following.kind in (";", "}") or self.starts_line(self.at + 1):
            hint = f"write {text}();"
            if text.isupper():
                hint += f" or, if it is meant as a define, #!define {text} above"
            return self.fail(
                "missing-parenthesis",
                "a function is called with parentheses behind its name",
                token.after,
                hint=hint,
            )
        if following.kind in (VARIABLE, STRING) or following.kind == NAME:
            return self._missing_opening(token)
        return self.fail("unexpected", f"{describe(following)} can't follow {text}", following)

    def _missing_opening(self, token: Token) -> SyntaxFailure:
        return self.fail(
            "missing-parenthesis",
            f"an opening parenthesis is missing behind {token.text}",
            token.after,
            hint=f"write {token.text}(...);",
        )
