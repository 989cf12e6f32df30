"""sl: replies without a transaction.

Source: README of Kamailio's module sl. Left out as long as there are no transactions and
no interface for other languages: `bind_tm` has nothing to bind to, and the parameters
`event_callback_*` name functions of such languages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipway.core import replies
from sipway.core.module import Module
from sipway.language.signatures import Meaning, Routes
from sipway.sip.methods import ACK

if TYPE_CHECKING:
    from sipway.core.context import Context

mod = Module("sl")
default_code = mod.param("default_code", int, 500, doc="status code for one that is not valid")
default_reason = mod.param(
    "default_reason", str, "Internal Server Error", doc="reason phrase for an empty one"
)
mod.param("bind_tm", int, 1, meaning=Meaning.IGNORED, doc="answer statefully where possible")
mod.param("rich_redirect", int, 0, meaning=Meaning.IGNORED, doc="what 3xx Contacts tell")

_filtered_ack = mod.event("sl:filtered-ack")
_local_response = mod.event("sl:local-response")


@mod.function("sl_send_reply", "sl_reply", "send_reply", routes=Routes.REQUEST, replies=True)
def send_reply(ctx: Context, code: int, reason: str) -> int:
    """Answer the request with a status code and a reason phrase, without a transaction.

    Returns 1; -1 if the request is an ACK or the code is not within 100 to 699.
    """
    if ctx.message.method_id == ACK:
        return -1
    replies.send_reply(ctx, code, reason)
    _local_response.run(ctx)
    return 1


@mod.filter(ACK)
def is_not_our_ack(ctx: Context) -> bool:
    """Let an ACK through unless it acknowledges a reply of this module."""
    tag = ctx.message.to.tag
    if tag is None or not tag.startswith(ctx.program.tag_prefix.decode()):
        return True
    _filtered_ack.run(ctx)
    return False
