"""Responses to branches: passed on, collected, chosen from (RFC 3261 section 16.7).

Source of what scripts see of it: README of tm. A branch that runs out of time, or cannot be sent,
is as one that was answered 408, 478 and so on; such a response is made here if it is the best.

Compiled (see `responses.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from sipway.core.context import Context
from sipway.core.proxy import cancelling, relaying
from sipway.core.proxy.choice import priority
from sipway.core.proxy.state import BranchState, ResponseContext
from sipway.core.waiting import at_once
from sipway.language.signatures import Routes
from sipway.sip.build import Edit, forwarded_reply

if TYPE_CHECKING:
    from sipway.core.program import Block, Program
    from sipway.sip.message import Message
    from sipway.tx.machine import ClientTransaction
    from sipway.tx.transaction import Transaction

logger = logging.getLogger("sipway.engine")

_FAILURE: Final = Routes.FAILURE.value
_EVENT: Final = Routes.EVENT.value
_CHALLENGES: Final = ("WWW-Authenticate", "Proxy-Authenticate")


def receive(ctx: Context, transaction: Transaction, branch: ClientTransaction) -> None:
    """Deal with a response that its branch's state machine passes on; `ctx` is its Context."""
    state: ResponseContext = transaction.user
    kept: BranchState = branch.user
    status = ctx.message.status
    ctx.transaction = transaction
    ctx.branch = branch.number
    kept.replied = True
    if status < 200 and branch.cancel is not None:
        return  # it rings, or did: nobody wants to know any more
    block = kept.on_reply or state.on_reply
    if block is None:
        _after_route(ctx, transaction, branch)
        return
    state.lend(ctx)
    if block in ctx.program.waiting:
        ctx.program.start(_receive_waiting(ctx, transaction, branch, block))
        return
    _run(ctx, block, "onreply_route")
    state.take_back(ctx)
    if not ctx.dropped or status >= 200:
        _after_route(ctx, transaction, branch)


async def _receive_waiting(
    ctx: Context, transaction: Transaction, branch: ClientTransaction, block: Block
) -> None:
    """The same with an onreply_route that waits."""
    try:
        await block(ctx)
    except Exception as error:
        logger.error("onreply_route stopped at a fault of sipway's own", exc_info=error)
    transaction.user.take_back(ctx)
    if not ctx.dropped or ctx.message.status >= 200:
        _after_route(ctx, transaction, branch)


def _after_route(ctx: Context, transaction: Transaction, branch: ClientTransaction) -> None:
    kept: BranchState = branch.user
    status = ctx.message.status
    if status < 200:
        if status > 100 or ctx.program.proxy.relay_100:
            _pass_on(ctx, transaction, ctx.message, ctx.edits)
        return
    kept.status = status
    if status < 300:
        _pass_on(ctx, transaction, ctx.message, ctx.edits)
        others = cancelling.reason_line(ctx.program, status)
        cancelling.cancel_branches(ctx.program, transaction, ctx.now, others)
        return
    kept.reply = ctx.message
    kept.edits = ctx.edits
    _failed(ctx.program, transaction, branch, ctx.now)


def give_up(transaction: Transaction, branch: ClientTransaction, now: float) -> None:
    """Deal with a branch that ran out of time: to be answered at all, or finally."""
    kept: BranchState = branch.user
    if kept.status != 0:
        return
    state: ResponseContext = transaction.user
    kept.timed_out = True
    kept.status, kept.reason = state.program.proxy.timeout_reply
    state.program.layer.cancel(transaction, branch, now)
    _failed(state.program, transaction, branch, now)


def fail(transaction: Transaction, branch: ClientTransaction, status: int, now: float) -> None:
    """Deal with a branch that cannot be sent to: as if `status` had come back."""
    kept: BranchState = branch.user
    if kept.status == 0:
        kept.status, kept.reason = status, relaying.reason_of(status)
        _failed(transaction.user.program, transaction, branch, now)


def _failed(
    program: Program, transaction: Transaction, branch: ClientTransaction, now: float
) -> None:
    """One more branch has ended without success: perhaps the last one."""
    state: ResponseContext = transaction.user
    kept: BranchState = branch.user
    goes_on = kept.more and (kept.status == 503 or not kept.replied) and not state.cancelled
    if goes_on and relaying.fail_over(program, transaction, branch, now):
        return
    event = kept.on_failure or state.on_branch_failure
    if event is not None:
        _run_branch_failure(state, transaction, branch, event, now)
    if kept.status >= 600 and not state.keep_6xx:
        reason = cancelling.reason_line(program, kept.status)
        cancelling.cancel_branches(program, transaction, now, reason)
    state.undecided = True
    settle(transaction, now)


def settle(transaction: Transaction, now: float) -> None:
    """Decide, if a branch has failed and none is left to wait for."""
    state: ResponseContext = transaction.user
    if state.pending:
        return
    for each in transaction.branches:
        if each.user.status == 0:
            return
    server = transaction.server
    if server is not None and server.status >= 200:
        return
    state.undecided = False
    _decide(state, transaction, now)


