"""Code behind `exit`, `drop`, `return` or `break`."""

from __future__ import annotations

from collections.abc import Iterator

from sipway.language.diagnostics import Diagnostic, Severity
from sipway.language.nodes import Block, Break, Drop, Exit, Return, Script
from sipway.language.resolve import Scope
from sipway.language.visitor import walk

CODE = "unreachable-code"
WHAT = "Statements stand behind exit, drop, return or break."
WHY = "What stands behind exit, drop, return or break in the same block never runs."
FIX = "Remove them, or put what ends the block behind them or into an if."
EXAMPLE = """request_route {
    exit;
    $var(x) = 1;
}
"""
_ENDS = {Exit: "exit", Drop: "drop", Return: "return", Break: "break"}


def check(script: Script, scope: Scope) -> Iterator[Diagnostic]:  # noqa: ARG001
    for node in walk(script):
        if not isinstance(node, Block):
            continue
        for statement, following in zip(node.statements, node.statements[1:], strict=False):
            word = _ENDS.get(type(statement))
            if word is not None and type(following) is not Break:
                yield Diagnostic(
                    Severity.WARNING,
                    CODE,
                    f"this never runs: {word} stands before it",
                    following.span,
                    related=((statement.span, f"the {word}"),),
                )
                break
