"""What goes back to the caller: a response as it came, or the best one when all have failed.

RFC 3261 section 16.7, steps 6 to 9. A branch that ran out of time, or could not be sent to, has no
response of its own: one is made here if it is the best.

Compiled (see `upstream.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sipway.core.proxy import contexts, relaying, requesting, watching
from sipway.core.proxy.choice import priority
from sipway.core.proxy.state import BranchState, ResponseContext
from sipway.core.via_xavps import reply_with_parameters
from sipway.sip.build import passed_on_reply

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.sip.edits import Edit
    from sipway.sip.message import Message
    from sipway.tx.transaction import Transaction

_REASONS: Final = {
    401: "Unauthorized",
    407: "Proxy Authentication Required",
    503: "Service Unavailable",
}
_CHALLENGES: Final = ("WWW-Authenticate", "Proxy-Authenticate")


def best(state: ResponseContext, transaction: Transaction) -> int:
    """The number of the branch with the best response, of those that still count."""
    found, lowest = -1, 1 << 16
    for number, branch in enumerate(transaction.branches):
        kept: BranchState = branch.user
        if kept.dropped or kept.status < 300:
            continue
        value = priority(kept.status)
        if kept.reply is None:
            value += state.program.proxy.local_priority
        if value < lowest:
            found, lowest = number, value
    return found


def answer(state: ResponseContext, transaction: Transaction, best: int, now: float) -> None:
    """Send the response of a branch back to the caller."""
    kept: BranchState = transaction.branches[best].user
    if transaction.server is None:
        requesting.failed(transaction, kept.status, now)
        return
    ctx = contexts.context_of(transaction, now)
    ctx.branch = best
    if kept.reply is None:
        if kept.timed_out and _is_silent(state, transaction, kept):
            ctx.program.layer.forget(transaction)
            return
        if kept.timed_out and state.cancelled:
            relaying.reply(ctx, transaction, 487, "Request Terminated")
        else:
            relaying.reply(ctx, transaction, kept.status, kept.reason)
        return
    if kept.status in (401, 407) and state.program.proxy.aggregate:
        challenged = [each.user for each in transaction.branches if _challenges(each.user)]
        if len(challenged) > 1:
            lines = b"".join(_challenge_lines(each.reply) for each in challenged)
            relaying.reply(ctx, transaction, kept.status, _REASONS[kept.status], lines)
            return
    if kept.status == 503 and state.program.proxy.hide_503:
        relaying.reply(ctx, transaction, 500, _REASONS[503])
        return
    pass_on(ctx, transaction, kept.reply, kept.edits)


def _is_silent(state: ResponseContext, transaction: Transaction, kept: BranchState) -> bool:
    """Whether an INVITE that nobody answered is to go unanswered too (`noisy_ctimer`)."""
    return not (
        state.program.proxy.noisy
        or kept.last
        or len(transaction.branches) > 1
        or not transaction.branches[0].invite
    )


def _challenges(kept: BranchState) -> bool:
    """Whether a branch that counts was answered with a challenge."""
    return kept.status in (401, 407) and kept.reply is not None and not kept.dropped


def _challenge_lines(message: Message) -> bytes:
    """The challenges of a response: to be answered with those of others (16.7, step 7)."""
    return b"".join(
        message.data[slice(*message.line(index))]
        for name in _CHALLENGES
        for index in message.indexes_named(name)
    )


def pass_on(
    ctx: Context,
    transaction: Transaction,
    message: Message,
    edits: list[Edit] | None,
) -> None:
    server = transaction.server
    if server is None:
        return
    state: ResponseContext = transaction.user
    # A 2xx that is sent again, or that of another branch, is no news.
    watched = state.watchers is not None and server.status < 200
    data = passed_on_reply(message, edits)
    if data is None:
        return
    if ctx.extras is not None and ctx.extras.via_reply_xavp_params:
        data = reply_with_parameters(ctx, data)
    ctx.program.layer.reply(transaction, message.status, data, ctx.now)
    if watched:
        watching.tell_answered(ctx, transaction, message.status, message)