def _decide(state: ResponseContext, transaction: Transaction, now: float) -> None:
    """All branches have ended: failure_route, if the script wants it, then the best response."""
    best = _best(state, transaction)
    block = state.on_failure
    if block is None:
        _answer(state, transaction, best, now)
        return
    state.on_failure = None
    state.best = best
    before = len(transaction.branches)
    ctx = _context(state, transaction, now, _FAILURE)
    ctx.branch = best
    # Other objects, so that t_relay() sees whether they were set, be it to the same text.
    state.ruri = ctx.ruri = _copy(ctx.ruri)
    state.dst_uri = ctx.dst_uri = _copy(ctx.dst_uri)
    if block in ctx.program.waiting:
        ctx.program.start(_decide_waiting(ctx, state, transaction, before, block))
        return
    _run(ctx, block, "failure_route")
    _after_failure(ctx, state, transaction, before)


async def _decide_waiting(
    ctx: Context, state: ResponseContext, transaction: Transaction, before: int, block: Block
) -> None:
    """The same with a failure_route that waits."""
    try:
        await block(ctx)
    except Exception as error:
        logger.error("failure_route stopped at a fault of sipway's own", exc_info=error)
    _after_failure(ctx, state, transaction, before)


def _after_failure(
    ctx: Context, state: ResponseContext, transaction: Transaction, before: int
) -> None:
    """What failure_route has left to be done; before it there were so many branches."""
    state.best = -1
    state.take_back(ctx)
    if len(transaction.branches) > before or state.pending or state.suspended:
        return
    if transaction.server is not None and transaction.server.status < 200:
        _answer(state, transaction, _best(state, transaction), ctx.now)


def _best(state: ResponseContext, transaction: Transaction) -> int:
    """The number of the branch with the best response, of the latest leg."""
    found, lowest = -1, 1 << 16
    for number in range(state.first, len(transaction.branches)):
        kept: BranchState = transaction.branches[number].user
        value = priority(kept.status, state.keep_6xx)
        if kept.reply is None:
            value += state.program.proxy.local_priority
        if value < lowest:
            found, lowest = number, value
    return found


def _answer(state: ResponseContext, transaction: Transaction, best: int, now: float) -> None:
    """Send the response of a branch back to the caller."""
    kept: BranchState = transaction.branches[best].user
    ctx = _context(state, transaction, now, _FAILURE)
    if kept.reply is None:
        relaying.reply(ctx, transaction, kept.status, kept.reason)
        return
    if kept.status in (401, 407) and state.program.proxy.aggregate:
        challenges = _challenges(state, transaction)
        if len(challenges) > 1:
            relaying.reply(ctx, transaction, kept.status, kept.reply.reason, b"".join(challenges))
            return
    if kept.status == 503 and state.program.proxy.hide_503:
        relaying.reply(ctx, transaction, 500, kept.reply.reason)
        return
    _pass_on(ctx, transaction, kept.reply, kept.edits)


def _challenges(state: ResponseContext, transaction: Transaction) -> list[bytes]:
    """The challenges of all branches, as lines: to be answered all at once (16.7, step 7)."""
    lines = []
    for number in range(state.first, len(transaction.branches)):
        kept: BranchState = transaction.branches[number].user
        message = kept.reply
        if message is not None and kept.status in (401, 407):
            for name in _CHALLENGES:
                for index in message.indexes_named(name):
                    start, end = message.line(index)
                    lines.append(message.data[start:end])
    return lines


def _pass_on(
    ctx: Context,
    transaction: Transaction,
    message: Message,
    edits: list[Edit] | None,
) -> None:
    if transaction.server is None or message.via_count < 2:
        return
    data, _ = forwarded_reply(message, edits or ())
    ctx.program.layer.reply(transaction, message.status, data, ctx.now)


def _context(state: ResponseContext, transaction: Transaction, now: float, kind: int) -> Context:
    """A Context of the request, for a block that runs after it."""
    ctx = Context(transaction.request, state.program, state.socket, state.source, now, kind)
    ctx.transaction = transaction
    state.restore(ctx)
    return ctx


def _run_branch_failure(
    state: ResponseContext,
    transaction: Transaction,
    branch: ClientTransaction,
    event: str,
    now: float,
) -> None:
    block = state.program.events.get(f"tm:branch-failure:{event}")
    if block is None:
        return
    ctx = _context(state, transaction, now, _FAILURE)
    ctx.branch = state.best = branch.number
    _run(ctx, block, "event_route[tm:branch-failure]")
    state.best = -1
    state.take_back(ctx)


def _copy(text: str | None) -> str | None:
    return None if text is None else "".join((text[:1], text[1:]))


def _run(ctx: Context, block: Block, where: str) -> None:
    """Run a block; a fault in it is logged and ends it."""
    try:
        if block in ctx.program.waiting:
            at_once(block(ctx), ctx.program.log, where)
        else:
            block(ctx)
    except Exception as error:
        logger.error("%s stopped at a fault of sipway's own", where, exc_info=error)
