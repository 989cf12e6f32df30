"""Flags of the message."""

from __future__ import annotations

from sipway.core.arguments import MessageFlag
from sipway.core.builtin import core
from sipway.core.context import Context


@core.function("setflag")
def set_flag(ctx: Context, flag: MessageFlag) -> int:
    """Set a flag of the message: a number from 0 to 31, or a name that `flags` declares."""
    ctx.flags |= 1 << flag
    return 1


@core.function("resetflag")
def reset_flag(ctx: Context, flag: MessageFlag) -> int:
    """Take back a flag of the message."""
    ctx.flags &= ~(1 << flag) & 0xFFFFFFFF
    return 1


@core.function("isflagset", test="ctx.flags >> flag & 1")
def is_flag_set(ctx: Context, flag: MessageFlag) -> int:
    """True if the flag of the message is set."""
    return 1 if ctx.flags >> flag & 1 else -1
