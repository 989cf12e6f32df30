"""t_on_failure() and its like with the name of a block that the script does not have.

Kamailio takes it, and runs nothing. The name `0` stands for none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sipway.language.diagnostics import Diagnostic, Severity
from sipway.language.nodes import BlockKind, Call, Number, RoutingBlock, Script, String
from sipway.language.resolve import Scope
from sipway.language.visitor import walk

CODE = "missing-handler"
WHAT = "t_on_failure(), t_on_reply(), t_on_branch() or t_on_branch_failure() names no block."
WHY = "Nothing runs then when it is time: the name may be misspelt here or at the block."
FIX = "Correct the name, or write the block, as in failure_route[NAME] { ... }."
EXAMPLE = """loadmodule "tm.so"
request_route {
    t_on_failure("AGAIN");
    t_relay();
}
failure_route[AGIAN] {
    exit;
}
"""

_BLOCKS: Final = {
    "t_on_failure": (BlockKind.FAILURE, "{}"),
    "t_on_reply": (BlockKind.ONREPLY, "{}"),
    "t_on_branch": (BlockKind.BRANCH, "{}"),
    "t_on_branch_failure": (BlockKind.EVENT, "tm:branch-failure:{}"),
}
_NONE: Final = "0"


def check(script: Script, _: Scope) -> Iterator[Diagnostic]:
    there = {(item.kind, item.name) for item in script.items if isinstance(item, RoutingBlock)}
    for node in walk(script):
        if not isinstance(node, Call) or node.name not in _BLOCKS or not node.arguments:
            continue
        kind, form = _BLOCKS[node.name]
        argument = node.arguments[0]
        if isinstance(argument, String):
            name = argument.value
        elif isinstance(argument, Number):
            name = str(argument.value)
        else:
            continue  # a name made at run time may be any
        full = form.format(name)
        if name == _NONE or "$" in name or (kind, full) in there:
            continue
        message = f"{node.name}() names {kind.value}[{full}], which is not there"
        yield Diagnostic(Severity.WARNING, CODE, message, argument.span)
