"""What expressions are made of: constants, variables, texts with variables, as Python `ast`.

Values are ints, texts and None (see `runtime`); what is known of a value's type when the
script is compiled chooses plain Python over a helper.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from sipway.language import runtime
from sipway.language.compile_places import fill_places, locate
from sipway.language.diagnostics import Diagnostics
from sipway.language.nodes import (
    Expression,
    MessageLength,
    Name,
    Network,
    Number,
    Regex,
    Select,
    String,
    Variable,
)
from sipway.language.record import Record
from sipway.language.resolve import Scope, nearest
from sipway.language.signatures import (
    HOLE,
    Catalog,
    Location,
    OperandType,
    TransformationSignature,
    VariableSignature,
)
from sipway.language.source import Span
from sipway.language.template import Template, Transformation, VariableSpec, parse_template

INT: Final = frozenset({int})
TEXT: Final = frozenset({str})
ANY: Final = frozenset({int, str, type(None)})

DEFINES: Final = frozenset(("def", "defn", "defs", "defv"))
"""Variables that the compiler knows the values of."""
COUNT: Final = "cnt"

_PARAMETER: Final = re.compile(r'cfg_get\.(?P<group>\w+)(?:\.|\[")(?P<name>\w+)(?:"\])?', re.ASCII)

WORDS: Final = {"yes": 1, "on": 1, "true": 1, "no": 0, "off": 0, "false": 0}


class Value(Record):
    """Python code for a value, and the Python types that it can have.

    `text` is code for what a text gets of it, where that is not simply the value as text.
    """

    code: ast.expr
    types: frozenset[type] = ANY
    text: ast.expr | None = None

    @property
    def constant(self) -> bool:
        return isinstance(self.code, ast.Constant)


class GlobalNames:
    """The names of a generated module's globals: each object has one for each stem."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], str] = {}
        self._numbers: dict[str, int] = {}

    def add(self, stem: str, value: object, space: dict[str, object]) -> str:
        """Put `value` into `space`, under `stem` or `stem_2`, `stem_3` ...; returns the name."""
        known = self._known.get((stem, id(value)))
        if known is not None:
            return known
        number = self._numbers.get(stem, 1)
        name = stem if number == 1 else f"{stem}_{number}"
        while name in space:
            number += 1
            name = f"{stem}_{number}"
        self._numbers[stem] = number
        self._known[stem, id(value)] = name
        space[name] = value
        return name


