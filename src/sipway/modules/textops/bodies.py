"""Bodies set, of the message and of replies made here."""

from __future__ import annotations

from sipway.core import log as levels
from sipway.core.arguments import Format
from sipway.core.context import Context
from sipway.language.signatures import Routes
from sipway.modules.textops._module import mod, replace_body, unhexed, wire

_REPLIES = Routes.REQUEST | Routes.FAILURE | Routes.EVENT


@mod.function("set_body")
def set_body(ctx: Context, body: Format, media_type: Format) -> int:
    """Replace the body; Content-Type and Content-Length follow. Returns 1; -1 if one is empty."""
    return _set(ctx, wire(body(ctx)), media_type(ctx))


@mod.function("set_body_hex")
def set_body_hex(ctx: Context, body: Format, media_type: Format) -> int:
    """As set_body(), with content in hexadecimal digits, blanks between them or not."""
    try:
        return _set(ctx, unhexed(body(ctx)), media_type(ctx))
    except ValueError as error:
        return _failed(ctx, "set_body_hex", error)


def _set(ctx: Context, body: bytes, media_type: str) -> int:
    if not body or not media_type:
        return -1
    replace_body(ctx, body, media_type)
    return 1


@mod.function("set_reply_body", routes=_REPLIES)
def set_reply_body(ctx: Context, body: Format, media_type: Format) -> int:
    """Give the replies made here a body. Returns 1; -1 if the body or its type is empty."""
    return _set_of_reply(ctx, wire(body(ctx)), media_type(ctx))


@mod.function("set_reply_body_hex", routes=_REPLIES)
def set_reply_body_hex(ctx: Context, body: Format, media_type: Format) -> int:
    """As set_reply_body(), with content in hexadecimal digits, blanks between them or not."""
    try:
        return _set_of_reply(ctx, unhexed(body(ctx)), media_type(ctx))
    except ValueError as error:
        return _failed(ctx, "set_reply_body_hex", error)


def _set_of_reply(ctx: Context, body: bytes, media_type: str) -> int:
    if not body or not media_type:
        return -1
    ctx.reply_body = (wire(media_type), body)
    return 1


def _failed(ctx: Context, function: str, reason: object) -> int:
    ctx.program.log.line(levels.ERR, f"{function}(): {reason}")
    return -1
