"""Calls in a script as Python `ast`: functions, their arguments, blocks.

A call inside an expression stores its code in a local name, and the statement around it ends
the script if one of them is 0.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from sipway.language import runtime
from sipway.language.compile_pieces import ctx_name, word
from sipway.language.compile_places import locate
from sipway.language.compile_transformations import TransformationCompiler
from sipway.language.compile_values import (
    INT,
    TEXT,
    WORDS,
    Value,
)
from sipway.language.compile_variables import ARROW, DEFINES
from sipway.language.nodes import (
    Binary,
    Call,
    Expression,
    Name,
    Number,
    RouteCall,
    Select,
    String,
    Unary,
    Variable,
)
from sipway.language.record import replace
from sipway.language.resolve import expected_arguments
from sipway.language.signatures import (
    ArgumentKind,
    ArgumentSignature,
    Form,
    Reader,
    VariableReference,
    VariableSignature,
    slot_reference,
)
from sipway.language.source import Span
from sipway.language.template import VariableSpec, begin_variable, parse_template
from sipway.language.visitor import walk


class CallCompiler(TransformationCompiler):
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
        """`code` in a name; 0 without a call once one of `before` has ended the script."""
        if self.sets_retcode(node):
            code = self.helper("noted", ctx_name(), code)
        for other in reversed(self.before):
            code = ast.IfExp(ast.Name(other, ast.Load()), code, ast.Constant(0))
        self.before = [name]
        named = ast.NamedExpr(ast.Name(name, ast.Store()), code)
        locate(named, node.span)
        return named

    def sets_retcode(self, node: Call | RouteCall) -> bool:
        """Whether `$rc` is read anywhere and this call changes it: one of the core does not."""
        if not self._uses_retcode:
            return False
        if isinstance(node, RouteCall):
            return isinstance(node.target, Name | Number | String)
        signature = self._scope.function(node.name, node.name_span)
        return signature is not None and signature.module != "core"

    def call(self, node: Call | RouteCall) -> ast.expr:
        """What calls a function or block; its value is the return code."""
        code = self.route(node) if isinstance(node, RouteCall) else self._function(node)
        locate(code, node.span)
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
        target = self.bind(f"f_{word(node.name)}", signature.target)
        arguments: list[tuple[ast.expr, Callable[[Any], object] | None]] = []
        for argument, kind in zip(given, kinds, strict=False):
            arguments.append(self.argument(argument, kind, node.name))
        head: list[ast.expr] = [ctx_name()]
        if signature.located:
            head.append(self.located(node.span))
        if any(convert is not None for _, convert in arguments):
            helper = "call_waiting" if signature.may_wait else "call"
            code = self._converting_call(helper, target, node.name, head, arguments)
        else:
            code = ast.Call(target, head + [value for value, _ in arguments], [])
        return ast.Await(code) if signature.may_wait else code

    def _converting_call(
        self,
        helper: str,
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
                pairs.append(self.bind(f"c_{word(convert.__name__)}", convert))
            pairs.append(value)
        if len(head) > 1:
            pairs = [ast.Constant(None), head[1], *pairs]
        return self.helper(helper, target, head[0], ast.Constant(name), *pairs)

    def argument(
        self, node: Expression, signature: ArgumentSignature, function: str
    ) -> tuple[ast.expr, Callable[[Any], object] | None]:
        """The code of an argument, and what must convert it at run time, if anything."""
        kind = signature.kind
        if kind.form is Form.VARIABLE:
            return self._reference(node, kind, function), None
        if kind.form is Form.SUBSTITUTION:
            return self._substitution(node, kind, function), None
        if kind.form is Form.READ:
            return self._read(node, kind, function), None
        if kind.form is Form.FLAG:
            return self._flag(node, kind, function), None
        if kind.declared is not None:
            self._check_table(node, kind.declared, function)
        value = self._argument_value(node, kind)
        if kind.form is Form.LAZY:
            if kind.check is not None and isinstance(value.code, ast.Constant):
                self._constant_argument(value.code.value, node, kind, function)
            return self.lazy(value), None
        if isinstance(value.code, ast.Constant):
            return self._constant_argument(value.code.value, node, kind, function), None
        if not (kind.dynamic or kind.computed):
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

    def _check_table(self, node: Expression, declared: tuple[str, str], function: str) -> None:
        """Warn of the name of a table that is written in the script, and not declared."""
        if isinstance(node, Name | String):
            text = node.name if isinstance(node, Name) else node.value
            table, arrow, _ = text.partition(ARROW)
            if "$" not in table:
                name = table.strip() if arrow else table
                self.warn_of_unknown_table(name, declared, f"{function}() does nothing", node.span)

    def _argument_value(self, node: Expression, kind: ArgumentKind) -> Value:
        if isinstance(node, Name) and node.name not in WORDS:
            return Value(ast.Constant(node.name), TEXT)
        if isinstance(node, String):
            return self._argument_text(node.value, node, kind) or self.value(node)
        if isinstance(node, Unary | Binary | Call | RouteCall):
            return self._argument_expression(node, kind)
        return self.value(node)

    def _argument_expression(self, node: Expression, kind: ArgumentKind) -> Value:
        before = len(self.codes)
        # Texts in what is made anew for each message are read as a text alone is; the values
        # of variables are not, as they may be a caller's.
        self.texts_are_formats = kind.dynamic and not _is_constant(node)
        value = self.value(node)
        self.texts_are_formats = False
        if len(self.codes) > before:
            del self.codes[before:]
            return self.error(
                "call-in-argument",
                "a function or block can't be called in the argument of another",
                node.span,
                "call it before, as in $var(x) = ...; and give the variable",
            )
        value = self.folded(value)
        if isinstance(value.code, ast.Constant) and isinstance(value.code.value, str):
            return self._argument_text(value.code.value, node, kind) or value
        return value

    def _argument_text(self, text: str, node: Expression, kind: ArgumentKind) -> Value | None:
        """A text with variables in it; it may have been joined of several."""
        if kind.dynamic and "$" in text:
            return self.template(parse_template(text, node.span, self._diagnostics))
        return None

    def _constant_argument(
        self, value: Any, node: Expression, kind: ArgumentKind, function: str
    ) -> ast.expr:
        if kind.base is str:
            value = runtime.to_str(value)
        elif kind.base is int and not isinstance(value, int):
            self.error("wrong-argument", f"{function}() wants {kind.name} here", node.span)
            return ast.Constant(0)
        if kind.convert is not None or kind.check is not None:
            try:
                value = value if kind.convert is None else kind.convert(value)
                if kind.check is not None:
                    kind.check(value, self.module_parameters)
            except ValueError as error:
                self.error("wrong-argument", f"{function}() wants {kind.name}: {error}", node.span)
                return ast.Constant(0)
        if isinstance(value, int | str):
            return ast.Constant(value)
        return self.bind("k", value)

    def _flag(self, node: Expression, kind: ArgumentKind, function: str) -> ast.expr:
        """The number of a flag; a name must have been declared."""
        if isinstance(node, Name | String):
            name = node.name if isinstance(node, Name) else node.value
            if not name.isdecimal():
                number = self._scope.flag(name, node.span)
                return ast.Constant(number)
            return self._constant_argument(name, node, kind, function)
        value = self.folded(self.value(node))
        if isinstance(value.code, ast.Constant) and value.types == INT:
            return self._constant_argument(value.code.value, node, kind, function)
        self.error("wrong-argument", f"{function}() wants {kind.name}", node.span)
        return ast.Constant(0)

    def _reference(self, node: Expression, kind: ArgumentKind, function: str) -> ast.expr:
        spec = node.spec if isinstance(node, Variable) else None
        if isinstance(node, String) and node.value.startswith("$"):
            template = parse_template(node.value, node.span, self._diagnostics)
            if len(template) == 1 and isinstance(template[0], VariableSpec):
                spec = template[0]
        if spec is None:
            self.error("wrong-argument", f"{function}() wants {kind.name} here", node.span)
            return ast.Constant(0)
        signature = None
        if spec.name not in DEFINES:
            signature = self._scope.variable(spec)
            if signature is None:
                return ast.Constant(0)
        reference = self._make_reference(spec, signature)
        if kind.writable and reference.set is None:
            self.error("read-only", f"{spec.text} cannot be assigned to", node.span)
        return self.bind("r", reference)

    def _read(self, node: Expression, kind: ArgumentKind, function: str) -> ast.expr:
        """What `convert` makes of a constant text, or of one variable, with a `Reader`."""
        text = node.spec.text if isinstance(node, Variable) else None
        text = node.value if isinstance(node, String) else text
        if text is None or kind.convert is None:
            self.error("wrong-argument", f"{function}() wants {kind.name} here", node.span)
            return ast.Constant(0)
        before = len(self._diagnostics.errors)
        try:
            made = kind.convert(text, self.reader(node.span))
            if kind.check is not None:
                kind.check(made, self.module_parameters)
        except ValueError as error:
            if len(self._diagnostics.errors) == before:  # else that has been told
                message = f"{function}() wants {kind.name}: {error}"
                self.error("wrong-argument", message, node.span)
            return ast.Constant(0)
        return self.bind("k", made)

    def reader(self, span: Span) -> Reader:
        """What reads variables in a text of the script; what is wrong with one is told there."""

        def read(text: str) -> tuple[VariableReference, str]:
            found = begin_variable(text, span, self._diagnostics) if text[:1] == "$" else None
            if found is None:
                raise ValueError(f'"{text}" does not begin with a variable')
            spec, rest = found
            signature = None if spec.name in DEFINES else self._scope.variable(spec)
            if signature is None and spec.name not in DEFINES:
                raise ValueError(f"{spec.text} is not known")  # and that has been told
            reference = self._make_reference(spec, signature)
            if signature is None or spec.transformations:
                return reference, rest
            name = None
            if signature.inner is not signature.inner.NONE:
                name = self._evaluated(ast.Lambda(_only_ctx(), self._access(spec, signature)[0]))
            return replace(reference, variable=spec.name, name=name), rest

        return read

    def _substitution(self, node: Expression, kind: ArgumentKind, function: str) -> ast.expr:
        if not isinstance(node, String):
            self.error("wrong-argument", f"{function}() wants {kind.name} here", node.span)
            return ast.Constant(0)
        try:
            made = self.substitution(node.value, node.span)
        except ValueError as error:
            self.error("wrong-argument", f"{function}() wants {kind.name}: {error}", node.span)
            return ast.Constant(0)
        return self.bind("subst", made)

    def _make_reference(
        self, spec: VariableSpec, signature: VariableSignature | None
    ) -> VariableReference:
        if signature is None:
            return VariableReference(spec.text, self._getter(spec), None)
        if signature.slot and not spec.transformations:
            slot = self._slots.setdefault(str((spec.inner or ("",))[0]), len(self._slots))
            return slot_reference(spec.text, slot)
        get = self._getter(spec)
        if signature.set is None or spec.transformations:
            return VariableReference(spec.text, get, None)
        setter = ast.Call(
            self.bind(f"s_{word(spec.name)}", signature.set),
            [ctx_name(), ast.Name("value", ast.Load()), *self._access(spec, signature)],
            [],
        )
        parameters = ast.arguments([], [ast.arg("ctx"), ast.arg("value")], None, [], [], None, [])
        return VariableReference(spec.text, get, self._evaluated(ast.Lambda(parameters, setter)))

    def _getter(self, spec: VariableSpec) -> Callable[[Any], Any]:
        """A function of the Context that reads a variable, its transformations included."""
        return self._evaluated(ast.Lambda(_only_ctx(), self.variable(spec).code))


def _is_constant(node: Expression) -> bool:
    """Whether an expression reads nothing: what it is worth is known when the script is read."""
    return not any(isinstance(each, Variable | Select | Name | RouteCall) for each in walk(node))


def _only_ctx() -> ast.arguments:
    return ast.arguments([], [ast.arg("ctx")], None, [], [], None, [])
