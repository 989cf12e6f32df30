"""Blocks of the script run for a transaction: a fault in one is logged and ends it, and no more.

Compiled (see `running.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sipway.core.waiting import at_once

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.core.program import Block

logger = logging.getLogger("sipway.engine")


def run(ctx: Context, block: Block, where: str) -> int:
    """Run a block; a fault in it is logged and ends it. Returns its code, -1 after a fault."""
    try:
        if block in ctx.program.waiting:
            return at_once(block(ctx), ctx.program.log, where)
        code: int = block(ctx)
        return code
    except Exception as error:
        logger.error("%s stopped at a fault of sipway's own", where, exc_info=error)
        return -1


async def run_waiting(ctx: Context, block: Block, where: str) -> None:
    """The same with a block that waits."""
    try:
        await block(ctx)
    except Exception as error:
        logger.error("%s stopped at a fault of sipway's own", where, exc_info=error)
