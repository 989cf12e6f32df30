"""How long request_route and reply_route take, for the log (`latency_cfg_log`)."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.core.log import Log
    from sipway.core.program import Block


def timed(block: Block, waits: bool, name: str, log: Log, level: int) -> Block:
    """A block that tells at a level of the log how long it took; with the time that it waited."""

    def tell(start: float) -> None:
        if level <= log.level:
            took = int((perf_counter() - start) * 1_000_000)
            log.line(level, f"{name} executed in: {took} usec")

    if waits:

        async def run_waiting(ctx: Context) -> Any:
            start = perf_counter()
            try:
                return await block(ctx)
            finally:
                tell(start)

        return run_waiting

    def run(ctx: Context) -> Any:
        start = perf_counter()
        try:
            return block(ctx)
        finally:
            tell(start)

    return run
