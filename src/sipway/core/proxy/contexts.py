"""Contexts of a request whose script has ended, or will have: for what is done about it later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sipway.core.context import Context
from sipway.core.proxy.state import ResponseContext
from sipway.language.signatures import Routes

if TYPE_CHECKING:
    from sipway.tx.transaction import Transaction

_FAILURE: Final = Routes.FAILURE.value


def context_of(transaction: Transaction, now: float) -> Context:
    """A Context of the request of a transaction, for what is done about it later."""
    state: ResponseContext = transaction.user
    ctx = Context(transaction.request, state.program, state.socket, state.source, now, _FAILURE)
    ctx.transaction = transaction
    state.restore(ctx)
    return ctx


def snapshot(ctx: Context) -> Context:
    """Another Context of the same request, as the script has left it by now."""
    copy = Context(ctx.message, ctx.program, ctx.socket, ctx.source, ctx.now, ctx.kind)
    kept = ResponseContext(ctx)
    kept.restore(copy)
    if ctx.extras is not None:  # of its own, for it says where this branch goes
        copy.extras = ctx.extras.copy()
    copy.transaction = ctx.transaction
    copy.on_reply = ctx.on_reply
    copy.on_branch_failure = ctx.on_branch_failure
    return copy
