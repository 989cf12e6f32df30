"""Variables, and texts with variables in them, as Python `ast`."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, Final

from sipway.language import runtime
from sipway.language.compile_pieces import ctx_name, word
from sipway.language.compile_places import fill_places
from sipway.language.compile_values import INT, TEXT, Value, ValueCompiler
from sipway.language.near import nearest
from sipway.language.nodes import Variable
from sipway.language.signatures import (
    HOLE,
    TableName,
    TransformationSignature,
    VariableSignature,
)
from sipway.language.source import Span
from sipway.language.template import Template, Transformation, VariableSpec, parse_template

DEFINES: Final = frozenset(("def", "defn", "defs", "defv"))
"""Variables that the compiler knows the values of."""
COUNT: Final = "cnt"
ARROW: Final = "=>"
"""Between a table and a key."""


class VariableCompiler(ValueCompiler):
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
        if signature.keyed is not None:
            found += self._keyed(spec, signature.keyed)
        elif signature.inner is not signature.inner.NONE:
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

    def _keyed(self, spec: VariableSpec, declared: tuple[str, str]) -> list[ast.expr]:
        """The two parts of `table=>key`."""
        inner = spec.inner or ()
        at = next(
            (at for at, each in enumerate(inner) if isinstance(each, str) and ARROW in each), None
        )
        part = None if at is None else inner[at]
        if at is None or not isinstance(part, str):
            name = "".join(map(_written, inner))
            self.error(
                "wrong-name",
                f'{spec.text}: "{name}" is not table=>key',
                spec.span,
                f"as in ${spec.name}(table=>$ci)",
            )
            return [ast.Constant(None), ast.Constant("")]
        before, _, behind = part.partition(ARROW)
        table = "".join(map(_written, (*inner[:at], before))).strip()
        self.warn_of_unknown_table(table, declared, f"{spec.text} is null", spec.span)
        key = self.template((behind, *inner[at + 1 :])).code
        return [self.bind(f"t_{word(table)}", TableName(table)), key]

    def warn_of_unknown_table(
        self, table: str, declared: tuple[str, str], consequence: str, span: Span
    ) -> None:
        """Warn where the parameter `declared`, (module, name), has no such table."""
        known = [each.name for each in self.module_parameters.get(declared, ())]
        if table not in known:
            self._diagnostics.warning(
                "unknown-table",
                f"there is no table {table}, so {consequence}",
                span,
                hint=nearest(table, known)
                or f'modparam("{declared[0]}", "{declared[1]}", "{table}=>size=8") makes one',
            )

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
        if signature.flag and text and not text.lstrip("+-").isdecimal():
            text = str(self._scope.flag(text, spec.span))
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


def _written(part: str | VariableSpec) -> str:
    """A part of a text as it stands in the script."""
    return part if isinstance(part, str) else part.text
