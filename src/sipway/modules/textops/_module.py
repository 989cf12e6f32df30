"""The module itself, and what its parts share."""

from __future__ import annotations

from sipway.core.context import Context
from sipway.core.module import Module
from sipway.sip import headers
from sipway.sip.edits import Edit

mod = Module("textops")


def edit(ctx: Context, start: int, end: int, replacement: bytes) -> None:
    """Note a change of the message."""
    if ctx.edits is None:
        ctx.edits = []
    ctx.edits.append(Edit(start, end, replacement))


def wire(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def unhexed(text: str) -> bytes:
    """The bytes that hexadecimal digits mean. Raises ValueError."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise ValueError(f'"{text:.60}" is no pairs of hexadecimal digits') from None


def replace_body(ctx: Context, body: bytes, media_type: str) -> None:
    """Note another body with its type; Content-Length follows."""
    message = ctx.message
    start = message.body_offset
    edit(ctx, start, start + message.body_length, body)
    index = message.find(headers.CONTENT_TYPE)
    if index >= 0:
        field = message.headers()[index]
        edit(ctx, field.value_start, field.value_end, wire(media_type))
    else:
        end = message.headers_end
        edit(ctx, end, end, wire(f"Content-Type: {media_type}\r\n"))
    if message.find(headers.CONTENT_LENGTH) < 0:
        end = message.headers_end
        edit(ctx, end, end, b"Content-Length: %d\r\n" % len(body))
