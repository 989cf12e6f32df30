"""A `route[NAME]` that no route() calls."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sipway.language.diagnostics import Diagnostic, Severity
from sipway.language.nodes import (
    BlockKind,
    Call,
    ModParam,
    Name,
    Number,
    RouteCall,
    RoutingBlock,
    Script,
    String,
)
from sipway.language.resolve import Scope
from sipway.language.visitor import walk

CODE = "unused-block"
WHAT = "No route() calls a route[NAME]."
WHY = "A block that nothing calls does nothing: its name may be misspelt at the call."
FIX = "Correct the name at the call, or remove the block."
EXAMPLE = """request_route {
    exit;
}
route[RELAY] {
    exit;
}
"""


def check(script: Script, scope: Scope) -> Iterator[Diagnostic]:
    called: set[str] = set()
    for node in walk(script):
        if isinstance(node, RouteCall):
            target = node.target
            if isinstance(target, Name):
                called.add(target.name)
            elif isinstance(target, Number):
                called.add(str(target.value))
            elif isinstance(target, String):
                called.add(target.value)
            else:
                return  # a name made at run time may be any
        elif isinstance(node, Call):
            # Functions of modules call routes too, by a name among their arguments.
            called.update(a.value for a in node.arguments if isinstance(a, String))
        elif isinstance(node, ModParam):
            # So do parameters: `timer=T;route=NAME`, or the name alone.
            called.update(part.strip() for part in re.split("[;=]", str(node.value)))
    if scope.missing:
        return  # a module that is not here may call routes by its parameters
    for item in script.items:
        if (
            isinstance(item, RoutingBlock)
            and item.kind is BlockKind.ROUTE
            and item.name not in called
        ):
            yield Diagnostic(Severity.WARNING, CODE, f"nothing calls route[{item.name}]", item.head)
