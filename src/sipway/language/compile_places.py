"""Where the generated code stands in the script, for each node of its `ast`.

Statements and expressions get the place of what they were made from; all that is around them
takes it over. For a large script this is a good part of the work, so it is done in one pass and
without the general functions of `ast`.
"""

from __future__ import annotations

import ast
from typing import Any, Final

from sipway.language.source import Span

VARIABLES: Final = "variables"
"""The local name for `ctx.vars` in the function of a block."""


def locate(node: ast.AST, span: Span) -> None:
    """Give `node` the place of `span`."""
    place = node.__dict__
    (
        place["lineno"],
        place["col_offset"],
        place["end_lineno"],
        place["end_col_offset"],
    ) = span.file.extent(span.start, span.end)


def fill_places(root: ast.AST) -> None:
    """Give each node below `root` that has no place that of the node around it."""
    _fill(root, read_once=False)


def read_variables_once(function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    """As `fill_places`, for a block's function; it reads `ctx.vars` once, in the beginning."""
    if _fill(function, read_once=True):
        source = ast.Attribute(ast.Name("ctx", ast.Load()), "vars", ast.Load())
        first = ast.Assign([ast.Name(VARIABLES, ast.Store())], source)
        ast.copy_location(first, function)
        function.body.insert(0, first)
        _fill(first, read_once=False)


_Place = tuple[int, int, int | None, int | None]

# Fields in which no node stands that needs a place.
_PLAIN: Final = frozenset({"ctx", "op", "ops", "attr", "id", "name", "arg", "kind"})
_CHILDREN: Final[dict[type, tuple[str, ...]]] = {ast.Constant: (), ast.Name: ()}
_POSITIONED: Final = (ast.stmt, ast.expr, ast.excepthandler, ast.arg, ast.keyword)


def _fill(root: ast.AST, read_once: bool) -> bool:
    """Whether `ctx.vars` was found and, with `read_once`, replaced."""
    found = False
    pending: list[tuple[Any, _Place]] = [(root, (1, 0, 1, 0))]
    while pending:
        node, place = pending.pop()
        fields = node.__dict__
        if "lineno" in fields:
            place = (
                fields["lineno"],
                fields["col_offset"],
                fields.get("end_lineno"),
                fields.get("end_col_offset"),
            )
        elif isinstance(node, _POSITIONED):
            (
                fields["lineno"],
                fields["col_offset"],
                fields["end_lineno"],
                fields["end_col_offset"],
            ) = place
        kind = type(node)
        names = _CHILDREN.get(kind)
        if names is None:
            names = tuple(name for name in kind._fields if name not in _PLAIN)
            _CHILDREN[kind] = names
        for name in names:
            value = fields.get(name)
            if value.__class__ is list:
                pending += [(item, place) for item in value if isinstance(item, ast.AST)]
            elif isinstance(value, ast.AST):
                if read_once and value.__class__ is ast.Attribute and _is_variables(value):
                    found = True
                    value = fields[name] = ast.Name(VARIABLES, ast.Load())
                pending.append((value, place))
    return found


def _is_variables(node: ast.Attribute) -> bool:
    return node.attr == "vars" and isinstance(node.value, ast.Name) and node.value.id == "ctx"
