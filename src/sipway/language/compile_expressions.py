"""Operators and conditions of a script as Python `ast`."""

from __future__ import annotations

import ast
from typing import Final

from sipway.language import runtime
from sipway.language.compile_operands import NUMBERS, OperandCompiler
from sipway.language.compile_pieces import compare, filled
from sipway.language.compile_places import locate
from sipway.language.compile_values import INT, TEXT, Value
from sipway.language.nodes import (
    Binary,
    Call,
    Expression,
    Number,
    Regex,
    RouteCall,
    String,
    Unary,
    Variable,
)
from sipway.language.regex import compile_posix
from sipway.language.signatures import OperandType
from sipway.language.static_types import VALUE_FUNCTIONS, misfit, static_type

_ORDER: Final = {"<": ast.Lt, ">": ast.Gt, "<=": ast.LtE, ">=": ast.GtE}
_BITS: Final = {"&": ast.BitAnd, "|": ast.BitOr, "^": ast.BitXor}
_WRAPPING: Final = {"-": ast.Sub, "*": ast.Mult}
_HELPED: Final = {"/": "divide", "%": "remainder", "<<": "shift_left", ">>": "shift_right"}
# These compare as texts or as numbers, whatever the sides are.
_FORCED: Final = frozenset(("eq", "ne", "ieq", "ine"))
_NEGATED: Final = frozenset(("!=", "ne", "ine"))
# Operators that yield 1 or 0.
_COMPARISONS: Final = frozenset(("&&", "||", "==", "!=", "=~", *_ORDER, *_FORCED))
_TESTS: Final = frozenset(("!", "defined", "strempty"))
# What a null on the left side is equal to.
_NOTHING: Final = ("", 0, None)


