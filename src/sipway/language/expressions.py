"""Expressions: operators and how tight they bind."""

from __future__ import annotations

from typing import Final

from sipway.language.lexer import (
    END,
    NAME,
    STRING,
    Token,
)
from sipway.language.nodes import (
    Binary,
    Expression,
    Name,
    Unary,
)
from sipway.language.operands import MAX_DEPTH, PREFIX_WORDS, WORD_OPERATORS, OperandParser

# Operators in one chain, a + b + c ...: each makes the tree one deeper.
_MAX_CHAIN: Final = 400

# How tight an operator binds, and the symbol that the tree has for it. Observed on 5.6.3:
# comparisons bind tighter than shifts and bit operators, and >> tighter than <<.
_BINARY: Final = {
    "||": (1, "||"), "or": (1, "||"),
    "&&": (2, "&&"), "and": (2, "&&"),
    "|": (3, "|"),
    "&": (4, "&"),
    "^": (5, "^"),
    "<<": (6, "<<"),
    ">>": (7, ">>"),
    "==": (8, "=="), "!=": (8, "!="), "=~": (8, "=~"),
    "eq": (8, "eq"), "ne": (8, "ne"), "ieq": (8, "ieq"), "ine": (8, "ine"),
    "<": (9, "<"), ">": (9, ">"), "<=": (9, "<="), ">=": (9, ">="),
    "+": (10, "+"), "-": (10, "-"),
    "*": (11, "*"), "/": (11, "/"), "mod": (11, "%"),
}  # fmt: skip
_COMPARISONS: Final = frozenset({"==", "!=", "=~"})
_PREFIX: Final = {"!": "!", "-": "-", "~": "~"}

# Operators that other languages have: what to write instead.
_FOREIGN_OPERATORS: Final = {
    "!~": ("!~ is no operator", "write !(a =~ b)"),
    "%": ("% is no operator", "the remainder of a division is written a mod b"),
    ".": (". does not join texts", "write a + b"),
    "===": ("=== is no operator", "write =="),
    "<>": ("<> is no operator", "write !="),
    "?": ("there is no a ? b : c", "use if (a) { ... } else { ... }"),
    "++": ("++ is no operator", "write $var(x) = $var(x) + 1;"),
}
_FOREIGN_EQUIVALENT: Final = {
    "!~": (8, "=~"), "%": (11, "%"), ".": (10, "+"), "===": (8, "=="), "<>": (8, "!="),
}  # fmt: skip


class ExpressionParser(OperandParser):
    """Reads expressions by precedence climbing."""

    def expression(self, least: int = 1) -> Expression:
        """An expression of operators that bind at least as tight as `least`.

        Raises SyntaxFailure once the mistake in it has been reported.
        """
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._depth -= 1
            raise self.too_deep()
        try:
            return self._binary(self._prefix(), least)
        finally:
            self._depth -= 1

    def _binary(self, left: Expression, least: int) -> Expression:
        chain = 0
        while True:
            token = self.current
            if token.kind == NAME and token.text not in WORD_OPERATORS:
                return left
            found = _BINARY.get(token.text) if token.kind != STRING else None
            if found is None:
                found = self._foreign(token)
                if found is None:
                    return left
            level, symbol = found
            if level < least:
                return left
            chain += 1
            if chain > _MAX_CHAIN:
                raise self.too_deep()
            self.advance()
            self._check_operand_follows(token)
            right = self.expression(level + 1)
            left = Binary(left.span.to(right.span), symbol, left, right, token.span)

    def _foreign(self, token: Token) -> tuple[int, str] | None:
        """An operator of another language: reported, and read as what is meant."""
        if token.kind not in _FOREIGN_OPERATORS:
            return None
        message, hint = _FOREIGN_OPERATORS[token.kind]
        equivalent = _FOREIGN_EQUIVALENT.get(token.kind)
        if equivalent is None:
            raise self.fail("wrong-operator", message, token, hint=hint)
        self.report("wrong-operator", message, token, hint=hint)
        return equivalent

    def _check_operand_follows(self, operator: Token) -> None:
        token = self.current
        if (
            token.kind in (")", ";", ",", "]", "{", "}", END)
            or (token.kind in _BINARY and token.kind not in _PREFIX)
            or token.kind == "="
            or (token.kind == NAME and token.text in WORD_OPERATORS)
        ):
            raise self.fail(
                "missing-value",
                f"a value is missing behind {operator.text}",
                operator.after,
                hint=f"{operator.text} needs a value on both sides",
            )

    def _prefix(self) -> Expression:
        prefixes: list[tuple[Token, str]] = []
        while True:
            token = self.current
            if token.kind in _PREFIX:
                prefixes.append((self.advance(), _PREFIX[token.kind]))
            elif token.kind == NAME and token.text in PREFIX_WORDS:
                prefixes.append((self.advance(), PREFIX_WORDS[token.text]))
            elif token.kind == "(" and self._is_cast():
                self.advance()
                cast = self.advance().text
                self.advance()
                prefixes.append((token, f"({cast})"))
            else:
                break
            if len(prefixes) > MAX_DEPTH:
                raise self.too_deep()
        operand = self.primary()
        if prefixes and isinstance(operand, Name) and self.current.kind in _COMPARISONS:
            # `!method == "ACK"`: a keyword and what it is compared with are one operand.
            operand = self._binary(operand, _BINARY["=="][0])
        for token, operator in reversed(prefixes):
            operand = Unary(token.span.to(operand.span), operator, operand)
        return operand

    def _is_cast(self) -> bool:
        word = self.peek()
        return word.kind == NAME and word.text in ("int", "str") and self.peek(2).kind == ")"
