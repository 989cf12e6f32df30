"""Responses to branches: passed on, collected, chosen from (RFC 3261 section 16.7).

Source of what scripts see of it: README of tm. A branch that runs out of time, or cannot be sent,
is as one that was answered 408, 478 and so on; such a response is made here if it is the best.

Compiled (see `responses.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from sipway.core.proxy import (
    blocking,
    cancelling,
    contexts,
    relaying,
    requesting,
    sending,
    watching,
)
from sipway.core.proxy.choice import priority
from sipway.core.proxy.state import BranchState, ResponseContext
from sipway.core.via_xavps import reply_with_parameters
from sipway.core.waiting import at_once
from sipway.sip.build import passed_on_reply
from sipway.sip.edits import Edit

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.core.program import Block, Program
    from sipway.sip.message import Message
    from sipway.tx.machine import ClientTransaction
    from sipway.tx.transaction import Transaction

logger = logging.getLogger("sipway.engine")

_NOTHING_LEFT: Final = "I'm terribly sorry, server error occurred (1/TM)"
_REASONS: Final = {
    401: "Unauthorized",
    407: "Proxy Authentication Required",
    503: "Service Unavailable",
}
_MOST_LATER: Final = 32
_CHALLENGES: Final = ("WWW-Authenticate", "Proxy-Authenticate")


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
        _deal_later(state, ctx, branch)
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
    _go_on(state, transaction, ctx.now)


def _deal_later(state: ResponseContext, ctx: Context | None, branch: ClientTransaction) -> None:
    """Keep a response, or (None) a timeout, until no block of the transaction waits any more."""
    if state.later is None:
        state.later = []
    # A phone that rings and rings, or repeats its 200, must not fill the memory.
    if len(state.later) < _MOST_LATER or ctx is None or ctx.message.status >= 300:
        state.later.append((ctx, branch))


def _go_on(state: ResponseContext, transaction: Transaction, now: float) -> None:
    """Deal with what has come up while a block waited, in the order in which it came."""
    while state.later and not state.waits:
        ctx, branch = state.later.pop(0)
        if ctx is None:
            give_up(transaction, branch, now)
        else:
            ctx.now = now
            receive(ctx, transaction, branch)
    if state.undecided:
        settle(transaction, now)


def _after_route(ctx: Context, transaction: Transaction, branch: ClientTransaction) -> None:
    kept: BranchState = branch.user
    status = ctx.message.status
    if transaction.user.replicating:
        if status >= 200:
            end(transaction, branch, status, "", ctx.now)
        return
    if status < 200:
        if status > 100 or ctx.program.proxy.relay_100:
            _pass_on(ctx, transaction, ctx.message, ctx.edits)
        return
    kept.status = status
    if status < 300:
        _pass_on(ctx, transaction, ctx.message, ctx.edits)
        if len(transaction.branches) > 1:
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
    if transaction.server is None:
        kept.status, kept.reason = state.program.proxy.timeout_reply
        requesting.failed(transaction, kept.status, now)
        return
    if state.waits:
        _deal_later(state, None, branch)
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
    _failed(state.program, transaction, branch, now)


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
        _failed(transaction.user.program, transaction, branch, now)


def _failed(
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
    best = _best(state, transaction)
    if best < 0:
        return
    block = state.on_failure
    if block is None and state.watchers is None:
        _answer(state, transaction, best, now)
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
        _answer(state, transaction, best, now)
        return
    # Other objects, so that t_relay() sees whether they were set, be it to the same text.
    state.ruri = ctx.ruri = _copy(ctx.ruri)
    state.dst_uri = ctx.dst_uri = _copy(ctx.dst_uri)
    if block in ctx.program.waiting:
        state.waits = True
        waiting = _decide_waiting(ctx, state, transaction, (first, before), block)
        ctx.program.start(waiting, ctx)
        return
    run(ctx, block, "failure_route")
    _after_failure(ctx, state, transaction, first, before)


async def _decide_waiting(
    ctx: Context,
    state: ResponseContext,
    transaction: Transaction,
    leg: tuple[int, int],
    block: Block,
) -> None:
    """The same with a failure_route that waits."""
    await run_waiting(ctx, block, "failure_route")
    state.waits = False
    _after_failure(ctx, state, transaction, *leg)
    _go_on(state, transaction, ctx.now)


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
        _answer(state, transaction, _best(state, transaction), ctx.now)


def _best(state: ResponseContext, transaction: Transaction) -> int:
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


def _answer(state: ResponseContext, transaction: Transaction, best: int, now: float) -> None:
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
    _pass_on(ctx, transaction, kept.reply, kept.edits)


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


def _pass_on(
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
    run(ctx, block, "event_route[tm:branch-failure]")
    state.in_branch_failure = False
    state.best = -1
    state.take_back(ctx)


def _copy(text: str | None) -> str | None:
    return None if text is None else "".join((text[:1], text[1:]))


def run(ctx: Context, block: Block, where: str) -> int:
    """Run a block; a fault in it is logged and ends it. Returns its code, -1 after a fault."""
    try:
        if block in ctx.program.waiting:
            return at_once(block(ctx), ctx.program.log, where)
        code: int = block(ctx)
        return code
    except Exception as error:
        logger.error("%s stopped at a fault of sipway's own", where, exc_info=error)
        return -1


async def run_waiting(ctx: Context, block: Block, where: str) -> None:
    """The same with a block that waits."""
    try:
        await block(ctx)
    except Exception as error:
        logger.error("%s stopped at a fault of sipway's own", where, exc_info=error)


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
