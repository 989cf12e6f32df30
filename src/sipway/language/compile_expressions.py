"""Operators and conditions of a script as Python `ast`."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from sipway.language import runtime
from sipway.language.compile_calls import CallCompiler
from sipway.language.compile_places import locate
from sipway.language.compile_values import INT, TEXT, Value, ctx_name
from sipway.language.nodes import (
    Binary,
    Call,
    Expression,
    Name,
    Network,
    Regex,
    RouteCall,
    String,
    Unary,
    Variable,
)
from sipway.language.regex import compile_posix
from sipway.language.resolve import nearest
from sipway.language.signatures import OperandType
from sipway.language.source import Span

PROTOCOLS: Final = {"UDP": 1, "TCP": 2, "TLS": 3, "SCTP": 4, "WS": 5, "WSS": 6}
FAMILIES: Final = {"INET": 2, "INET6": 10}

_ORDER: Final = {"<": ast.Lt, ">": ast.Gt, "<=": ast.LtE, ">=": ast.GtE}
_BITS: Final = {"&": ast.BitAnd, "|": ast.BitOr, "^": ast.BitXor}
_WRAPPING: Final = {"-": ast.Sub, "*": ast.Mult}
_ARITHMETIC: Final = frozenset(("+", "-", "*", "/", "%", "&", "|", "^", "~", "<<", ">>"))
_HELPED: Final = {"/": "divide", "%": "remainder", "<<": "shift_left", ">>": "shift_right"}


class ExpressionCompiler(CallCompiler):
    """Compiles the expressions of one block."""

    # --- operators --------------------------------------------------------------

    def _value_unary(self, node: Unary) -> Value:
        operator = node.operator
        if operator in ("!", "defined", "strempty"):
            return self._truth(self.condition(node))
        operand = self._logical(node.operand)
        if operator == "-":
            return Value(self.helper("wrap", ast.UnaryOp(ast.USub(), self.as_int(operand))), INT)
        if operator == "~":
            return Value(ast.UnaryOp(ast.Invert(), self.as_int(operand)), INT)
        if operator == "(int)":
            return Value(self.as_int(operand), INT)
        if operator == "strlen":
            length = ast.Call(ast.Name("len", ast.Load()), [self.as_text(operand)], [])
            return Value(length, INT)
        return Value(self.as_text(operand), TEXT)

    def _truth(self, condition: ast.expr) -> Value:
        return Value(ast.IfExp(condition, ast.Constant(1), ast.Constant(0)), INT)

    def _value_binary(self, node: Binary) -> Value:
        operator = node.operator
        if operator in ("&&", "||", "==", "!=", "=~", "!~") or operator in _ORDER:
            return self._truth(self.condition(node))
        if operator == "+":
            return self._sum(node)
        left, right = (self.as_int(self._logical(side)) for side in (node.left, node.right))
        if operator in _BITS:
            return Value(ast.BinOp(left, _BITS[operator](), right), INT)
        if operator in _WRAPPING:
            return Value(self.helper("wrap", ast.BinOp(left, _WRAPPING[operator](), right)), INT)
        if operator in _HELPED:
            self.risky |= operator in "/%"
            return Value(self.helper(_HELPED[operator], left, right), INT)
        return self.error("unknown-operator", f"there is no operator {operator}", node.span)

    def _sum(self, node: Binary) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        if left.types == TEXT:
            return Value(ast.BinOp(left.code, ast.Add(), self.as_text(right)), TEXT)
        if left.types == INT:
            if right.types == TEXT and right.constant:
                return self._mismatch(node.right.span)
            total = ast.BinOp(left.code, ast.Add(), self.as_int(right))
            return Value(self.helper("wrap", total), INT)
        return Value(self.helper("add", left.code, right.code), frozenset({int, str}))

    def _mismatch(self, span: Span) -> Value:
        return self.error(
            "wrong-type",
            "a text cannot be used as a number here",
            span,
            "write the number without quotes, or begin with a text",
        )

    # --- conditions -------------------------------------------------------------

    def _logical(self, node: Expression) -> Value:
        """A value in a place where a call counts as 1 or 0."""
        if isinstance(node, Call | RouteCall):
            return self._truth(self.condition(node))
        return self.value(node)

    def condition(self, node: Expression) -> ast.expr:
        """A Python condition: true or false as the script's expression is."""
        code = self._condition(node)
        locate(code, node.span)
        return code

    def _condition(self, node: Expression) -> ast.expr:
        if isinstance(node, Call):
            return self._call_condition(node)
        if isinstance(node, RouteCall):
            return _compare(self.noted_call(node), ast.Gt(), ast.Constant(0))
        if isinstance(node, Unary):
            return self._unary_condition(node)
        if isinstance(node, Binary):
            operator = node.operator
            if operator in ("&&", "||"):
                kind = ast.And() if operator == "&&" else ast.Or()
                return ast.BoolOp(kind, [self._side(side) for side in _flat(node, operator)])
            if operator in ("==", "!="):
                return self._equality(node, operator == "!=")
            if operator in ("=~", "!~"):
                return self._match(node, operator == "!~")
            if operator in _ORDER:
                left, right = (self._ordered(side) for side in (node.left, node.right))
                return _compare(left, _ORDER[operator](), right)
        value = self.value(node)
        return _compare(self.as_int(value), ast.Gt(), ast.Constant(0))

    def _call_condition(self, node: Call) -> ast.expr:
        """Whether a function returns more than 0; a plain test where the function has one."""
        place_of_code = len(self.codes)
        code = self.call(node)
        signature = self._scope.function(node.name, node.name_span)
        test = signature.taking(len(node.arguments)).test if signature else None
        if test is not None and isinstance(code, ast.Call) and not self.sets_retcode(node):
            given = code.args[1:]
            if all(isinstance(each, ast.Constant) for each in given):
                assert signature is not None
                names = [argument.name for argument in signature.arguments]
                return _filled(test, dict(zip(names, given, strict=False)))
        name = self.temporary()
        self.codes.insert(place_of_code, name)
        return _compare(self._noted(node, name, code), ast.Gt(), ast.Constant(0))

    def _side(self, node: Expression) -> ast.expr:
        """A side of `&&` and `||`: everything but zero is true."""
        if isinstance(node, Call | RouteCall | Unary | Binary):
            value_like = isinstance(node, Binary | Unary) and node.operator in _ARITHMETIC
            if not value_like:
                return self.condition(node)
        return _compare(self.as_int(self.value(node)), ast.NotEq(), ast.Constant(0))

    def _ordered(self, node: Expression) -> ast.expr:
        value = self._logical(node)
        if value.constant and value.types == TEXT:
            return self._mismatch(node.span).code
        return self.as_int(value)

    def _unary_condition(self, node: Unary) -> ast.expr:
        operator, operand = node.operator, node.operand
        if operator == "!":
            return ast.UnaryOp(ast.Not(), self._side(operand))
        if operator == "defined":
            return _compare(self.value(operand).code, ast.IsNot(), ast.Constant(None))
        if operator == "strempty":
            return _compare(self.as_text(self.value(operand)), ast.Eq(), ast.Constant(""))
        return _compare(self.as_int(self.value(node)), ast.Gt(), ast.Constant(0))

    def _equality(self, node: Binary, negated: bool) -> ast.expr:
        special = self._with_operand(node, negated)
        if special is not None:
            return special
        equal: ast.cmpop = ast.NotEq() if negated else ast.Eq()
        if _is_null(node.right) or _is_null(node.left):
            other = self._logical(node.left if _is_null(node.right) else node.right)
            test: ast.cmpop = ast.IsNot() if negated else ast.Is()
            return _compare(other.code, test, ast.Constant(None))
        left, right = self._logical(node.left), self._logical(node.right)
        if left.types == INT:
            if right.constant and right.types == TEXT:
                return self._mismatch(node.right.span).code
            return _compare(left.code, equal, self.as_int(right))
        if left.types == TEXT:
            return _compare(left.code, equal, self.as_text(right))
        if left.types <= {str, type(None)} and right.types == TEXT:
            if right.constant and right.code.value:  # type: ignore[attr-defined]
                return _compare(left.code, equal, right.code)
            return _compare(self.as_text(left), equal, right.code)
        if isinstance(right.code, ast.Constant):
            same = ast.Constant(runtime.all_equal(right.code.value))  # type: ignore[arg-type]
            return _compare(left.code, ast.NotIn() if negated else ast.In(), same)
        code = self.helper("equal", left.code, right.code)
        return ast.UnaryOp(ast.Not(), code) if negated else code

    def _match(self, node: Binary, negated: bool) -> ast.expr:
        subject = self.as_text(self._logical(node.left))
        pattern = node.right
        if isinstance(pattern, String | Regex):
            text = pattern.value if isinstance(pattern, String) else pattern.pattern
            try:
                search = compile_posix(text)
            except ValueError as error:
                self.error("wrong-regex", str(error), pattern.span)
                return ast.Constant(False)
            code: ast.expr = ast.Call(self.bind("re", search), [subject], [])
            test: ast.cmpop = ast.Is() if negated else ast.IsNot()
            return _compare(code, test, ast.Constant(None))
        self.risky = True
        code = self.helper("matches", subject, self.as_text(self.value(pattern)))
        return ast.UnaryOp(ast.Not(), code) if negated else code

    # --- bare words compared ----------------------------------------------------

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
                return _compare(subject.code, equal, ast.Constant(table[word.upper()]))
        if signature.type is OperandType.ADDRESS:
            text = right.text if isinstance(right, Network) else getattr(right, "value", None)
            if isinstance(text, str):
                return self._address(subject.code, text, negated)
        return None

    def _myself(self, node: Expression, kind: OperandType | None, negated: bool) -> ast.expr:
        subject = self.value(node).code
        if kind is OperandType.ADDRESS:
            check = self.bind("is_myself_address", self._catalog.is_myself_address)
        else:
            check = self.bind("is_myself_uri", self._catalog.is_myself_uri)
        code: ast.expr = ast.Call(check, [ctx_name(), subject], [])
        return ast.UnaryOp(ast.Not(), code) if negated else code

    def _address(self, subject: ast.expr, text: str, negated: bool) -> ast.expr:
        try:
            contains = runtime.network_test(text)
        except ValueError:
            equal: ast.cmpop = ast.NotEq() if negated else ast.Eq()
            return _compare(subject, equal, ast.Constant(text))
        code: ast.expr = ast.Call(self.bind("in_network", contains), [subject], [])
        return ast.UnaryOp(ast.Not(), code) if negated else code


def _filled(expression: str, values: Mapping[str, ast.expr]) -> ast.expr:
    """A Python expression with values in the place of names."""
    code: ast.expr = _copied(_parsed(expression), values)
    return code


@cache
def _parsed(expression: str) -> ast.expr:
    return ast.parse(expression, mode="eval").body


def _copied(node: Any, values: Mapping[str, ast.expr]) -> Any:
    """A copy without places, with values in the place of names."""
    if isinstance(node, list):
        return [_copied(item, values) for item in node]
    if not isinstance(node, ast.AST):
        return node
    if isinstance(node, ast.Name) and node.id in values:
        return values[node.id]
    return type(node)(**{name: _copied(value, values) for name, value in ast.iter_fields(node)})


def _compare(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.expr:
    return ast.Compare(left, [operator], [right])


def _is_null(node: Expression) -> bool:
    return isinstance(node, Variable) and node.spec.name == "null"


def _flat(node: Expression, operator: str) -> list[Expression]:
    """The operands of a chain of one operator, so that a long chain is not a deep one."""
    found: list[Expression] = []
    while isinstance(node, Binary) and node.operator == operator:
        found.append(node.right)
        node = node.left
    found.append(node)
    return found[::-1]
