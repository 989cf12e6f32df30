"""The module itself, and what its parts share."""

from __future__ import annotations

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.core.module import Module
from sipway.sip.edits import Edit

mod = Module("textopsx")


def edit(ctx: Context, start: int, end: int, replacement: bytes) -> None:
    """Note a change of the message."""
    ctx.edits = [*(ctx.edits or ()), Edit(start, end, replacement)]


def wire(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def failed(ctx: Context, function: str, reason: object) -> int:
    """Log what went wrong; the code of the call."""
    ctx.program.log.line(levels.ERR, f"{function}(): {reason}")
    return -1
