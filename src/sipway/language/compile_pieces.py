"""Pieces of Python `ast` that the compiler's other files put together."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache
from typing import Any


def ctx_name() -> ast.expr:
    return ast.Name("ctx", ast.Load())


def word(text: str) -> str:
    """A piece of text as part of a Python name."""
    return "".join(c if c.isalnum() and c.isascii() else "_" for c in text)[:40]


def load(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def assign(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def assign_to(target: ast.expr, value: ast.expr) -> ast.stmt:
    return ast.Assign([target], value)


def zero(name: str) -> ast.expr:
    return ast.Compare(load(name), [ast.Eq()], [ast.Constant(0)])


def end_if(test: ast.expr) -> ast.stmt:
    return ast.If(test, [ast.Return(ast.Constant(0))], [])


def compare(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.expr:
    return ast.Compare(left, [operator], [right])


def filled(expression: str, values: Mapping[str, ast.expr]) -> ast.expr:
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