class ValueCompiler:
    """Compiles the expressions of one block.

    `defines` are the names defined at the end of the script, for `$def(NAME)`,
    `module_parameters` what the script sets with `modparam`, `custom` its parameters of its
    own, for `@cfg_get.group.name`; `names` are those of the globals, the same for all blocks.
    `bindings` collects the globals that the code needs, `prelude` functions made for
    formats, `codes` the local names that hold codes of calls in the expression at hand, and
    `risky` says that it may raise `ScriptFault`. `texts_are_formats`: variables in the texts
    of the expression at hand count.
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
        self.module_parameters: Mapping[tuple[str, str], Any] = {}
        self.names = GlobalNames()
        self.custom: Mapping[tuple[str, str], int | str] = {}
        self._temporaries = 0
        self.codes: list[str] = []
        self.risky = False
        self.texts_are_formats = False

    # --- small pieces -----------------------------------------------------------

    def bind(self, name: str, value: object) -> ast.expr:
        """A global of the generated module with this value."""
        return ast.Name(self.names.add(name, value, self._bindings), ast.Load())

    def located(self, span: Span) -> ast.expr:
        """The place in the script that a span begins at, for what is called with it."""
        location = Location(span.file.path, span.line, self._block)
        return self.bind(f"at_{span.line}", location)

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
        expression = ast.Expression(value.code)
        fill_places(expression)
        result = eval(compile(expression, "<constant>", "eval"), self._bindings)
        return Value(ast.Constant(result), value.types)

    def as_int(self, value: Value) -> ast.expr:
        if value.types == INT:
            return value.code
        if isinstance(value.code, ast.Constant):
            return ast.Constant(_constant_number(value.code.value))
        return self.helper("to_int", value.code)

    def as_text(self, value: Value) -> ast.expr:
        if value.text is not None:
            return self.helper("to_str", value.text)
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
        locate(result.code, node.span)
        return result

    def _value_number(self, node: Number) -> Value:
        return Value(ast.Constant(runtime.wrap(node.value)), INT)

    def _value_string(self, node: String) -> Value:
        if self.texts_are_formats and "$" in node.value:
            return self.template(parse_template(node.value, node.span, self._diagnostics))
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
        value = self._select(node.path, node.span)
        return Value(self.as_text(value), TEXT)

    def _select(self, path: str, span: Span) -> Value:
        """What reads a select: a text, null where there is none."""
        parameter = _PARAMETER.fullmatch(path)
        if parameter and parameter["group"] != "core":
            return self._custom_parameter(parameter["group"], parameter["name"], span)
        signature = self._scope.select(path, span)
        if signature is None:
            return Value(ast.Constant(None))
        reader = self.bind(f"x_{word(path)}", signature.get)
        return Value(ast.Call(reader, [ctx_name()], []), frozenset({str, type(None)}))

    def _custom_parameter(self, group: str, name: str, span: Span) -> Value:
        """A parameter that the script has made, as text."""
        if (group, name) not in self.custom:
            return self.error(
                "unknown-parameter",
                f"there is no parameter {group}.{name}",
                span,
                nearest(f"{group}.{name}", map(".".join, self.custom))
                or f'{group}.{name} = VALUE desc "what it is for" makes one',
            )
        text = self.bind(f"cfg_{word(group)}_{word(name)}", str(self.custom[group, name]))
        return Value(text, TEXT)

    def _check_custom(self, spec: VariableSpec) -> None:
        """Warn of a `$ccp(group.name)` that is null because the script has no such parameter."""
        name = "".join(part if isinstance(part, str) else "$" for part in spec.inner or ())
        group, _, rest = name.partition(".")
        known = group == "core" or (group, rest) in self.custom
        if known or not group or not rest or "$" in name:
            return
        self._diagnostics.warning(
            "unknown-parameter",
            f"there is no parameter {name}, so {spec.text} is null",
            spec.span,
            hint=nearest(name, map(".".join, self.custom))
            or f'{name} = VALUE desc "what it is for" makes one',
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
        code = ast.Call(self.bind(f"o_{word(name)}", signature.get), [ctx_name()], [])
        return Value(code, INT if number else frozenset({str, type(None)}))

    def _value_variable(self, node: Variable) -> Value:
        return self.variable(node.spec)

    def variable(self, spec: VariableSpec) -> Value:
        """What reads a variable, its transformations included."""
        if spec.name in DEFINES:
            result = self._define(spec)
        elif spec.name == "sel":
            result = self._select_variable(spec)
        else:
            signature = self._scope.variable(spec)
            if signature is None:
                return Value(ast.Constant(None))
            if spec.name == COUNT:
                result = self._count(spec)
            else:
                if spec.name == "ccp":
                    self._check_custom(spec)
                result = self._plain_variable(spec, signature)
        for each in spec.transformations:
            signature_of = self._scope.transformation(each)
            if signature_of is None:
                return result
            result = self.transformed(result, each, signature_of)
        return result

    def transformed(
        self, subject: Value, node: Transformation, signature: TransformationSignature
    ) -> Value:
        """A value with a transformation applied to it."""
        raise NotImplementedError

    def _define(self, spec: VariableSpec) -> Value:
        """`$def(NAME)`: the text of a define, null without one.

        `$defn`: as a number; `$defs`: in double quotes unless it has quotes; `$defv`: without.
        """
        name = "".join(map(str, spec.inner or ()))
        text = self.defines[name] or "" if name in self.defines else None
        if spec.name == "defn":
            return Value(ast.Constant(runtime.to_int(text)), INT)
        if text is None:
            return Value(ast.Constant(None))
        quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
        if spec.name == "defs" and not quoted:
            text = f'"{text}"'
        elif spec.name == "defv" and quoted:
            text = text[1:-1]
        return Value(ast.Constant(text), TEXT)

    def _count(self, spec: VariableSpec) -> Value:
        """`$cnt($avp(x))`: how many values there are."""
        inner = spec.inner or ()
        counted = inner[0] if len(inner) == 1 else None
        if isinstance(counted, VariableSpec) and not counted.transformations:
            signature = self._scope.variable(counted)
            if signature is None:
                return Value(ast.Constant(0), INT)
            if signature.count is not None:
                function = self.bind(f"n_{word(counted.name)}", signature.count)
                arguments = [ctx_name(), *self._access(counted, signature)]
                return Value(ast.Call(function, arguments, []), INT)
        return self.error(
            "wrong-name",
            f"{spec.text}: only the values of $avp(...) and $xavp(...) can be counted",
            spec.span,
            "write $cnt($avp(name))",
        )

    def _select_variable(self, spec: VariableSpec) -> Value:
        """`$sel(path)`: the same as `@path`."""
        path = spec.inner or ("",)
        if not isinstance(path[0], str) or len(path) > 1:
            return self.error("dynamic-name", "$sel takes the path of a select", spec.span)
        return self._select(path[0].removeprefix("@"), spec.span)

    def _plain_variable(self, spec: VariableSpec, signature: VariableSignature) -> Value:
        types = frozenset(signature.values) | (
            frozenset({type(None)}) if signature.nullable else frozenset()
        )
        if signature.slot:
            return Value(self._slot(spec), frozenset({int, str}))
        if signature.attribute and spec.inner is None and spec.index is None:
            code = ctx_name()
            for name in signature.attribute.split("."):
                code = ast.Attribute(code, name, ast.Load())
            return Value(code, types)
        function = self.bind(f"v_{word(spec.name)}", signature.get)
        head = [ctx_name()]
        if signature.located:
            head.append(self.located(spec.span))
        prepare = self._prepares_late(spec, signature)
        if prepare is not None and signature.located:
            return self.error("dynamic-name", f"${spec.name} takes a constant name", spec.span)
        if prepare is not None:
            access = self._access(spec, signature, prepared=False)
            code = self.helper("named", function, ctx_name(), prepare, *access)
            return Value(code, types | {type(None)})
        return Value(ast.Call(function, [*head, *self._access(spec, signature)], []), types)

    def _slot(self, spec: VariableSpec, store: bool = False) -> ast.expr:
        # The name of a $var is never computed: $var($x) is one that is called "$x".
        name = "".join(part if isinstance(part, str) else part.text for part in spec.inner or ())
        slot = self._slots.setdefault(name, len(self._slots))
        variables = ast.Attribute(ctx_name(), "vars", ast.Load())
        context = ast.Store() if store else ast.Load()
        return ast.Subscript(variables, ast.Constant(slot), context)

    def _access(
        self, spec: VariableSpec, signature: VariableSignature, prepared: bool = True
    ) -> list[ast.expr]:
        """The arguments behind `ctx` (and the value): inner name and index.

        Where a name is known only when the script runs, `prepared` says whether the code raises
        ValueError for a wrong one, or leaves the name as it is.
        """
        found: list[ast.expr] = []
        if signature.inner is not signature.inner.NONE:
            name = self._inner(spec, signature)
            prepare = self._prepares_late(spec, signature) if prepared else None
            if prepare is not None:
                self.risky = True
                name = ast.Call(prepare, [name], [])
            found.append(name)
        if signature.indexed:
            index = spec.index
            if isinstance(index, VariableSpec):
                found.append(self.as_int(self.variable(index)))
            else:
                found.append(ast.Constant(index))
        return found

    def _inner(self, spec: VariableSpec, signature: VariableSignature) -> ast.expr:
        """An inner name: prepared if that can be done now, else as the script makes it."""
        inner = spec.inner
        if inner is None:
            return ast.Constant(None)
        variables = [part for part in inner if not isinstance(part, str)]
        if signature.elsewhere:
            return self._reader(spec, variables)
        if not variables or signature.holes:
            text = "".join(part if isinstance(part, str) else HOLE for part in inner)
            prepared = self._prepared(text, spec, signature)
            if not variables or isinstance(prepared, ast.Constant):
                return prepared
            values = [self.variable(part).code for part in variables]
            return ast.Call(ast.Attribute(prepared, "fill", ast.Load()), values, [])
        if signature.prepare_value is not None and len(inner) == 1:
            return self.variable(variables[0]).code
        return self.template(inner).code

    def _reader(self, spec: VariableSpec, variables: list[VariableSpec]) -> ast.expr:
        """A function that reads the variable in parentheses of the Context that it gets."""
        if len(variables) != 1 or spec.inner is None or len(spec.inner) != 1:
            self.error(
                "wrong-name",
                f"{spec.text}: a variable is wanted in the parentheses",
                spec.span,
                f"as in ${spec.name}($ru)",
            )
            return ast.Constant(None)
        parameters = ast.arguments([], [ast.arg("ctx")], None, [], [], None, [])
        reader = self._evaluated(ast.Lambda(parameters, self.variable(variables[0]).code))
        return self.bind(f"e_{word(variables[0].name)}", reader)

    def _prepares_late(self, spec: VariableSpec, signature: VariableSignature) -> ast.expr | None:
        """What prepares an inner name that has variables in it, when the script runs."""
        inner = spec.inner
        if (
            inner is None
            or signature.holes
            or signature.elsewhere
            or all(isinstance(part, str) for part in inner)
        ):
            return None
        if signature.prepare_value is not None and len(inner) == 1:
            return self.bind(f"p_{word(spec.name)}_value", signature.prepare_value)
        if signature.prepare is None:
            return None
        return self.bind(f"p_{word(spec.name)}", signature.prepare)

    def _prepared(self, text: str, spec: VariableSpec, signature: VariableSignature) -> ast.expr:
        """An inner name as `prepare` leaves it; a constant null where it is wrong."""
        if signature.aliases is not None:
            for names in self.module_parameters.get(signature.aliases, ()):
                text = names.get(text, text)
        if signature.prepare is None:
            return ast.Constant(text)
        try:
            prepared = signature.prepare(text)
        except ValueError as error:
            shown = text.replace(HOLE, "...")
            self.error("wrong-name", f"${spec.name}({shown}): {error}", spec.span)
            return ast.Constant(None)
        if isinstance(prepared, int | str):
            return ast.Constant(prepared)
        return self.bind(f"k_{word(text)}", prepared)

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
            if part.transformations:  # what they cannot do shows as nothing
                code = self.as_text(value)
            elif value.types in (INT, TEXT):
                code = value.code
            else:
                code = self.helper("shown", value.code)
            parts.append(ast.FormattedValue(code, -1, None))
        return Value(ast.JoinedStr(parts), TEXT)

    # --- functions made for texts ----------------------------------------------------

    def lazy(self, value: Value) -> ast.expr:
        """A function that makes the text when it is wanted."""
        code = value.code
        if value.types != TEXT:
            code = self.helper("shown", code)
        parameters = ast.arguments([], [ast.arg("ctx")], None, [], [], None, [])
        function = ast.Lambda(parameters, code)
        return ast.Name(self.prelude(function), ast.Load())

    def prelude(self, function: ast.expr) -> str:
        """Put a function before the block's; returns its name."""
        raise NotImplementedError

    def _evaluated(self, function: ast.Lambda) -> Callable[..., Any]:
        expression = ast.Expression(function)
        fill_places(expression)
        made: Callable[..., Any] = eval(compile(expression, "<reference>", "eval"), self._bindings)
        return made

    def format(self, text: str, span: Span) -> Callable[[Any], str]:
        """A function of the Context that makes a text with variables in it."""
        value = self.template(parse_template(text, span, self._diagnostics))
        parameters = ast.arguments([], [ast.arg("ctx")], None, [], [], None, [])
        return self._evaluated(ast.Lambda(parameters, value.code))


def _constant_number(value: object) -> int:
    if isinstance(value, str):
        return runtime.text_number(value) or 0
    return value if isinstance(value, int) else 0


def ctx_name() -> ast.expr:
    return ast.Name("ctx", ast.Load())


def word(text: str) -> str:
    """A piece of text as part of a Python name."""
    return "".join(c if c.isalnum() and c.isascii() else "_" for c in text)[:40]
