"""Branches that are no longer wanted: by the caller, who sent a CANCEL, or since another answered.

Source: RFC 3261 sections 9 and 16.10; RFC 3326 for Reason; README of tm (`cancel_b_method`,
`local_cancel_reason`, `e2e_cancel_reason`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from sipway.core.context import Context
from sipway.core.late_edits import edits_for
from sipway.core.proxy import contexts, failures, hops, relaying
from sipway.language.signatures import Routes
from sipway.sip.edits import edited
from sipway.sip.message import Message, parse
from sipway.tx import machines

if TYPE_CHECKING:
    from sipway.core.program import Program
    from sipway.core.proxy.state import ResponseContext
    from sipway.core.sockets import ListenSocket
    from sipway.tx.flow import Flow
    from sipway.tx.machine import ClientTransaction
    from sipway.tx.transaction import Transaction

_EVENT: Final = Routes.EVENT.value
_CANCELLING: Final = "canceling"
_NOTHING_OPEN: Final = "ok -- no more pending branches"


def cancel_by_caller(ctx: Context, invite: Transaction) -> int:
    """Answer the CANCEL of `ctx` and cancel what is still open of the INVITE that it means."""
    program = ctx.program
    transaction = relaying.begin(ctx)
    state: ResponseContext = invite.user
    state.cancelled = True
    server = invite.server
    if state.pending == 0 and all(each.user.status or each.user.blind for each in invite.branches):
        if server is not None and server.status < 200:
            end_unsent(invite, ctx.now)
        relaying.reply(ctx, transaction, 200, _NOTHING_OPEN)
        return 1
    cancel_branches(program, invite, ctx.now, _handed_on(ctx.message, state))
    relaying.reply(ctx, transaction, 200, _CANCELLING)
    return 1


def end_unsent(invite: Transaction, now: float) -> None:
    """Answer an INVITE that is cancelled and has no open branch; it may be suspended."""
    state: ResponseContext = invite.user
    state.suspended = False
    for branch in invite.branches:
        if branch.user.status == 0:
            branch.step(machines.BROKEN, now)
            branch.user.status = 487
    relaying.reply(contexts.context_of(invite, now), invite, 487, "Request canceled")


def cancel_branches(
    program: Program, transaction: Transaction, now: float, extra: bytes = b"", but: int = -1
) -> None:
    """Cancel all branches that have no final response, but the one of this number.

    `extra`: complete header lines for the CANCELs.
    """
    for number, branch in enumerate(transaction.branches):
        if number != but:
            cancel_branch(program, transaction, branch, now, extra)


def cancel_branch(
    program: Program,
    transaction: Transaction,
    branch: ClientTransaction,
    now: float,
    extra: bytes = b"",
) -> None:
    """Cancel one branch, if it has no final response.

    What becomes of one without any response is up to `cancel_b_method`: it ends at once with 487
    (0), is cancelled when it answers (1), or at once (2).
    """
    if branch.user.status != 0 or not branch.invite:
        return
    if branch.state == machines.TRYING and program.proxy.cancel_method != 1:
        if program.proxy.cancel_method == 0:
            branch.step(machines.BROKEN, now)
            program.layer.reschedule(transaction)
            failures.end(transaction, branch, 487, "Request Terminated", now)
            return
        until = branch.wait_until
        branch.step(machines.PROVISIONAL, now)
        branch.give_up_at(until)
    program.layer.cancel(transaction, branch, now, extra)


def before_cancel(program: Program, data: bytes, flow: Flow, now: float) -> bytes | None:
    """Run event_route[tm:local-request] on a CANCEL of ours (`evlreq_mode`).

    Returns the CANCEL as it is to be sent, None if the block says drop.
    """
    block = program.events["tm:local-request"]
    socket = cast("ListenSocket", flow.sender)
    ctx = Context(parse(data), program, socket, flow.destination, now, _EVENT)
    relaying.run_event(ctx, block, "tm:local-request")
    if ctx.dropped:
        return None
    return edited(ctx.message, edits_for(ctx, socket))


def relay_stray(ctx: Context, hop: hops.Destination | None) -> int:
    """Send a CANCEL that means nothing here on without a transaction; 0, which ends the script."""
    return min(0, relaying.relay_ack(ctx, hop))


def reason_line(program: Program, status: int) -> bytes:
    """The Reason of a CANCEL that we send because of a response (RFC 3326)."""
    if not program.proxy.local_reason:
        return b""
    text = b';text="Call completed elsewhere"' if 200 <= status < 300 else b""
    return b"Reason: SIP;cause=%d%b\r\n" % (status, text)


def _handed_on(message: Message, state: ResponseContext) -> bytes:
    """The lines of a CANCEL that those which we send have too."""
    lines = []
    if state.pass_reason:
        lines += [message.data[slice(*message.line(at))] for at in message.indexes_named("Reason")]
    return b"".join(lines)
