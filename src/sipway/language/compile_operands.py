"""Comparisons with what a bare word stands for: `uri==myself`, `src_ip==10.0.0.0/8`, `af==INET`."""

from __future__ import annotations

import ast
from typing import Final

from sipway.language import runtime
from sipway.language.compile_calls import CallCompiler
from sipway.language.compile_pieces import compare, ctx_name
from sipway.language.compile_values import Value
from sipway.language.near import nearest
from sipway.language.nodes import Binary, Expression, MessageLength, Name, Network
from sipway.language.signatures import OperandType

PROTOCOLS: Final = {"UDP": 1, "TCP": 2, "TLS": 3, "SCTP": 4, "WS": 5, "WSS": 6}
FAMILIES: Final = {"INET": 2, "INET6": 10}
NUMBERS: Final = frozenset(
    (OperandType.NUMBER, OperandType.PORT, OperandType.PROTOCOL, OperandType.FAMILY)
)


class OperandCompiler(CallCompiler):
    def _operand_type(self, node: Expression) -> OperandType | None:
        if isinstance(node, MessageLength):
            return OperandType.NUMBER
        signature = self._catalog.operands.get(node.name) if isinstance(node, Name) else None
        return None if signature is None else signature.type

    def _with_operand(self, node: Binary, negated: bool) -> ast.expr | None:
        """`uri==myself`, `src_ip==10.0.0.0/8`, `proto==UDP`, `af==INET`; None for others."""
        left, right = node.left, node.right
        if isinstance(left, Name) and left.name == "myself":
            left, right = right, left
        signature = self._catalog.operands.get(left.name) if isinstance(left, Name) else None
        if isinstance(right, Name) and right.name == "myself":
            return self._myself(left, signature.type if signature else None, negated)
        if signature is None:
            return None
        assert isinstance(left, Name)
        equal: ast.cmpop = ast.NotEq() if negated else ast.Eq()
        subject = self.value(left)
        if signature.type is OperandType.PROTOCOL or signature.type is OperandType.FAMILY:
            table = PROTOCOLS if signature.type is OperandType.PROTOCOL else FAMILIES
            word = right.name if isinstance(right, Name) else getattr(right, "value", None)
            if isinstance(word, str):
                if word.upper() not in table:
                    return self.error(
                        "wrong-word",
                        f"{left.name} is one of {', '.join(table)}, not {word}",
                        right.span,
                        nearest(word.upper(), table),
                    ).code
                return compare(subject.code, equal, ast.Constant(table[word.upper()]))
        if signature.type is OperandType.URI or left.name == "method":
            return self._same_text(left, right, negated)
        if signature.type is OperandType.ADDRESS:
            text = right.text if isinstance(right, Network) else getattr(right, "value", None)
            if isinstance(text, str):
                return self._address(subject.code, text, negated)
        return None

    def _same_text(self, left: Name, right: Expression, negated: bool) -> ast.expr:
        """A method or a URI, compared without regard to case; one that is not there is unequal."""
        wanted = self.as_text(self._logical(right))
        if isinstance(wanted, ast.Constant):
            wanted = ast.Constant(str(wanted.value).lower())
        else:
            wanted = self.helper("lower", wanted)
        equal: ast.cmpop = ast.NotEq() if negated else ast.Eq()
        return compare(self.helper("lower", self.value(left).code), equal, wanted)

    def _myself(self, node: Expression, kind: OperandType | None, negated: bool) -> ast.expr:
        subject = self.value(node).code
        if kind is OperandType.ADDRESS:
            check = self.bind("is_myself_address", self._catalog.is_myself_address)
        else:
            check = self.bind("is_myself_uri", self._catalog.is_myself_uri)
        code: ast.expr = ast.Call(check, [ctx_name(), subject], [])
        if not negated:
            return code
        other = ast.UnaryOp(ast.Not(), code)
        if kind is not OperandType.URI:
            return other
        known = compare(self.value(node).code, ast.IsNot(), ast.Constant(None))
        return ast.BoolOp(ast.And(), [known, other])  # a reply has none: neither is true

    def _address(self, subject: ast.expr, text: str, negated: bool) -> ast.expr:
        try:
            contains = runtime.network_test(text)
        except ValueError:
            equal: ast.cmpop = ast.NotEq() if negated else ast.Eq()
            return compare(subject, equal, ast.Constant(text))
        code: ast.expr = ast.Call(self.bind("in_network", contains), [subject], [])
        return ast.UnaryOp(ast.Not(), code) if negated else code

    def _logical(self, node: Expression) -> Value:
        """A value in a place where a call counts as 1 or 0, or as its code."""
        raise NotImplementedError
