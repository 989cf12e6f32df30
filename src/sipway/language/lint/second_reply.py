"""A final reply behind another one, with nothing between them that ends the script."""

from __future__ import annotations

from collections.abc import Iterator

from sipway.language.diagnostics import Diagnostic, Severity
from sipway.language.nodes import (
    Block,
    Call,
    Expression,
    ExpressionStatement,
    Number,
    Script,
    Statement,
    String,
)
from sipway.language.resolve import Scope
from sipway.language.visitor import walk

CODE = "second-reply"
WHAT = "A final reply is sent to a request that has been answered already."
WHY = "A request gets one final reply; the caller drops or misunderstands a second one."
FIX = "Write exit; behind the first reply."
EXAMPLE = """loadmodule "sl.so"
request_route {
    sl_send_reply("404", "Not Found");
    sl_send_reply("500", "Server Error");
}
"""


def check(script: Script, scope: Scope) -> Iterator[Diagnostic]:
    for node in walk(script):
        if not isinstance(node, Block):
            continue
        first: Call | None = None
        for statement in node.statements:
            call = _final_reply(statement, scope)
            if call is None:
                continue
            if first is not None:
                yield Diagnostic(
                    Severity.WARNING,
                    CODE,
                    "the request has been answered already",
                    call.span,
                    hint="write exit; behind the first reply",
                    related=((first.span, "the first reply"),),
                )
                break
            first = call


def _final_reply(statement: Statement, scope: Scope) -> Call | None:
    """The call that sends a final reply, if the statement is one."""
    if not isinstance(statement, ExpressionStatement):
        return None
    call = statement.expression
    if not isinstance(call, Call) or not call.arguments:
        return None
    for module in scope.modules.values():
        signature = module.functions.get(call.name)
        if signature is not None and signature.replies and _is_final(call.arguments[0]):
            return call
    return None


def _is_final(code: Expression) -> bool:
    """Whether a status code is known to be 200 or above."""
    if isinstance(code, Number):
        return code.value >= 200
    return isinstance(code, String) and code.value.isdigit() and int(code.value) >= 200
