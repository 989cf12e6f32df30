"""The Module, and what its files share."""

from __future__ import annotations

from typing import Final

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.core.module import Module

mod: Final = Module("pv")


def failed(ctx: Context, function: str, why: object) -> int:
    """Log why a function did nothing; its code."""
    ctx.program.log.line(levels.ERR, f"{function}(): {why}")
    return -1
