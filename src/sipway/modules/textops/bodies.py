"""Bodies set, filtered and read."""

from __future__ import annotations

import re

from sipway.core.arguments import ConstantText, Format, VariableName
from sipway.core.context import Context
from sipway.language.signatures import Routes
from sipway.modules.textops._module import edit, mod, wire
from sipway.modules.textops.questions import content_type
from sipway.sip import headers
from sipway.sip.message import Message, text


@mod.function("set_body")
def set_body(ctx: Context, body: Format, media_type: Format) -> int:
    """Replace the body; Content-Type and Content-Length follow. Returns 1; -1 if one is empty."""
    message = ctx.message
    made, kind = body(ctx), media_type(ctx)
    if not made or not kind:
        return -1
    start = message.body_offset
    edit(ctx, start, start + message.body_length, wire(made))
    index = message.find(headers.CONTENT_TYPE)
    if index >= 0:
        field = message.headers()[index]
        edit(ctx, field.value_start, field.value_end, wire(kind))
    else:
        end = message.headers_end
        edit(ctx, end, end, wire(f"Content-Type: {kind}\r\n"))
    if message.find(headers.CONTENT_LENGTH) < 0:
        end = message.headers_end
        edit(ctx, end, end, b"Content-Length: %d\r\n" % len(wire(made)))
    return 1


@mod.function("set_reply_body", routes=Routes.REQUEST | Routes.FAILURE | Routes.EVENT)
def set_reply_body(ctx: Context, body: Format, media_type: Format) -> int:
    """Give the replies made here a body. Returns 1; -1 if the body or its type is empty."""
    made, kind = body(ctx), media_type(ctx)
    if not made or not kind:
        return -1
    ctx.reply_body = (wire(kind), wire(made))
    return 1


# --- bodies of several parts ---------------------------------------------------------------

_BOUNDARY = re.compile(r';\s*boundary\s*=\s*(?:"([^"]+)"|([^\s;]+))', re.IGNORECASE)


def _parts(message: Message) -> list[tuple[str, bytes, bytes]]:
    """Media type, headers and content of each part of a multipart body."""
    match = _BOUNDARY.search(message.value(headers.CONTENT_TYPE) or "")
    if match is None or not content_type(message).startswith("multipart/"):
        return []
    pieces = re.split(rb"(?:\A|\r?\n)--" + re.escape(wire(match[1] or match[2])), message.body)
    found = []
    for piece in pieces[1:]:
        if piece.startswith(b"--"):
            break
        head, _, content = piece.lstrip(b" \t").removeprefix(b"\r\n").partition(b"\r\n\r\n")
        kind = re.search(
            rb"^content-type[ \t]*:[ \t]*([^\s;]+)", head, re.IGNORECASE | re.MULTILINE
        )
        found.append(("" if kind is None else text(kind[1]).lower(), head, content))
    return found


@mod.function("filter_body")
def filter_body(ctx: Context, media_type: ConstantText) -> int:
    """Leave only the first part of a media type of a multipart body.

    1; -1 if there is no such part. Content-Type is left to the script.
    """
    message = ctx.message
    for kind, _, content in _parts(message):
        if kind == media_type.lower():
            start = message.body_offset
            edit(ctx, start, start + message.body_length, content)
            return 1
    return -1


@mod.function("get_body_part")
def get_body_part(ctx: Context, media_type: ConstantText, result: VariableName) -> int:
    """Put the content of the first part of a media type into a variable; -1 if there is none."""
    for kind, _, content in _parts(ctx.message):
        if kind == media_type.lower() and result.set is not None:
            result.set(ctx, text(content))
            return 1
    return -1


@mod.function("get_body_part_raw")
def get_body_part_raw(ctx: Context, media_type: ConstantText, result: VariableName) -> int:
    """As get_body_part(), with the headers of the part."""
    for kind, head, content in _parts(ctx.message):
        if kind == media_type.lower() and result.set is not None:
            result.set(ctx, text(head + b"\r\n\r\n" + content))
            return 1
    return -1
