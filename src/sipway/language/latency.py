"""How long statements of a script take, where it asks for that (`latency_limit_action`).

What is compiled without a limit has nothing of this in it.
"""

from __future__ import annotations

from time import perf_counter
from typing import Any

from sipway.language.nodes import Assign, Call, ExpressionStatement, RouteCall, Statement
from sipway.language.record import Record

LOG_LEVEL = -1
"""Of what was slow, unless the script says otherwise (`latency_log`)."""


class Latency(Record):
    """`limit`: microseconds above which a statement is slow; `level`: of the log."""

    limit: int
    level: int


def clock() -> float:
    return perf_counter()


def report(ctx: Any, start: float, latency: Latency, what: str, where: str) -> None:
    """Log a statement that began at `start` if it took longer than it may."""
    took = int((perf_counter() - start) * 1_000_000)
    if took > latency.limit:
        line = f"alert - action [{what}] cfg [{where}] took too long [{took} us]"
        ctx.program.log.line(latency.level, line)


def described(node: Statement) -> str:
    """What the log calls a statement: the function it calls, or its kind."""
    if isinstance(node, ExpressionStatement):
        if isinstance(node.expression, Call):
            return node.expression.name
        if isinstance(node.expression, RouteCall):
            return "route"
    return "assign" if isinstance(node, Assign) else type(node).__name__.lower()
