"""Expressions of a script as Python `ast`.

Values are ints, texts and None (see `runtime`); what is known of a value's type when the
script is compiled chooses plain Python over a helper. A call inside an expression stores its
code in a local name, and the statement around it ends the script if one of them is 0.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sipway.language import runtime
from sipway.language.diagnostics import Diagnostics
from sipway.language.nodes import (
    Binary,
    Call,
    Expression,
    MessageLength,
    Name,
    Network,
    Number,
    Regex,
    RouteCall,
    Select,
    String,
    Unary,
    Variable,
)
from sipway.language.regex import compile_posix
from sipway.language.resolve import Scope, expected_arguments, nearest
from sipway.language.signatures import (
    ArgumentKind,
    ArgumentSignature,
    Catalog,
    Form,
    Location,
    OperandType,
    VariableReference,
    VariableSignature,
)
from sipway.language.source import Span
from sipway.language.substitution import (
    compile_substitution,
    cut_replacement,
    split_substitution,
)
from sipway.language.template import Template, VariableSpec, parse_template

INT: Final = frozenset({int})
TEXT: Final = frozenset({str})
ANY: Final = frozenset({int, str, type(None)})

PROTOCOLS: Final = {"UDP": 1, "TCP": 2, "TLS": 3, "SCTP": 4, "WS": 5, "WSS": 6}
FAMILIES: Final = {"INET": 2, "INET6": 10}
WORDS: Final = {"yes": 1, "on": 1, "true": 1, "no": 0, "off": 0, "false": 0}

_ORDER: Final = {"<": ast.Lt, ">": ast.Gt, "<=": ast.LtE, ">=": ast.GtE}
_BITS: Final = {"&": ast.BitAnd, "|": ast.BitOr, "^": ast.BitXor}
_WRAPPING: Final = {"-": ast.Sub, "*": ast.Mult}
_ARITHMETIC: Final = frozenset(("+", "-", "*", "/", "%", "&", "|", "^", "~", "<<", ">>"))
_HELPED: Final = {"/": "divide", "%": "remainder", "<<": "shift_left", ">>": "shift_right"}


@dataclass(frozen=True, slots=True)
class Value:
    """Python code for a value, and the Python types that it can have."""

    code: ast.expr
    types: frozenset[type] = ANY

    @property
    def constant(self) -> bool:
        return isinstance(self.code, ast.Constant)


class ExpressionCompiler:
    """Compiles the expressions of one block.

    `defines` are the names defined at the end of the script, for `$def(NAME)`.
    `bindings` collects the globals that the code needs, `prelude` functions made for
    formats, `codes` the local names that hold codes of calls in the expression at hand, and
    `risky` says that it may raise `ScriptFault`.
    """

    def __init__(
        self,
        scope: Scope,
        catalog: Catalog,
        diagnostics: Diagnostics,
        bindings: dict[str, object],
        slots: dict[str, int],
        waiting: frozenset[str],
        uses_retcode: bool,
    ) -> None:
        self._scope = scope
        self._catalog = catalog
        self._diagnostics = diagnostics
        self._bindings = bindings
        self._slots = slots
        self._waiting = waiting
        self._uses_retcode = uses_retcode
        self._block = ""
        self.defines: Mapping[str, str | None] = {}
        self._temporaries = 0
        self.codes: list[str] = []
        self.risky = False

    # --- small pieces -----------------------------------------------------------

    def bind(self, name: str, value: object) -> ast.expr:
        """A global of the generated module with this value."""
        unique, number = name, 2
        while unique in self._bindings and self._bindings[unique] is not value:
            unique = f"{name}_{number}"
            number += 1
        self._bindings[unique] = value
        return ast.Name(unique, ast.Load())

    def helper(self, name: str, *arguments: ast.expr) -> ast.expr:
        """A call of a function of `runtime`."""
        return ast.Call(self.bind(f"_{name}", getattr(runtime, name)), list(arguments), [])

    def temporary(self) -> str:
        self._temporaries += 1
        return f"_t{self._temporaries}"

    def error(self, code: str, message: str, span: Span, hint: str | None = None) -> Value:
        self._diagnostics.error(code, message, span, hint=hint)
        return Value(ast.Constant(0), INT)

    def folded(self, value: Value) -> Value:
        """A constant for an expression of constants; any other as it is."""
        names = {node.id for node in ast.walk(value.code) if isinstance(node, ast.Name)}
        if self.risky or not all(getattr(runtime, name[1:], None) for name in names):
            return value
        expression = ast.fix_missing_locations(ast.Expression(value.code))
        result = eval(compile(expression, "<constant>", "eval"), self._bindings)
        return Value(ast.Constant(result), value.types)

    def as_int(self, value: Value) -> ast.expr:
        if value.types == INT:
            return value.code
        if isinstance(value.code, ast.Constant):
            return ast.Constant(runtime.to_int(value.code.value))  # type: ignore[arg-type]
        return self.helper("to_int", value.code)

    def as_text(self, value: Value) -> ast.expr:
        if value.types == TEXT:
            return value.code
        if isinstance(value.code, ast.Constant):
            return ast.Constant(runtime.to_str(value.code.value))  # type: ignore[arg-type]
        return self.helper("to_str", value.code)

    # --- values -----------------------------------------------------------------

    def value(self, node: Expression) -> Value:
        """The value of an expression; of a call that stands alone its code."""
        method = getattr(self, f"_value_{type(node).__name__.lower()}")
        result: Value = method(node)
        ast.copy_location(result.code, place(node.span))
        return result

    def _value_number(self, node: Number) -> Value:
        return Value(ast.Constant(runtime.wrap(node.value)), INT)

    def _value_string(self, node: String) -> Value:
        return Value(ast.Constant(node.value), TEXT)

    def _value_regex(self, node: Regex) -> Value:
        return self.error(
            "misplaced-regex", "a /pattern/ can only be a case of a switch", node.span
        )

    def _value_network(self, node: Network) -> Value:
        return Value(ast.Constant(node.text), TEXT)

    def _value_messagelength(self, _: MessageLength) -> Value:
        return self._operand("msg:len")

    def _value_select(self, node: Select) -> Value:
        return self.error(
            "no-selects", f"selects such as @{node.path} are not there yet", node.span
        )

    def _value_name(self, node: Name) -> Value:
        if node.name in WORDS:
            return Value(ast.Constant(WORDS[node.name]), INT)
        if node.name in self._catalog.operands:
            return self._operand(node.name)
        if node.name == "myself":
            return self.error(
                "misplaced-myself",
                "myself can only be compared with a URI or an address",
                node.span,
                "write uri==myself, or src_ip==myself",
            )
        if node.name == "max_len":
            return Value(ast.Constant(65535), INT)
        return Value(ast.Constant(node.name), TEXT)

    def _operand(self, name: str) -> Value:
        signature = self._catalog.operands[name]
        number = signature.type in (
            OperandType.NUMBER,
            OperandType.PORT,
            OperandType.PROTOCOL,
            OperandType.FAMILY,
        )
        code = ast.Call(self.bind(f"o_{_word(name)}", signature.get), [_ctx()], [])
        return Value(code, INT if number else frozenset({str, type(None)}))

    def _value_variable(self, node: Variable) -> Value:
        return self.variable(node.spec)

    def variable(self, spec: VariableSpec) -> Value:
        """What reads a variable, its transformations included."""
        if spec.name in ("def", "defn", "defs"):
            result = self._define(spec)
        else:
            signature = self._scope.variable(spec)
            if signature is None:
                return Value(ast.Constant(None))
            result = self._plain_variable(spec, signature)
        for each in spec.transformations:
            transformation = self._scope.transformation(each)
            if transformation is None:
                return result
            arguments = [self.template(argument).code for argument in each.arguments]
            function = self.bind(f"t_{_word(each.name)}", transformation.apply)
            result = Value(ast.Call(function, [result.code, *arguments], []))
        return result

    def _define(self, spec: VariableSpec) -> Value:
        """`$def(NAME)`: the text of a define, null without one; `$defn` as a number."""
        name = "".join(map(str, spec.inner or ()))
        text = self.defines.get(name)
        if spec.name == "defn":
            return Value(ast.Constant(runtime.to_int(text)), INT)
        if text is None:
            return Value(ast.Constant(None))
        return Value(ast.Constant(text.strip("\"'") if spec.name == "defs" else text), TEXT)

    def _plain_variable(self, spec: VariableSpec, signature: VariableSignature) -> Value:
        types = frozenset(signature.values) | (
            frozenset({type(None)}) if signature.nullable else frozenset()
        )
        if signature.slot:
            return Value(self._slot(spec), frozenset({int, str}))
        if signature.attribute and spec.inner is None and spec.index is None:
            code = _ctx()
            for name in signature.attribute.split("."):
                code = ast.Attribute(code, name, ast.Load())
            return Value(code, types)
        function = self.bind(f"v_{_word(spec.name)}", signature.get)
        return Value(ast.Call(function, [_ctx(), *self._access(spec, signature)], []), types)

    def _slot(self, spec: VariableSpec, store: bool = False) -> ast.expr:
        inner = spec.inner or ()
        name = inner[0] if len(inner) == 1 else None
        if not isinstance(name, str):
            self.error("dynamic-name", "the name of a $var is a plain word", spec.span)
            name = ""
        slot = self._slots.setdefault(name, len(self._slots))
        variables = ast.Attribute(_ctx(), "vars", ast.Load())
        context = ast.Store() if store else ast.Load()
        return ast.Subscript(variables, ast.Constant(slot), context)

    def _access(self, spec: VariableSpec, signature: VariableSignature) -> list[ast.expr]:
        """The arguments behind `ctx` (and the value): inner name and index."""
        found: list[ast.expr] = []
        if signature.inner is not signature.inner.NONE:
            found.append(self._inner(spec, signature))
        if signature.indexed:
            index = spec.index
            if isinstance(index, VariableSpec):
                found.append(self.as_int(self.variable(index)))
            else:
                found.append(ast.Constant(index))
        return found

    def _inner(self, spec: VariableSpec, signature: VariableSignature) -> ast.expr:
        if spec.inner is None:
            return ast.Constant(None)
        if all(isinstance(part, str) for part in spec.inner):
            text = "".join(map(str, spec.inner))
            if signature.prepare is None:
                return ast.Constant(text)
            try:
                prepared = signature.prepare(text)
            except ValueError as error:
                self.error("wrong-name", f"${spec.name}({text}): {error}", spec.span)
                return ast.Constant(None)
            if isinstance(prepared, int | str):
                return ast.Constant(prepared)
            return self.bind(f"k_{_word(text)}", prepared)
        code = self.template(spec.inner).code
        if signature.prepare is None:
            return code
        self.risky = True
        return ast.Call(self.bind(f"p_{_word(spec.name)}", signature.prepare), [code], [])

    def template(self, template: Template) -> Value:
        """Text with variables in it, null shown as <null>."""
        if all(isinstance(part, str) for part in template):
            return Value(ast.Constant("".join(map(str, template))), TEXT)
        parts: list[ast.expr] = []
        for part in template:
            if isinstance(part, str):
                parts.append(ast.Constant(part))
                continue
            value = self.variable(part)
            code = value.code if value.types in (INT, TEXT) else self.helper("shown", value.code)
            parts.append(ast.FormattedValue(code, -1, None))
        return Value(ast.JoinedStr(parts), TEXT)

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

    # --- calls ------------------------------------------------------------------

    def _value_call(self, node: Call) -> Value:
        return Value(self.noted_call(node), INT)

    def _value_routecall(self, node: RouteCall) -> Value:
        return Value(self.helper("code_shown", self.noted_call(node)), INT)

    def noted_call(self, node: Call | RouteCall) -> ast.expr:
        """A call within an expression; its code is kept in a name of `codes`."""
        name = self.temporary()
        self.codes.append(name)
        return self._noted(node, name, self.call(node))

    def _noted(self, node: Call | RouteCall, name: str, code: ast.expr) -> ast.expr:
        if self.sets_retcode(node):
            code = self.helper("noted", _ctx(), code)
        named = ast.NamedExpr(ast.Name(name, ast.Store()), code)
        ast.copy_location(named, place(node.span))
        return named

    def sets_retcode(self, node: Call | RouteCall) -> bool:
        """Whether `$rc` is read anywhere and this call changes it: one of the core does not."""
        if not self._uses_retcode or isinstance(node, RouteCall):
            return self._uses_retcode
        signature = self._scope.function(node.name, node.name_span)
        return signature is not None and signature.module != "core"

    def call(self, node: Call | RouteCall) -> ast.expr:
        """What calls a function or block; its value is the return code."""
        code = self.route(node) if isinstance(node, RouteCall) else self._function(node)
        ast.copy_location(code, place(node.span))
        return code

    def route(self, node: RouteCall) -> ast.expr:
        """What calls a routing block."""
        raise NotImplementedError

    def _function(self, node: Call) -> ast.expr:
        signature = self._scope.function(node.name, node.name_span)
        if signature is None:
            return ast.Constant(1)
        given = node.arguments
        if not signature.accepts(len(given)):
            self.error(
                "wrong-arguments",
                f"{node.name}() takes {expected_arguments(signature)}, "
                f"{'only ' if len(given) < signature.least else ''}{len(given)} "
                f"{'is' if len(given) == 1 else 'are'} given",
                node.span,
            )
            return ast.Constant(1)
        signature = signature.taking(len(given))
        kinds = list(signature.arguments)
        if signature.variadic and kinds:
            kinds += [kinds[-1]] * (len(given) - len(kinds))
        target = self.bind(f"f_{_word(node.name)}", signature.target)
        arguments: list[tuple[ast.expr, Callable[[Any], object] | None]] = []
        for argument, kind in zip(given, kinds, strict=False):
            arguments.append(self.argument(argument, kind, node.name))
        head: list[ast.expr] = [_ctx()]
        if signature.located:
            location = Location(node.span.file.path, node.span.line, self._block)
            head.append(self.bind(f"at_{node.span.line}", location))
        if any(convert is not None for _, convert in arguments):
            code = self._converting_call(target, node.name, head, arguments)
        else:
            code = ast.Call(target, head + [value for value, _ in arguments], [])
        return ast.Await(code) if signature.may_wait else code

    def _converting_call(
        self,
        target: ast.expr,
        name: str,
        head: list[ast.expr],
        arguments: list[tuple[ast.expr, Callable[[Any], object] | None]],
    ) -> ast.expr:
        pairs: list[ast.expr] = []
        for value, convert in arguments:
            if convert is None:
                pairs.append(ast.Constant(None))
            else:
                pairs.append(self.bind(f"c_{_word(convert.__name__)}", convert))
            pairs.append(value)
        if len(head) > 1:
            pairs = [ast.Constant(None), head[1], *pairs]
        return self.helper("call", target, head[0], ast.Constant(name), *pairs)

    def argument(
        self, node: Expression, signature: ArgumentSignature, function: str
    ) -> tuple[ast.expr, Callable[[Any], object] | None]:
        """The code of an argument, and what must convert it at run time, if anything."""
        kind = signature.kind
        if kind.form is Form.VARIABLE:
            return self._reference(node, kind, function), None
        if kind.form is Form.SUBSTITUTION:
            return self._substitution(node, kind, function), None
        value = self._argument_value(node, kind)
        if kind.form is Form.LAZY:
            return self.lazy(value), None
        if isinstance(value.code, ast.Constant):
            return self._constant_argument(value.code.value, node, kind, function), None
        if not kind.dynamic:
            self.error(
                "constant-wanted",
                f"{function}() wants {kind.name}, known when the script is read",
                node.span,
            )
            return value.code, None
        if kind.base is str:
            value = Value(self.as_text(value), TEXT)
        elif kind.base is int:
            value = Value(self.as_int(value), INT)
        return value.code, kind.convert

    def _argument_value(self, node: Expression, kind: ArgumentKind) -> Value:
        if isinstance(node, String) and kind.dynamic and "$" in node.value:
            return self.template(parse_template(node.value, node.span, self._diagnostics))
        if isinstance(node, Name) and node.name not in WORDS:
            return Value(ast.Constant(node.name), TEXT)
        return self.value(node)

    def _constant_argument(
        self, value: Any, node: Expression, kind: ArgumentKind, function: str
    ) -> ast.expr:
        if kind.base is str:
            value = runtime.to_str(value)
        elif kind.base is int and not isinstance(value, int):
            self.error("wrong-argument", f"{function}() wants {kind.name} here", node.span)
            return ast.Constant(0)
        if kind.convert is not None:
            try:
                value = kind.convert(value)
            except ValueError as error:
                self.error("wrong-argument", f"{function}() wants {kind.name}: {error}", node.span)
                return ast.Constant(0)
        if isinstance(value, int | str):
            return ast.Constant(value)
        return self.bind("k", value)

    def lazy(self, value: Value) -> ast.expr:
        """A function that makes the text when it is wanted."""
        code = value.code
        if value.types != TEXT:
            code = self.helper("shown", code)
        parameters = ast.arguments([], [ast.arg("ctx")], None, [], [], None, [])
        function = ast.Lambda(parameters, code)
        ast.fix_missing_locations(function)
        return ast.Name(self.prelude(function), ast.Load())

    def prelude(self, function: ast.expr) -> str:
        """Put a function before the block's; returns its name."""
        raise NotImplementedError

    def _reference(self, node: Expression, kind: ArgumentKind, function: str) -> ast.expr:
        spec = node.spec if isinstance(node, Variable) else None
        if isinstance(node, String) and node.value.startswith("$"):
            template = parse_template(node.value, node.span, self._diagnostics)
            if len(template) == 1 and isinstance(template[0], VariableSpec):
                spec = template[0]
        if spec is None:
            self.error("wrong-argument", f"{function}() wants {kind.name} here", node.span)
            return ast.Constant(0)
        signature = self._scope.variable(spec)
        if signature is None:
            return ast.Constant(0)
        return self.bind("r", self._make_reference(spec, signature))

    def _substitution(self, node: Expression, kind: ArgumentKind, function: str) -> ast.expr:
        if not isinstance(node, String):
            self.error("wrong-argument", f"{function}() wants {kind.name} here", node.span)
            return ast.Constant(0)
        try:
            expression, replacement, flags = split_substitution(node.value)
            pieces = tuple(
                self.format(piece, node.span) if isinstance(piece, str) and "$" in piece else piece
                for piece in cut_replacement(replacement)
            )
            made = compile_substitution(expression, flags, pieces)
        except ValueError as error:
            self.error("wrong-argument", f"{function}() wants {kind.name}: {error}", node.span)
            return ast.Constant(0)
        return self.bind("subst", made)

    def _make_reference(
        self, spec: VariableSpec, signature: VariableSignature
    ) -> VariableReference:
        if signature.slot:
            slot = self._slots.setdefault(str((spec.inner or ("",))[0]), len(self._slots))

            def get_slot(ctx: Any) -> Any:
                return ctx.vars[slot]

            def set_slot(ctx: Any, value: Any) -> None:
                ctx.vars[slot] = 0 if value is None else value

            return VariableReference(spec.text, get_slot, set_slot)
        getter = self._plain_variable(spec, signature).code
        parameters = ast.arguments([], [ast.arg("ctx")], None, [], [], None, [])
        get = self._evaluated(ast.Lambda(parameters, getter))
        if signature.set is None:
            return VariableReference(spec.text, get, None)
        setter = ast.Call(
            self.bind(f"s_{_word(spec.name)}", signature.set),
            [_ctx(), ast.Name("value", ast.Load()), *self._access(spec, signature)],
            [],
        )
        parameters = ast.arguments([], [ast.arg("ctx"), ast.arg("value")], None, [], [], None, [])
        return VariableReference(spec.text, get, self._evaluated(ast.Lambda(parameters, setter)))

    def _evaluated(self, function: ast.Lambda) -> Callable[..., Any]:
        expression = ast.fix_missing_locations(ast.Expression(function))
        made: Callable[..., Any] = eval(compile(expression, "<reference>", "eval"), self._bindings)
        return made

    def format(self, text: str, span: Span) -> Callable[[Any], str]:
        """A function of the Context that makes a text with variables in it."""
        value = self.template(parse_template(text, span, self._diagnostics))
        parameters = ast.arguments([], [ast.arg("ctx")], None, [], [], None, [])
        return self._evaluated(ast.Lambda(parameters, value.code))

    # --- conditions -------------------------------------------------------------

    def _logical(self, node: Expression) -> Value:
        """A value in a place where a call counts as 1 or 0."""
        if isinstance(node, Call | RouteCall):
            return self._truth(self.condition(node))
        return self.value(node)

    def condition(self, node: Expression) -> ast.expr:
        """A Python condition: true or false as the script's expression is."""
        code = self._condition(node)
        ast.copy_location(code, place(node.span))
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
        code: ast.expr = ast.Call(check, [_ctx(), subject], [])
        return ast.UnaryOp(ast.Not(), code) if negated else code

    def _address(self, subject: ast.expr, text: str, negated: bool) -> ast.expr:
        try:
            contains = runtime.network_test(text)
        except ValueError:
            equal: ast.cmpop = ast.NotEq() if negated else ast.Eq()
            return _compare(subject, equal, ast.Constant(text))
        code: ast.expr = ast.Call(self.bind("in_network", contains), [subject], [])
        return ast.UnaryOp(ast.Not(), code) if negated else code


def place(span: Span) -> ast.expr:
    """An `ast` node that only carries a position, to copy it from."""
    node = ast.Constant(None)
    node.lineno, node.col_offset = span.line, span.column - 1
    node.end_lineno, node.end_col_offset = span.end_line, span.end_column - 1
    return node


def _filled(expression: str, values: Mapping[str, ast.expr]) -> ast.expr:
    """A Python expression with values in the place of names."""

    class _Fill(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return values.get(node.id, node)

    code: ast.expr = _Fill().visit(ast.parse(expression, mode="eval").body)
    for node in ast.walk(code):
        for position in ("lineno", "col_offset", "end_lineno", "end_col_offset"):
            node.__dict__.pop(position, None)
    return code


def _ctx() -> ast.expr:
    return ast.Name("ctx", ast.Load())


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


def _word(text: str) -> str:
    """A piece of text as part of a Python name."""
    return "".join(c if c.isalnum() and c.isascii() else "_" for c in text)[:40]
