"""sl: replies without a transaction.

Source: README of Kamailio's module sl. send_reply() is stateless here, so `bind_tm` has nothing to
bind to. Left out: the parameters `event_callback_*`, which name functions of other languages, and
the statistics.

Unlike Kamailio's, the filter for ACKs has no time limit: an ACK whose To-tag was made here
acknowledges a reply made here, however late it comes.
"""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from sipway.core import replies
from sipway.core.branches import destination_set
from sipway.core.context import Context
from sipway.core.module import Module
from sipway.language.signatures import ArgumentKind, Meaning, Routes
from sipway.sip.methods import ACK

mod = Module("sl")

default_code = mod.param("default_code", int, 500, doc="status code of sl_reply_error()")
default_reason = mod.param(
    "default_reason", str, "Internal Server Error", doc="reason phrase of sl_reply_error()"
)
mod.param("bind_tm", int, 1, meaning=Meaning.IGNORED, doc="answer statefully where possible")


def _to_rich(value: int) -> int:
    if not 0 <= value <= 3:
        raise ValueError(f"rich_redirect is 0 to 3, not {value}")
    return value


_rich_redirect = mod.param(
    "rich_redirect",
    int,
    0,
    convert=_to_rich,
    doc="what Contacts of a 3xx tell besides: 1 branch flags, 2 the path",
)

_filtered_ack = mod.event("sl:filtered-ack")
_local_response = mod.event("sl:local-response")

_CLASS: Final = 100
_REDIRECTION: Final = 3


def _to_status(value: int | str) -> int:
    try:
        status = int(value)
    except ValueError:
        raise ValueError(f'"{value}" is not a status code') from None
    if not 100 <= status <= 699:
        raise ValueError(f"a status code is 100 to 699, not {status}")
    return status


Status: TypeAlias = Annotated[int, ArgumentKind("a status code", base=None, convert=_to_status)]


# In a block for replies they do nothing, as there is no transaction to answer.
_ANSWERING: Final = Routes.REQUEST | Routes.REPLY | Routes.FAILURE


@mod.function("sl_send_reply", "sl_reply", routes=Routes.REQUEST, replies=True)
@mod.function("send_reply", routes=_ANSWERING, replies=True)
def send_reply(ctx: Context, code: Status, reason: str) -> int:
    """Answer the request with a status code and a reason phrase, without a transaction.

    A 3xx has a Contact with the Request-URI if the script has changed that, and the branches.
    Returns 1; -1 for an ACK, which is never answered, and for a reply.
    """
    message = ctx.message
    if message.method_id == ACK or not message.is_request:
        return -1
    contacts = None
    if code // _CLASS == _REDIRECTION:
        contacts = destination_set(ctx, _rich_redirect(ctx.program))
    extra = b"" if contacts is None else f"Contact: {contacts}\r\n".encode(errors="surrogateescape")
    replies.send_reply(ctx, code, reason, extra)
    if ctx.program.events:
        _local_response.run(ctx)
    return 1


@mod.function("send_reply_mode", routes=_ANSWERING, replies=True)
def send_reply_mode(ctx: Context, code: Status, reason: str, mode: int) -> int:
    """As send_reply(); `mode` is about connections, of which UDP has none."""
    return send_reply(ctx, code, reason)


@mod.function("sl_reply_error", routes=Routes.REQUEST)
@mod.function("send_reply_error", routes=_ANSWERING)
def reply_error(ctx: Context) -> int:
    """Answer with the last internal error, such as 483 of maxfwd; else with the default.

    Returns 1; -1 if the request is an ACK.
    """
    program = ctx.program
    code, reason = ctx.error or (default_code(program), default_reason(program))
    return send_reply(ctx, code, reason)


@mod.function("sl_forward_reply", routes=Routes.REPLY)
def forward_reply(ctx: Context, code: Status | None = None, reason: str = "") -> int:
    """Pass the reply on to the next Via, with another status code of its class if given.

    The reply goes on again when the script ends, unless it is dropped. Returns 1; -1 if it
    cannot go anywhere or the class differs.
    """
    status = ctx.message.status
    if code is not None and code // _CLASS != status // _CLASS:
        return -1
    return 1 if replies.forward_reply(ctx, code or 0, reason or ctx.message.reason) else -1


@mod.filter(ACK)
def is_not_our_ack(ctx: Context) -> bool:
    """Let an ACK through unless it acknowledges a reply of this module."""
    tag = ctx.message.to.tag
    if tag is None or not tag.startswith(ctx.program.tag_prefix.decode()):
        return True
    _filtered_ack.run(ctx)
    return False
