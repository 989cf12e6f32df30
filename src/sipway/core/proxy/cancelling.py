"""Branches that are no longer wanted: by the caller, who sent a CANCEL, or since another answered.

Source: RFC 3261 sections 9 and 16.10; RFC 3326 for Reason; README of tm (`cancel_b_method`,
`local_cancel_reason`, `e2e_cancel_reason`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sipway.core.proxy import relaying
from sipway.sip.message import Message

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.core.program import Program
    from sipway.core.proxy.state import ResponseContext
    from sipway.tx.transaction import Transaction

_CANCELLING: Final = "canceling"


def cancel_by_caller(ctx: Context, invite: Transaction) -> int:
    """Answer the CANCEL of `ctx` and cancel what is still open of the INVITE that it means."""
    program = ctx.program
    transaction = relaying.begin(ctx)
    relaying.reply(ctx, transaction, 200, _CANCELLING)
    state: ResponseContext = invite.user
    state.cancelled = True
    extra = _reasons(ctx.message) if program.proxy.pass_reason else b""
    cancel_branches(program, invite, ctx.now, extra)
    return 1


def cancel_branches(
    program: Program, transaction: Transaction, now: float, extra: bytes = b"", but: int = -1
) -> None:
    """Cancel all branches that have no final response, but the one of this number.

    `extra`: complete header lines for the CANCELs.
    """
    for number, branch in enumerate(transaction.branches):
        if number != but and branch.user.status == 0:
            program.layer.cancel(transaction, branch, now, extra)


def reason_line(program: Program, status: int) -> bytes:
    """The Reason of a CANCEL that we send because of a response (RFC 3326)."""
    if not program.proxy.local_reason:
        return b""
    text = b';text="Call completed elsewhere"' if 200 <= status < 300 else b""
    return b"Reason: SIP;cause=%d%b\r\n" % (status, text)


def _reasons(message: Message) -> bytes:
    return b"".join(
        message.data[slice(*message.line(index))] for index in message.indexes_named("Reason")
    )
