"""Responses to branches: passed on, or kept until all branches have failed (RFC 3261 section 16.7).

Source of what scripts see of it: README of tm.

Compiled (see `responses.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sipway.core.proxy import blocking, cancelling, failures, requesting, upstream
from sipway.core.proxy.running import run, run_waiting
from sipway.core.proxy.state import BranchState, ResponseContext

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.core.program import Block
    from sipway.tx.machine import ClientTransaction
    from sipway.tx.transaction import Transaction

_MOST_LATER: Final = 32


def receive(ctx: Context, transaction: Transaction, branch: ClientTransaction) -> None:
    """Deal with a response that its branch's state machine passes on; `ctx` is its Context."""
    if transaction.server is None:
        requesting.receive(ctx, transaction, branch)
        return
    state: ResponseContext = transaction.user
    kept: BranchState = branch.user
    status = ctx.message.status
    if ctx.program is not state.program:
        # The script was reloaded meanwhile: the request's blocks go on with their own variables.
        ctx.program = state.program
        ctx.vars = state.program.fresh_vars[:]
    ctx.transaction = transaction
    ctx.branch = branch.number
    if state.waits:
        deal_later(state, ctx, branch)
        return
    kept.replied = kept.last != 0
    kept.last = status
    if status == 503 and ctx.program.blocklist is not None:
        blocking.overloaded(ctx, branch)
    if status < 200:
        _limit_waiting(ctx, transaction, branch)
        if branch.cancel is not None:
            return  # it rings, or did: nobody wants to know any more
    if state.extras is not None and state.extras.on_response is not None:
        state.extras.on_response(ctx)
    block = kept.on_reply or state.on_reply
    if block is None:
        _after_route(ctx, transaction, branch)
        return
    state.lend(ctx)
    ctx.branch_flags = kept.flags
    if block in ctx.program.waiting:
        state.waits = True
        ctx.program.start(_receive_waiting(ctx, transaction, branch, block), ctx)
        return
    run(ctx, block, "onreply_route")
    state.take_back(ctx)
    kept.flags = ctx.branch_flags
    if state.suspended:
        return
    if not ctx.dropped or status >= 200:
        _after_route(ctx, transaction, branch)


def _limit_waiting(ctx: Context, transaction: Transaction, branch: ClientTransaction) -> None:
    """A provisional response has started the timer for the final one anew: as far as it may."""
    state: ResponseContext = transaction.user
    kept: BranchState = branch.user
    until = branch.wait_until
    if until > state.ends_at:
        until = state.ends_at
    if not ctx.program.proxy.restart_on_reply:
        status = ctx.message.status
        if kept.highest == 0 or (status >= 180 and status > kept.highest):
            kept.highest = status
        elif until > kept.waits_until:
            until = kept.waits_until
    kept.waits_until = until
    if until < branch.wait_until:
        branch.give_up_at(until)
        ctx.program.layer.reschedule(transaction)


async def _receive_waiting(
    ctx: Context, transaction: Transaction, branch: ClientTransaction, block: Block
) -> None:
    """The same with an onreply_route that waits."""
    await run_waiting(ctx, block, "onreply_route")
    state: ResponseContext = transaction.user
    state.take_back(ctx)
    branch.user.flags = ctx.branch_flags
    state.waits = False
    if not state.suspended and (not ctx.dropped or ctx.message.status >= 200):
        _after_route(ctx, transaction, branch)
    go_on(state, transaction, ctx.now)


def deal_later(state: ResponseContext, ctx: Context | None, branch: ClientTransaction) -> None:
    """Keep a response, or (None) a timeout, until no block of the transaction waits any more."""
    if state.later is None:
        state.later = []
    # A phone that rings and rings, or repeats its 200, must not fill the memory.
    if len(state.later) < _MOST_LATER or ctx is None or ctx.message.status >= 300:
        state.later.append((ctx, branch))


def go_on(state: ResponseContext, transaction: Transaction, now: float) -> None:
    """Deal with what has come up while a block waited, in the order in which it came."""
    while state.later and not state.waits:
        ctx, branch = state.later.pop(0)
        if ctx is None:
            failures.give_up(transaction, branch, now)
        else:
            ctx.now = now
            receive(ctx, transaction, branch)
    if state.undecided:
        failures.settle(transaction, now)


def _after_route(ctx: Context, transaction: Transaction, branch: ClientTransaction) -> None:
    kept: BranchState = branch.user
    status = ctx.message.status
    if transaction.user.replicating:
        if status >= 200:
            failures.end(transaction, branch, status, "", ctx.now)
        return
    if status < 200:
        if status > 100 or ctx.program.proxy.relay_100:
            upstream.pass_on(ctx, transaction, ctx.message, ctx.edits)
        return
    kept.status = status
    if status < 300:
        upstream.pass_on(ctx, transaction, ctx.message, ctx.edits)
        if len(transaction.branches) > 1:
            others = cancelling.reason_line(ctx.program, status)
            cancelling.cancel_branches(ctx.program, transaction, ctx.now, others)
        return
    kept.reply = ctx.message
    kept.edits = ctx.edits
    failures.failed(ctx.program, transaction, branch, ctx.now)


def after_suspension(ctx: Context, transaction: Transaction) -> None:
    """Go on with a reply that was suspended, when the block that followed has ended."""
    state: ResponseContext = transaction.user
    state.take_back(ctx)
    branch = transaction.branches[ctx.branch]
    branch.user.flags = ctx.branch_flags
    if not state.suspended and (not ctx.dropped or ctx.message.status >= 200):
        _after_route(ctx, transaction, branch)


def receive_stray(ctx: Context) -> None:
    """Run the onreply_route of `on_sl_reply` for a reply without a transaction.

    It goes on along its Vias unless the block says drop, or returns 0.
    """
    block = ctx.program.reply_routes.get(ctx.program.proxy.stray_reply or "")
    if block is None:
        return
    code = run(ctx, block, "onreply_route")
    ctx.dropped = ctx.dropped or code == 0
