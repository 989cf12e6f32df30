"""Statements: what stands inside a block.

A statement that can't be read is reported once; reading goes on with the next statement.
Braces are balanced by the time the parser sees them (see `braces`).
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

from sipway.language.expressions import MAX_DEPTH, ExpressionParser
from sipway.language.lexer import END, NAME, NUMBER, STRING, VARIABLE, Token
from sipway.language.nodes import (
    Assign,
    Block,
    Break,
    Case,
    Drop,
    Exit,
    Expression,
    ExpressionStatement,
    If,
    Number,
    Regex,
    Return,
    Statement,
    Switch,
    While,
)
from sipway.language.source import Span
from sipway.language.tokens import STATEMENT_WORDS, SyntaxFailure, describe

# Branches of one if / else if / else if ...
_MAX_BRANCHES: Final = 200
_ELSE_IF_SLIPS: Final = frozenset({"elseif", "elsif", "elif"})
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


class StatementParser(ExpressionParser):
    _nesting = 0

    # --- blocks ---------------------------------------------------------------------------

    def braces(self, what: str) -> Block:
        """`{ ... }`; the current token is the brace."""
        opening = self.advance()
        self._nesting += 1
        if self._nesting > MAX_DEPTH:
            self._nesting -= 1
            self._leave_block()
            raise self.fail(
                "too-deep",
                "blocks are nested too deep here",
                opening,
                hint="put the inner part into a block of its own, route[NAME] { ... }",
            )
        statements = self._statements()
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

    def _leave_block(self) -> None:
        depth = 1
        while depth and self.current.kind != END:
            kind = self.advance().kind
            depth += (kind == "{") - (kind == "}")

    def _statements(self, *stop: str) -> list[Statement]:
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
                self._leave_block()
                if self.word() != "else":
                    return
                continue
            if self.at > start and self.starts_line() and self.starts_statement():
                return
            self.advance()

    # --- statements -----------------------------------------------------------------------

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
        if token.kind == "(" and (body := self._condition_end()) is not None:
            return self._headless(token, body)
        raise self._no_statement(token)

    def _headless(self, token: Token, body: int) -> Statement:
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
        return self._switch(word=token) if is_switch else self._if(word=token)

    def _condition_end(self) -> int | None:
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

    def _keyword(self, word: str) -> Statement:
        if word == "if":
            return self._if()
        if word == "switch":
            return self._switch()
        if word == "while":
            return self._while()
        if word == "break":
            token = self.advance()
            self.end_statement()
            return Break(token.span)
        if word in ("return", "exit", "drop"):
            return self._leaving(word)
        if word == "else":
            raise self._stray_else()
        raise self._stray_case(word)

    def _stray_else(self) -> SyntaxFailure:
        token = self.current
        hint = "remove it, or put the if (...) { ... } that it belongs to in front of it"
        if self.previous.kind == ";" and self.peek(-2).kind == "}":
            hint = "remove the ; in front of it: it ends the if"
        failure = self.fail("else-without-if", "this else belongs to no if", token, hint=hint)
        self.advance()
        return failure

    def _stray_case(self, word: str) -> SyntaxFailure:
        failure = self.fail(
            "case-without-switch",
            f"this {word} belongs to no switch",
            hint="case and default stand directly inside switch (...) { ... }",
        )
        # One message for all the cases here.
        self._cases()
        return failure

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

    # --- if, while, switch ----------------------------------------------------------------

    def _if(self, word: Token | None = None) -> If:
        """An `if` with all its branches; a chain of else-ifs is read without recursion.

        `word` stands for the `if` where that is missing.
        """
        heads: list[tuple[Token, Expression, Block]] = []
        last: Block | None = None
        while True:
            word = word or self.advance()
            condition = self._condition(word)
            heads.append((word, condition, self._body(word)))
            slip = self.word() in _ELSE_IF_SLIPS and self._is_head(1)
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
            if len(heads) >= _MAX_BRANCHES:
                raise self.fail(
                    "too-deep",
                    "this if has too many branches",
                    hint="use a switch, or an htable",
                )
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

    def _while(self) -> While:
        word = self.advance()
        condition = self._condition(word)
        body = self._body(word)
        return While(word.span.to(body.span), condition, body)

    def _switch(self, word: Token | None = None) -> Switch:
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
            self._statements("case", "default")
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
        statements = self._statements("case", "default")
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

    # --- simple statements ----------------------------------------------------------------

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
        if token.text in _ELSE_IF_SLIPS:
            raise self.fail(
                "else-without-if",
                f"this {token.text} belongs to no if",
                token,
                hint="write else if (...), directly behind the } of the if",
            )
        if following.kind == "(":
            return self._call_statement(token)
        raise self._no_call(token, following)

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
