"""t_on_failure() and its like with the name of a block that the script does not have.

Kamailio takes it, and runs nothing. The name `0` stands for none. So do async_route() and its like,
and the timers of rtimer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sipway.language.diagnostics import Diagnostic, Severity
from sipway.language.nodes import BlockKind, Call, ModParam, Number, RoutingBlock, Script, String
from sipway.language.resolve import Scope
from sipway.language.source import Span
from sipway.language.visitor import walk

CODE = "missing-handler"
WHAT = "t_on_failure(), async_route() or their like, or a timer of rtimer, names no block."
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
    "async_route": (BlockKind.ROUTE, "{}"),
    "async_ms_route": (BlockKind.ROUTE, "{}"),
    "async_task_route": (BlockKind.ROUTE, "{}"),
    "async_task_group_route": (BlockKind.ROUTE, "{}"),
    "async_task_data": (BlockKind.ROUTE, "{}"),
    "async_task_group_data": (BlockKind.ROUTE, "{}"),
}
_NONE: Final = "0"


def check(script: Script, _: Scope) -> Iterator[Diagnostic]:
    there = {(item.kind, item.name) for item in script.items if isinstance(item, RoutingBlock)}
    for who, kind, name, span in _named(script):
        if name != _NONE and "$" not in name and (kind, name) not in there:
            message = f"{who} names {kind.value}[{name}], which is not there"
            yield Diagnostic(Severity.WARNING, CODE, message, span)


def _named(script: Script) -> Iterator[tuple[str, BlockKind, str, Span]]:
    """All blocks that are named so: by whom, and where."""
    for node in walk(script):
        if isinstance(node, ModParam):
            yield from _of_timer(node)
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
        yield f"{node.name}()", kind, name if name == _NONE else form.format(name), argument.span


def _of_timer(node: ModParam) -> Iterator[tuple[str, BlockKind, str, Span]]:
    """`modparam("rtimer", "exec", "timer=T;route=NAME")`."""
    if "rtimer" not in node.modules.split("|") or node.name != "exec":
        return
    for part in str(node.value).split(";"):
        key, _, name = part.partition("=")
        if key.strip() == "route" and name.strip():
            yield "this timer", BlockKind.ROUTE, name.strip(), node.value_span
