"""Branches that fail: one by one, and what is decided when none is left to wait for.

That is failure_route, if the script wants it, then the best response. A branch that runs out of
time, or cannot be sent to, is as one that was answered 408, 478 and so on.

Compiled (see `failures.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sipway.core.proxy import (
    blocking,
    cancelling,
    contexts,
    relaying,
    requesting,
    responses,
    running,
    sending,
    upstream,
    watching,
)
from sipway.core.proxy.state import BranchState, ResponseContext

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.core.program import Block, Program
    from sipway.tx.machine import ClientTransaction
    from sipway.tx.transaction import Transaction

_NOTHING_LEFT: Final = "I'm terribly sorry, server error occurred (1/TM)"


def give_up(transaction: Transaction, branch: ClientTransaction, now: float) -> None:
    """Deal with a branch that ran out of time: to be answered at all, or finally."""
    kept: BranchState = branch.user
    if kept.status != 0:
        return
    state: ResponseContext = transaction.user
    if transaction.server is None:
        kept.status, kept.reason = state.program.proxy.timeout_reply
        requesting.failed(transaction, kept.status, now)
        return
    if state.waits:
        responses.deal_later(state, None, branch)
        return
    if kept.blind:
        state.suspended = False
        state.held = None
    if state.program.blocklist is not None and not kept.last and not kept.blind:
        blocking.silent(state.program, transaction, branch, now)
    kept.timed_out = True
    kept.replied = kept.last != 0
    kept.status, kept.reason = state.program.proxy.timeout_reply
    state.program.layer.cancel(transaction, branch, now)
    failed(state.program, transaction, branch, now)


def end_of_life(transaction: Transaction, now: float) -> None:
    """Answer a request whose lifetime is over (max_inv_lifetime and its like of tm).

    Its branches are given up; what failure_route makes of that is the last that is made of it.
    """
    server = transaction.server
    assert server is not None
    if server.status >= 200:
        return
    state: ResponseContext = transaction.user
    state.ends_at = min(state.ends_at, now)
    cancelling.cancel_branches(state.program, transaction, now)
    for branch in tuple(transaction.branches):
        give_up(transaction, branch, now)
    if server.status < 200:
        ctx = contexts.context_of(transaction, now)
        relaying.reply(ctx, transaction, *state.program.proxy.timeout_reply)


def fail(transaction: Transaction, branch: ClientTransaction, status: int, now: float) -> None:
    """Deal with a branch that cannot be sent to: as if `status` had come back."""
    end(transaction, branch, status, sending.reason_of(status), now)


def end(
    transaction: Transaction, branch: ClientTransaction, status: int, reason: str, now: float
) -> None:
    """Have a branch end as if it had been answered so, unless it has ended."""
    kept: BranchState = branch.user
    if kept.status == 0:
        kept.status, kept.reason = status, reason
        failed(transaction.user.program, transaction, branch, now)


def failed(
    program: Program, transaction: Transaction, branch: ClientTransaction, now: float
) -> None:
    """One more branch has ended without success: perhaps the last one."""
    state: ResponseContext = transaction.user
    kept: BranchState = branch.user
    if _goes_on(state, kept, now) and sending.fail_over(program, transaction, branch, now):
        return
    event = kept.on_failure
    if event is not None:
        _run_branch_failure(state, transaction, branch, event, now)
    if kept.status >= 600 and not state.keep_6xx:
        reason = cancelling.reason_line(program, kept.status)
        cancelling.cancel_branches(program, transaction, now, reason)
    state.undecided = True
    settle(transaction, now)


def _goes_on(state: ResponseContext, kept: BranchState, now: float) -> bool:
    """Whether the next address of a name is to be tried (RFC 3263 section 4.3)."""
    if not kept.more or state.cancelled or now >= state.ends_at:
        return False
    classes, statuses = state.program.proxy.failover_codes
    return not kept.last or kept.status in statuses or bool(classes >> kept.status // 100 & 1)


def settle(transaction: Transaction, now: float) -> None:
    """Decide, if a branch has failed and none is left to wait for."""
    state: ResponseContext = transaction.user
    if state.pending or state.waits:
        return
    for each in transaction.branches:
        if each.user.status == 0:
            return
    server = transaction.server
    if server is not None and server.status >= 200:
        return
    state.undecided = False
    if state.replicating:
        state.program.layer.forget(transaction)
        return
    _decide(state, transaction, now)


def _decide(state: ResponseContext, transaction: Transaction, now: float) -> None:
    """All branches have ended: failure_route, if the script wants it, then the best response."""
    best = upstream.best(state, transaction)
    if best < 0:
        return
    block = state.on_failure
    if block is None and state.watchers is None:
        upstream.answer(state, transaction, best, now)
        return
    state.on_failure = None
    state.best = best
    state.forget = state.program.proxy.reply_mode
    before, first = len(transaction.branches), state.first
    ctx = contexts.context_of(transaction, now)
    ctx.branch = best
    ctx.branch_flags = transaction.branches[best].user.flags
    if state.watchers is not None:
        watching.tell_failed(ctx, transaction)
    if block is None:
        state.best = -1
        state.flags = ctx.flags
        upstream.answer(state, transaction, best, now)
        return
    # Other objects, so that t_relay() sees whether they were set, be it to the same text.
    state.ruri = ctx.ruri = _copy(ctx.ruri)
    state.dst_uri = ctx.dst_uri = _copy(ctx.dst_uri)
    if block in ctx.program.waiting:
        state.waits = True
        waiting = _decide_waiting(ctx, state, transaction, (first, before), block)
        ctx.program.start(waiting, ctx)
        return
    running.run(ctx, block, "failure_route")
    _after_failure(ctx, state, transaction, first, before)


async def _decide_waiting(
    ctx: Context,
    state: ResponseContext,
    transaction: Transaction,
    leg: tuple[int, int],
    block: Block,
) -> None:
    """The same with a failure_route that waits."""
    await running.run_waiting(ctx, block, "failure_route")
    state.waits = False
    _after_failure(ctx, state, transaction, *leg)
    responses.go_on(state, transaction, ctx.now)


def _after_failure(
    ctx: Context, state: ResponseContext, transaction: Transaction, first: int, before: int
) -> None:
    """What failure_route has left to be done; the leg that failed was first to before."""
    state.best = -1
    state.take_back(ctx)
    goes_on = len(transaction.branches) > before or state.pending > 0
    if goes_on and state.forget:
        for number in range(first if state.forget == 2 else 0, before):
            transaction.branches[number].user.dropped = True
    server = transaction.server
    if goes_on or state.suspended or server is None or server.status >= 200:
        return
    if state.forget in (1, 2):
        relaying.reply(ctx, transaction, 500, _NOTHING_LEFT)
    else:
        upstream.answer(state, transaction, upstream.best(state, transaction), ctx.now)


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
    ctx = contexts.context_of(transaction, now)
    ctx.branch = state.best = branch.number
    ctx.branch_flags = branch.user.flags
    state.ruri = ctx.ruri = _copy(ctx.ruri)
    state.dst_uri = ctx.dst_uri = _copy(ctx.dst_uri)
    state.in_branch_failure = True
    running.run(ctx, block, "event_route[tm:branch-failure]")
    state.in_branch_failure = False
    state.best = -1
    state.take_back(ctx)


def _copy(text: str | None) -> str | None:
    return None if text is None else "".join((text[:1], text[1:]))
