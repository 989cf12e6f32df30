"""Answers of the script's own to a request that has a transaction: t_reply(), send_reply()."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sipway.core.branches import destination_set
from sipway.core.proxy import cancelling, contexts, relaying
from sipway.tx import machines

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.core.proxy.state import ResponseContext
    from sipway.tx.transaction import Transaction

_REDIRECTION: Final = 3


def answer(ctx: Context, code: int, reason: str) -> int:
    """Answer the request of the transaction of `ctx`; a final answer ends open branches.

    In a block for replies too. Returns 1; -1 if there is no transaction, or it has a final answer.
    """
    transaction = ctx.transaction
    if transaction is None or transaction.server is None:
        return -1
    asked = ctx if ctx.message.is_request else contexts.context_of(transaction, ctx.now)
    extra = b""
    if code // 100 == _REDIRECTION:
        contacts = destination_set(asked, ctx.program.proxy.rich_redirect)
        if contacts is not None:
            extra = f"Contact: {contacts}\r\n".encode(errors="surrogateescape")
    state: ResponseContext = transaction.user
    if not relaying.reply(asked, transaction, code, reason, extra):
        return -1
    if code >= 200:
        state.error = None
        _end_branches(ctx, transaction, code)
    return 1


def _end_branches(ctx: Context, transaction: Transaction, code: int) -> None:
    if transaction.branches:
        lines = cancelling.reason_line(ctx.program, code)
        cancelling.cancel_branches(ctx.program, transaction, ctx.now, lines)


def drop(ctx: Context, transaction: Transaction, code: int) -> None:
    """Have nothing more come of a transaction, as if it had been answered with `code`."""
    state: ResponseContext = transaction.user
    state.error = None
    state.on_failure = None
    _end_branches(ctx, transaction, code)
    server = transaction.server
    if server is not None and server.status < 200:
        server.status = code
        server.step(machines.BROKEN, ctx.now)
    for branch in transaction.branches:
        if branch.user.status == 0:
            branch.user.status = code
    ctx.program.layer.reschedule(transaction)
