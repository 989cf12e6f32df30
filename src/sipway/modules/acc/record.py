"""What a record says in any case: who, with what outcome."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sipway.core import replies
from sipway.core.context import Context
from sipway.core.proxy import contexts
from sipway.language.record import Record
from sipway.modules.acc.reasons import phrase

if TYPE_CHECKING:
    from sipway.core.proxy.state import BranchState
    from sipway.sip.message import Message
    from sipway.tx.transaction import Transaction

_DIGITS: Final = 3
_STATUS: Final = re.compile("[0-9]{3}")


class Accounted(Record):
    """One record; `ctx` is what its variables are read from. `code` is empty without one."""

    ctx: Context
    method: str
    from_tag: str | None
    to_tag: str | None
    call_id: str
    code: str
    reason: str


def of_transaction(
    transaction: Transaction,
    ctx: Context,
    status: int,
    reply: Message | None,
    *,
    upstream: bool,
    reason_header: bool,
) -> Accounted:
    """The record of an answer; what `ctx` is see `core.proxy.watching.Watcher`."""
    shown = request_context(transaction, ctx)
    message = transaction.request
    from_tag = message.from_.tag
    if reply is not None:
        to_tag = reply.to.tag
        reason = reply.reason
        if reason_header:
            reason = _reason_header(reply) or reason
    else:
        to_tag = message.to.tag or replies.transaction_tag(shown).decode()
        reason = phrase(status)
    if upstream:
        from_tag, to_tag = to_tag, from_tag
    return Accounted(shown, message.method, from_tag, to_tag, message.call_id, str(status), reason)


def request_context(transaction: Transaction, ctx: Context) -> Context:
    """The request, with the Request-URI and next hop of the branch `ctx.branch`."""
    shown = contexts.context_of(transaction, ctx.now)
    shown.vars = ctx.vars
    if ctx.message.is_request:
        shown.avps, shown.extras = ctx.avps, ctx.extras
    if 0 <= ctx.branch < len(transaction.branches):
        kept: BranchState = transaction.branches[ctx.branch].user
        shown.ruri, shown.dst_uri = kept.uri, kept.dst_uri
    return shown


def _reason_header(reply: Message) -> str:
    found = reply.indexes_named("Reason")
    return reply.text_value(found[0]) if found else ""


def of_ack(ctx: Context, transaction: Transaction, status: int, *, upstream: bool) -> Accounted:
    """The record of an ACK to a 2xx: its variables are those of the INVITE."""
    message = ctx.message
    from_tag, to_tag = message.from_.tag, message.to.tag
    if upstream:
        from_tag, to_tag = to_tag, from_tag
    shown = contexts.snapshot(ctx)
    shown.avps, shown.extras = transaction.user.avps, transaction.user.extras
    return Accounted(
        shown, message.method, from_tag, to_tag, message.call_id, str(status), phrase(status)
    )


def of_comment(ctx: Context, comment: str) -> Accounted:
    """The record that a script asks for; the comment may begin with a status."""
    message = ctx.message
    code, reason = "", comment
    head = comment[:_DIGITS]
    if _STATUS.fullmatch(head):
        code, reason = head, comment[_DIGITS:].lstrip(" \t")
    to_tag = message.to.tag
    if not to_tag and message.is_request and ctx.transaction is not None:
        to_tag = replies.transaction_tag(ctx).decode()
    return Accounted(ctx, message.method, message.from_.tag, to_tag, message.call_id, code, reason)
