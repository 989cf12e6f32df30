"""Transformations, `$(ru{uri.user}{s.len})`, as Python `ast`.

Each becomes a call of its function. Constant arguments are converted here, once; a variable
as an argument is converted before each call.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from sipway.language.compile_pieces import ctx_name, word
from sipway.language.compile_values import Value
from sipway.language.compile_variables import VariableCompiler
from sipway.language.remakable import remakable
from sipway.language.signatures import TransformationArgument, TransformationSignature
from sipway.language.source import Span
from sipway.language.substitution import (
    Substitution,
    compile_substitution,
    cut_replacement,
    split_substitution,
)
from sipway.language.template import Template, Transformation, VariableSpec


class TransformationCompiler(VariableCompiler):
    """Compiles values, those with transformations included."""

    def transformed(
        self, subject: Value, node: Transformation, signature: TransformationSignature
    ) -> Value:
        """A value with a transformation applied to it."""
        arguments: list[ast.expr] = []
        converts: list[Callable[[Any], object] | None] = []
        for given, wanted in zip(node.arguments, signature.arguments, strict=False):
            code, convert = self._argument(given, wanted, node)
            arguments.append(code)
            converts.append(convert)
        name = f"t_{word(node.name)}"
        operand = subject.code if subject.text is None else subject.text

        def call(apply: Callable[..., Any]) -> ast.expr:
            if any(converts):
                apply = _converting(apply, tuple(converts))
            return ast.Call(self.bind(name, apply), [operand, *arguments], [])

        text = None if signature.text is None else call(signature.text)
        return Value(call(signature.apply), text=text)

    def _argument(
        self, given: Template, wanted: TransformationArgument, node: Transformation
    ) -> tuple[ast.expr, Callable[[Any], object] | None]:
        """The code of an argument, and what must convert it at run time, if anything."""
        spec = given[0] if given and isinstance(given[0], VariableSpec) else None
        if wanted.substitution:
            text = "".join(map(str, given))
            return self._text_substitution(text, node), None
        if spec is not None and wanted.dynamic:
            return self.variable(spec).code, wanted.convert
        try:
            if spec is not None:
                raise ValueError(f"{wanted.name} is wanted, not the variable {spec.text}")
            made = wanted.convert("".join(map(str, given)))
        except ValueError as error:
            self.error("wrong-arguments", f"{{{node.name}}}: {error}", node.span)
            return ast.Constant(None), None
        return ast.Constant(made) if isinstance(made, int | str) else self.bind("k", made), None

    def _text_substitution(self, text: str, node: Transformation) -> ast.expr:
        """A function of a text that applies `/expression/replacement/flags` to it."""
        try:
            made = self.substitution(text, node.span)
        except ValueError as error:
            self.error("wrong-arguments", f"{{{node.name}}}: {error}", node.span)
            return ast.Constant(None)
        apply = ast.Attribute(self.bind("subst", made), "apply", ast.Load())
        parameters = ast.arguments([], [ast.arg("text")], None, [], [], None, [])
        return ast.Lambda(
            parameters, ast.Call(apply, [ast.Name("text", ast.Load()), ctx_name()], [])
        )

    def substitution(self, text: str, span: Span) -> Substitution:
        """A substitution with its variables compiled; ValueError with what is wrong."""
        expression, replacement, flags = split_substitution(text)
        pieces = tuple(
            self.format(piece, span) if isinstance(piece, str) and "$" in piece else piece
            for piece in cut_replacement(replacement)
        )
        return compile_substitution(expression, flags, pieces)


@remakable
def _converting(
    apply: Callable[..., Any], converts: tuple[Callable[[Any], object] | None, ...]
) -> Callable[..., Any]:
    """A transformation whose arguments have to be converted first; null where one cannot be."""

    def transform(value: object, *given: object) -> Any:
        arguments = []
        for convert, argument in zip(converts, given, strict=True):
            if convert is None:
                arguments.append(argument)
                continue
            if argument is None:
                return None
            try:
                arguments.append(convert(argument))
            except ValueError:
                return None
        return apply(value, *arguments)

    return transform
