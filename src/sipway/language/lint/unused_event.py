"""An `event_route[MODULE:NAME]` that nothing here runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sipway.language.diagnostics import Diagnostic, Severity
from sipway.language.near import nearest
from sipway.language.nodes import BlockKind, RoutingBlock, Script
from sipway.language.resolve import Scope

CODE = "unused-event"
WHAT = (
    "An event_route of the core, or of a module that is loaded, is for an event that never comes."
)
WHY = "The block does nothing then: its name may be misspelt, or sipway does not run it yet."
FIX = "Correct the name, or do without the block; docs/language.md has what is not run yet."
EXAMPLE = """request_route {
    exit;
}
event_route[core:worker-one-innit] {
    exit;
}
"""

# The rest of the name is the script's own.
_WITH_NAMES: Final = ("tm:branch-failure:",)
# The rest is the name of a table, which a parameter declares.
_OF_TABLES: Final = ("htable:expired:", "htable:reloaded:")
_TABLES: Final = ("htable", "htable")


def check(script: Script, scope: Scope) -> Iterator[Diagnostic]:
    for item in script.items:
        if not isinstance(item, RoutingBlock) or item.kind is not BlockKind.EVENT or not item.name:
            continue
        owner = scope.modules.get(item.name.partition(":")[0])
        if owner is None or item.name in owner.events or item.name.startswith(_WITH_NAMES):
            continue
        hint, why = nearest(item.name, owner.events), ""
        if item.name.startswith(_OF_TABLES):
            table = item.name.rpartition(":")[2]
            tables = [each.name for each in scope.parameters.get(_TABLES, ())]
            if table in tables:
                continue
            hint, why = nearest(table, tables), f": there is no table {table}"
        yield Diagnostic(
            Severity.WARNING,
            CODE,
            f"event_route[{item.name}] is never run here{why}",
            item.head,
            hint,
        )
