"""A `$var` that is read and that nothing in the script ever sets."""

from __future__ import annotations

from collections.abc import Iterator

from sipway.language.diagnostics import Diagnostic, Diagnostics, Severity
from sipway.language.nodes import Assign, Call, Script, String, Variable
from sipway.language.resolve import Scope
from sipway.language.source import Span
from sipway.language.template import Template, VariableSpec, parse_template
from sipway.language.visitor import walk

CODE = "unset-variable"
WHAT = "A $var is read that nothing in the script sets."
WHY = "A $var that nothing sets is 0 wherever it is read: its name may be misspelt."
FIX = "Correct the name, or set it before it is read."
EXAMPLE = """request_route {
    $var(limit) = 5;
    if ($var(limt) > 3) exit;
}
"""


def check(script: Script, scope: Scope) -> Iterator[Diagnostic]:
    written: set[str] = set()
    read: dict[str, Span] = {}
    targets: set[int] = set()
    for node in walk(script):
        if isinstance(node, Assign) and isinstance(node.target, Variable):
            targets.add(id(node.target))
            written.update(_names((node.target.spec,)))
        elif isinstance(node, Variable) and id(node) not in targets:
            for name in _names((node.spec,)):
                read.setdefault(name, node.span)
        elif isinstance(node, Call):
            # A function may set the variable that it is given, or that its text names.
            for argument in node.arguments:
                if isinstance(argument, Variable):
                    written.update(_names((argument.spec,)))
                elif isinstance(argument, String) and argument.value.startswith("$var("):
                    template = parse_template(argument.value, argument.span, Diagnostics())
                    written.update(_names(template))
        elif isinstance(node, String) and "$var(" in node.value:
            template = parse_template(node.value, node.span, Diagnostics())
            for name in _names(template):
                read.setdefault(name, node.span)
    if scope.missing:
        return  # a function of a module that is not here may set it
    for name, span in read.items():
        if name not in written:
            yield Diagnostic(
                Severity.WARNING, CODE, f"nothing in this script sets $var({name})", span
            )


def _names(template: Template) -> Iterator[str]:
    """The names of all `$var` in a template, also within names and indexes."""
    for part in template:
        if not isinstance(part, VariableSpec):
            continue
        if part.name == "var" and part.inner and len(part.inner) == 1:
            name = part.inner[0]
            if isinstance(name, str):
                yield name
        elif part.inner:
            yield from _names(part.inner)
        if isinstance(part.index, VariableSpec):
            yield from _names((part.index,))
        for transformation in part.transformations:
            for argument in transformation.arguments:
                yield from _names(argument)