class ExpressionCompiler(OperandCompiler):
    """Compiles the expressions of one block."""

    # What a call that ended the script counts as in the condition at hand: whatever keeps
    # Python from going on with it.
    _ended_is_true = False
    codes_are_values = False
    """With `return_mode=1`: a call counts as its code, and all but 0 is true."""

    # --- operators --------------------------------------------------------------

    def _value_unary(self, node: Unary) -> Value:
        operator = node.operator
        if operator in _TESTS:
            return self._truth(self.condition(node))
        if self._is_misfit(node):
            return Value(ast.Constant(0), INT)
        if operator == "-":
            negative = ast.UnaryOp(ast.USub(), self.number(node.operand))
            return Value(self.helper("wrap", negative), INT)
        if operator == "~":
            return Value(ast.UnaryOp(ast.Invert(), self.number(node.operand)), INT)
        if operator == "(int)":
            return Value(self.number(node.operand), INT)
        text = self.as_text(self._logical(node.operand))
        if operator == "strlen":
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                return Value(ast.Constant(len(text.value)), INT)
            return Value(ast.Call(ast.Name("len", ast.Load()), [text], []), INT)
        return Value(text, TEXT)

    def _truth(self, condition: ast.expr) -> Value:
        return Value(ast.IfExp(condition, ast.Constant(1), ast.Constant(0)), INT)

    def _value_binary(self, node: Binary) -> Value:
        operator = node.operator
        if operator in _COMPARISONS:
            return self._truth(self.condition(node))
        if self._is_misfit(node):
            return Value(ast.Constant(0), INT)
        if operator == "+":
            return self._sum(node)
        left, right = self.number(node.left), self.number(node.right)
        if operator in _BITS:
            return Value(ast.BinOp(left, _BITS[operator](), right), INT)
        if operator in _WRAPPING:
            return Value(self.helper("wrap", ast.BinOp(left, _WRAPPING[operator](), right)), INT)
        self.risky |= operator in "/%"
        return Value(self.helper(_HELPED[operator], left, right), INT)

    def _sum(self, node: Binary) -> Value:
        """The left side says whether it is a sum or a longer text."""
        if static_type(node.left) is int:
            for side, other in ((node.right, node.left), (node.left, node.right)):
                # What adds nothing is left out, so that a call keeps its code.
                if isinstance(side, Number) and side.value == 0 and static_type(other) is int:
                    return self.value(other)
            return Value(self.number(node, checked=True), INT)
        left, right = self._logical(node.left), self._logical(node.right)
        if left.types == TEXT:
            return Value(ast.BinOp(left.code, ast.Add(), self.as_text(right)), TEXT)
        if left.types == INT:
            total = ast.BinOp(left.code, ast.Add(), self.as_int(right))
            return Value(self.helper("wrap", total), INT)
        return Value(self.helper("add", left.code, right.code), frozenset({int, str}))

    def number(self, node: Expression, *, checked: bool = False) -> ast.expr:
        """An expression where a number is wanted: a call is 1 or 0, and + is a sum."""
        if not (isinstance(node, Binary) and node.operator == "+"):
            return self.as_int(self._logical(node))
        if static_type(node) is str:
            return self.as_int(self.value(node))
        if not checked and self._is_misfit(node):
            return ast.Constant(0)
        total = ast.BinOp(self.number(node.left), ast.Add(), self.number(node.right))
        return self.helper("wrap", total)

    def _is_misfit(self, node: Unary | Binary) -> bool:
        """Whether an operand's type is one that Kamailio refuses for it; reported if so."""
        found = misfit(node)
        if found is None:
            return False
        operand, wanted = found
        if wanted is int:
            message = "a text cannot be used as a number here"
            hint = "write the number without quotes, or (int) in front; texts are joined to a text"
        else:
            message = "a number cannot be used as a text here"
            hint = "write it in quotes, or (str) in front"
        self.error("wrong-type", message, operand.span, hint)
        return True

    # --- conditions -------------------------------------------------------------

    def _logical(self, node: Expression) -> Value:
        """A value in a place where a call counts as 1 or 0, or as its code."""
        if _is_call(node) and not self.codes_are_values:
            return self._truth(self.condition(node))
        return self.value(node)

    def _value_call(self, node: Call) -> Value:
        if node.name not in VALUE_FUNCTIONS:
            return super()._value_call(node)
        if len(node.arguments) != 3:
            return self.error(
                "wrong-arguments",
                "selval() takes a condition and two values",
                node.span,
                'as in selval($rU == "100", "yes", "no")',
            )
        condition, yes, no = node.arguments
        test = self.condition(condition)
        before, start = self.before, len(self.codes)
        chosen = []
        for each in (yes, no):
            self.before = before
            chosen.append(self._not_null(self._logical(each)))
        self.before = before + self.codes[start:]
        code = ast.IfExp(test, chosen[0].code, chosen[1].code)
        return Value(code, chosen[0].types | chosen[1].types)

    def _not_null(self, value: Value) -> Value:
        """A null as an empty text, everything else as it is."""
        if type(None) not in value.types:
            return value
        code: ast.expr = ast.Constant("")
        if not value.constant:
            code = self.helper("not_null", value.code)
        return Value(code, value.types - {type(None)} | TEXT)

    def condition(self, node: Expression) -> ast.expr:
        """A Python condition: true or false as the script's expression is."""
        code = self._condition(node)
        locate(code, node.span)
        return code

    def _condition(self, node: Expression) -> ast.expr:
        if isinstance(node, Call | RouteCall) and _is_call(node):
            return self._code_condition(node) if self.codes_are_values else self._passes(node)
        if isinstance(node, Unary) and node.operator in _TESTS:
            return ast.Constant(False) if self._is_misfit(node) else self._unary_condition(node)
        if isinstance(node, Binary) and node.operator in _COMPARISONS:
            return ast.Constant(False) if self._is_misfit(node) else self._comparison(node)
        true = ast.NotEq() if self.codes_are_values else ast.Gt()
        return compare(self.number(node), true, ast.Constant(0))

    def _code_condition(self, node: Call | RouteCall) -> ast.expr:
        """Whether a call returns something else than 0, as all do that do not end the script."""
        self._diagnostics.warning(
            "always-true",
            "with return_mode=1 this is true whatever the call returns",
            node.span,
            hint="compare its code: f() > 0 where f() is to be true, f() < 0 instead of !f()",
        )
        code = self.noted_call(node)
        if self._ended_is_true:
            return compare(code, ast.NotEq(), ast.Constant(runtime.BROKEN_OFF))
        nothing = ast.Tuple([ast.Constant(0), ast.Constant(runtime.BROKEN_OFF)], ast.Load())
        return compare(code, ast.NotIn(), nothing)

    def _comparison(self, node: Binary) -> ast.expr:
        operator = node.operator
        if operator in ("&&", "||"):
            return self._chain(node)
        negated = operator in _NEGATED
        if operator in ("==", "!="):
            return self._equality(node, negated)
        if operator in _FORCED:
            if _is_null(node.right):
                return self._null_test(node.left, negated)
            equal: ast.cmpop = ast.NotEq() if negated else ast.Eq()
            if operator in ("ieq", "ine"):
                return compare(self.number(node.left), equal, self.number(node.right))
            left, right = (self.as_text(self._logical(side)) for side in (node.left, node.right))
            return compare(left, equal, right)
        if operator in _ORDER:
            if self.codes_are_values and (tested := self._sign_of_code(node)) is not None:
                return tested
            return compare(self.number(node.left), _ORDER[operator](), self.number(node.right))
        return self._match(node)

    def _sign_of_code(self, node: Binary) -> ast.expr | None:
        """`f() > 0` and `f() < 0` as what `f()` and `!f()` are without return_mode=1."""
        call = node.left
        if not isinstance(call, Call | RouteCall) or not _is_call(call):
            return None
        if not isinstance(node.right, Number) or node.right.value != 0:
            return None
        if node.operator == ">":
            return self._passes(call)
        if node.operator != "<" or isinstance(call, RouteCall):  # one that broke off gives 0
            return None
        self._ended_is_true = not self._ended_is_true
        passes = self._passes(call)
        self._ended_is_true = not self._ended_is_true
        return ast.UnaryOp(ast.Not(), passes)

    def _passes(self, node: Call | RouteCall) -> ast.expr:
        """Whether a call returns more than 0."""
        if isinstance(node, RouteCall):
            return compare(self.noted_call(node), self._true_code(), ast.Constant(0))
        return self._call_condition(node)

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
                return filled(test, dict(zip(names, given, strict=False)))
        name = self.temporary()
        self.codes.insert(place_of_code, name)
        return compare(self._noted(node, name, code), self._true_code(), ast.Constant(0))

    def _true_code(self) -> ast.cmpop:
        """How a code compares with 0 where it is true; the code 0 itself ends the script."""
        return ast.GtE() if self._ended_is_true else ast.Gt()

    def _chain(self, node: Binary) -> ast.expr:
        """Sides joined by `&&` or `||`; after one that ended the script no more are evaluated."""
        before, outer, start = self._ended_is_true, self.before, len(self.codes)
        self._ended_is_true = node.operator == "||"
        sides: list[ast.expr] = []
        for side in _flat(node, node.operator):
            first, self.before = len(self.codes), outer  # what ends the script ends the chain
            sides.append(self._side(side))
            if not _is_call(side):  # a call alone is what `_ended_is_true` says
                ended = ast.Eq() if self._ended_is_true else ast.NotEq()
                sides += (
                    compare(ast.Name(name, ast.Load()), ended, ast.Constant(0))
                    for name in self.codes[first:]
                )
        self._ended_is_true = before
        self.before = outer + self.codes[start:]  # each of them may have been skipped
        return ast.BoolOp(ast.And() if node.operator == "&&" else ast.Or(), sides)

    def _side(self, node: Expression) -> ast.expr:
        """A side of `&&` and `||`: everything but zero is true."""
        if isinstance(node, Unary):
            tests = node.operator in _TESTS
        elif isinstance(node, Binary):
            tests = node.operator in _COMPARISONS
        else:
            tests = _is_call(node)
        if tests:
            return self.condition(node)
        return compare(self.number(node), ast.NotEq(), ast.Constant(0))

    def _unary_condition(self, node: Unary) -> ast.expr:
        operator, operand = node.operator, node.operand
        if operator == "!":
            self._ended_is_true = not self._ended_is_true
            side = self._side(operand)
            self._ended_is_true = not self._ended_is_true
            return ast.UnaryOp(ast.Not(), side)
        if operator == "defined":
            value = self.value(operand)
            if value.constant:
                return ast.Constant(value.code.value is not None)  # type: ignore[attr-defined]
            return compare(value.code, ast.IsNot(), ast.Constant(None))
        return compare(self.as_text(self.value(operand)), ast.Eq(), ast.Constant(""))

    def _equality(self, node: Binary, negated: bool) -> ast.expr:
        special = self._with_operand(node, negated)
        if special is not None:
            return special
        equal: ast.cmpop = ast.NotEq() if negated else ast.Eq()
        if _is_null(node.right):
            return self._null_test(node.left, negated)
        if static_type(node.left) is int:
            return compare(self.number(node.left), equal, self.number(node.right))
        left, right = self._logical(node.left), self._logical(node.right)
        if _is_null(node.left):
            nothing = ast.Constant(_NOTHING)  # type: ignore[arg-type]
            return compare(right.code, ast.NotIn() if negated else ast.In(), nothing)
        if left.types == INT:
            return compare(left.code, equal, self.as_int(right))
        if left.types == TEXT:
            return compare(left.code, equal, self.as_text(right))
        if left.types <= {str, type(None)} and right.types == TEXT:
            if right.constant and right.code.value:  # type: ignore[attr-defined]
                return compare(left.code, equal, right.code)
            return compare(self.as_text(left), equal, right.code)
        if isinstance(right.code, ast.Constant):
            same = ast.Constant(runtime.all_equal(right.code.value))  # type: ignore[arg-type]
            return compare(left.code, ast.NotIn() if negated else ast.In(), same)
        code = self.helper("equal", left.code, right.code)
        return ast.UnaryOp(ast.Not(), code) if negated else code

    def _null_test(self, node: Expression, negated: bool) -> ast.expr:
        """`x == $null`, which only null itself passes."""
        value = self._logical(node)
        if isinstance(value.code, ast.Constant):
            return ast.Constant((value.code.value is None) is not negated)
        test: ast.cmpop = ast.IsNot() if negated else ast.Is()
        return compare(value.code, test, ast.Constant(None))

    def _match(self, node: Binary) -> ast.expr:
        left = node.left
        if self._operand_type(left) in NUMBERS:
            self.error(
                "wrong-type",
                "a number cannot be used as a text here",
                left.span,
                "compare it with ==, != or <",
            )
            return ast.Constant(False)
        if self._operand_type(left) is OperandType.URI:  # a reply has none
            value = self.value(left)
            known = compare(value.code, ast.IsNot(), ast.Constant(None))
            matched = self._matched(self.as_text(self.value(left)), node)
            return ast.BoolOp(ast.And(), [known, matched])
        return self._matched(self.as_text(self._logical(left)), node)

    def _matched(self, subject: ast.expr, node: Binary) -> ast.expr:
        pattern = node.right
        if _is_null(pattern):
            return ast.Constant(_is_null(node.left))
        if isinstance(pattern, String | Regex):
            text = pattern.value if isinstance(pattern, String) else pattern.pattern
            try:
                search = compile_posix(text)
            except ValueError as error:
                self.error("wrong-regex", str(error), pattern.span)
                return ast.Constant(False)
            return ast.Call(self.bind("re", search), [subject], [])
        self.risky = True
        return self.helper("matches", subject, self.as_text(self.value(pattern)))


def _is_call(node: Expression) -> bool:
    """Whether it has a return code, which is one thing alone and another in an expression."""
    if isinstance(node, Call):
        return node.name not in VALUE_FUNCTIONS
    return isinstance(node, RouteCall)


def _is_null(node: Expression) -> bool:
    return isinstance(node, Variable) and node.spec.name == "null" and not node.spec.transformations


def _flat(node: Expression, operator: str) -> list[Expression]:
    """The operands of a chain of one operator, so that a long chain is not a deep one."""
    found: list[Expression] = []
    while isinstance(node, Binary) and node.operator == operator:
        found.append(node.right)
        node = node.left
    found.append(node)
    return found[::-1]
