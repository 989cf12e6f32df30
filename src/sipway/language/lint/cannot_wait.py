"""A function that may have to wait, in a block that cannot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sipway.language.diagnostics import Diagnostic, Severity
from sipway.language.nodes import (
    BlockKind,
    Call,
    Name,
    Number,
    RouteCall,
    RoutingBlock,
    Script,
    String,
)
from sipway.language.resolve import Scope
from sipway.language.visitor import walk

CODE = "cannot-wait"
WHAT = (
    "A branch_route or onsend_route reaches a function that may have to wait for an answer, such as"
    " that of a database."
)
WHY = (
    "These blocks run while the request is being sent, which waits for nothing: the block is left"
    " at this call, and the request goes out, even where a drop stands behind it."
)
FIX = "Call it in request_route, and keep what it says in an AVP or a flag."
EXAMPLE = """loadmodule "ipops.so"
request_route {
    exit;
}
onsend_route {
    dns_query("example.org", "x");
}
"""

_KINDS: Final = (BlockKind.BRANCH, BlockKind.ONSEND)
# They wait for nobody but for other requests, or run blocks that are looked at themselves.
_RARELY: Final = frozenset({"lock", "sht_lock", "route_if_exists", "msg_changed_route"})


def check(script: Script, scope: Scope) -> Iterator[Diagnostic]:
    waits = {
        each.name
        for module in scope.modules.values()
        for each in module.functions.values()
        if each.may_wait
    } - _RARELY
    blocks = [item for item in script.items if isinstance(item, RoutingBlock)]
    called = {block.name: block for block in blocks if block.kind is BlockKind.ROUTE}
    told: set[int] = set()
    for block in blocks:
        if block.kind not in _KINDS:
            continue
        for call in _calls(block, called):
            if call.name in waits and id(call) not in told:
                told.add(id(call))
                yield Diagnostic(
                    Severity.WARNING,
                    CODE,
                    f"{call.name}() may have to wait, and {block.kind.value} cannot:"
                    " the block would end here, and the request go out all the same",
                    call.span,
                )


def _calls(block: RoutingBlock, called: dict[str | None, RoutingBlock]) -> Iterator[Call]:
    """Those of a block, and of the blocks that it reaches."""
    seen = {id(block)}
    pending = [block]
    while pending:
        for node in walk(pending.pop()):
            if isinstance(node, Call):
                yield node
            elif isinstance(node, RouteCall):
                found = called.get(_target(node))
                if found is not None and id(found) not in seen:
                    seen.add(id(found))
                    pending.append(found)


def _target(node: RouteCall) -> str:
    """The constant name, "" for one made at run time."""
    target = node.target
    if isinstance(target, Name):
        return target.name
    if isinstance(target, Number | String):
        return str(target.value)
    return ""
