"""A request, or a reply, that the script leaves alone until something happens (tmx: t_suspend()).

A suspended request has a branch that nothing was sent for: it runs out of time as others do, and
counts as one that has ended as soon as the request goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sipway.core.proxy import contexts, relaying, responses, running
from sipway.core.proxy.state import BranchState, ResponseContext
from sipway.tx import machines

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.core.program import Block
    from sipway.tx.transaction import Transaction

_NOTHING_DONE: Final = "I'm terribly sorry, server error occurred (1/TM)"


def suspend(ctx: Context) -> None:
    """Keep the message of `ctx`, whose transaction there must be, for `go_on`."""
    transaction = ctx.transaction
    assert transaction is not None
    state: ResponseContext = transaction.user
    state.suspended = True
    if not ctx.message.is_request:
        state.held = ctx
        return
    state.held = None
    if ctx.kind != relaying.FAILURE:
        state.save(ctx)
        relaying.send_trying(ctx, transaction, state)
    layer = ctx.program.layer
    branch = layer.add_failed(transaction)
    branch.state = machines.TRYING
    server = transaction.server
    timing = ctx.program.proxy.timing if server is None else server.timing
    branch.give_up_at(min(ctx.now + timing.give_up, state.ends_at))
    made = BranchState(ctx.ruri, ctx.dst_uri, ctx.branch_flags)
    made.blind = True
    branch.user = made
    layer.reschedule(transaction)


def go_on(transaction: Transaction, block: Block, now: float) -> int:
    """Run a block for a transaction that is suspended; 1, -1 if it is not (any more)."""
    state: ResponseContext = transaction.user
    if not state.suspended:
        return -1
    state.suspended = False
    held: Context | None = state.held
    state.held = None
    if held is not None:
        _go_on_with_reply(held, transaction, block, now)
        return 1
    for branch in transaction.branches:
        if branch.user.blind and branch.user.status == 0:
            branch.step(machines.BROKEN, now)
            branch.user.status = 500
            branch.user.dropped = True
    state.program.layer.reschedule(transaction)
    ctx = contexts.context_of(transaction, now)
    ctx.on_reply = state.on_reply
    state.goes_on = True
    before = len(transaction.branches)
    if block in state.program.waiting:
        state.program.start(_run_waiting(ctx, state, transaction, before, block), ctx)
    else:
        running.run(ctx, block, "t_continue()")
        _after(ctx, state, transaction, before)
    return 1


async def _run_waiting(
    ctx: Context, state: ResponseContext, transaction: Transaction, before: int, block: Block
) -> None:
    await running.run_waiting(ctx, block, "t_continue()")
    _after(ctx, state, transaction, before)


def _after(ctx: Context, state: ResponseContext, transaction: Transaction, before: int) -> None:
    """The block has ended; without an answer and new branches nothing would ever come."""
    state.goes_on = False
    state.take_back(ctx)
    server = transaction.server
    if len(transaction.branches) > before or state.pending or state.suspended:
        return
    if server is not None and server.status < 200:
        relaying.reply(ctx, transaction, 500, _NOTHING_DONE)


def _go_on_with_reply(ctx: Context, transaction: Transaction, block: Block, now: float) -> None:
    ctx.now = now
    ctx.dropped = False
    if block in ctx.program.waiting:
        ctx.program.start(_reply_waiting(ctx, transaction, block), ctx)
        return
    running.run(ctx, block, "t_continue()")
    responses.after_suspension(ctx, transaction)


async def _reply_waiting(ctx: Context, transaction: Transaction, block: Block) -> None:
    await running.run_waiting(ctx, block, "t_continue()")
    responses.after_suspension(ctx, transaction)
