"""The module itself, and what its parts share."""

from __future__ import annotations

from sipway.core.context import Context
from sipway.core.module import Module
from sipway.sip.build import Edit

mod = Module("textops")


def edit(ctx: Context, start: int, end: int, replacement: bytes) -> None:
    """Note a change of the message."""
    if ctx.edits is None:
        ctx.edits = []
    ctx.edits.append(Edit(start, end, replacement))


def wire(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
