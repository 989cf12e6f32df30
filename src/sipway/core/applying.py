"""Changes of a message made now, so that all after it sees them (`msg_apply_changes()`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipway.core.late_edits import edits_for
from sipway.sip.edits import Edit, edited
from sipway.sip.message import Message, parse

if TYPE_CHECKING:
    from sipway.core.context import Context


def like(ctx: Context, data: bytes) -> Message:
    """Another message of the same kind. Raises SipParseError or ValueError."""
    message = parse(data)
    if message.is_request != ctx.message.is_request:
        raise ValueError("a request stays a request, and a reply a reply")
    return message


def changed(ctx: Context) -> Message:
    """The message with its changes made. Raises SipParseError or ValueError."""
    message = ctx.message
    edits = list(edits_for(ctx, ctx.send_socket or ctx.socket))
    if ctx.ruri is not None and message.is_request:
        uri = ctx.ruri.encode("utf-8", "surrogateescape")
        edits.insert(0, Edit(message.uri_start, message.uri_end, uri))
    return like(ctx, edited(message, edits)) if edits else message


def take(ctx: Context, message: Message) -> None:
    """Go on with another message, without changes."""
    ctx.message, ctx.edits, ctx.ruri = message, None, None
    if ctx.extras is not None:
        ctx.extras.has_late_edits = False
