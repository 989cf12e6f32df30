"""Answers to other transactions, flags handed over, t_drop(), t_reuse_branch().

Source: README of tmx, sections 4.5 to 4.7, 4.14, 4.15.
"""

from __future__ import annotations

from sipway.core.context import Context
from sipway.core.extras import extras, main_branch
from sipway.core.proxy import answering, contexts
from sipway.language.signatures import Routes
from sipway.modules.sl import Status
from sipway.modules.tmx._module import mod


@mod.function("t_reply_callid")
def t_reply_callid(ctx: Context, callid: str, cseq: int, code: Status, reason: str) -> int:
    """Answer the INVITE with this Call-ID and CSeq number; 1, -1 if there is none to answer."""
    invite = ctx.program.layer.find_call(callid.encode("utf-8", "surrogateescape"), cseq)
    if invite is None:
        return -1
    return answering.answer(contexts.context_of(invite, ctx.now), code, reason)


@mod.function("t_flush_flags")
def t_flush_flags(ctx: Context) -> int:
    """Hand the flags of the message over to its transaction; 1, -1 if it has none."""
    if ctx.transaction is None:
        return -1
    ctx.transaction.user.flags = ctx.flags
    return 1


@mod.function("t_flush_xflags")
def t_flush_xflags(ctx: Context) -> int:
    """Hand the extended flags of the message over to its transaction; 1, -1 if it has none."""
    if ctx.transaction is None:
        return -1
    ctx.transaction.user.extras = extras(ctx)
    return 1


@mod.function("t_drop")
def t_drop(ctx: Context, rcode: Status = 500) -> int:
    """Have nothing more come of the transaction: no answer goes out. Ends the script."""
    transaction = ctx.transaction
    if transaction is not None:
        answering.drop(ctx, transaction, rcode)
    return 0


@mod.function("t_reuse_branch", routes=Routes.REQUEST)
def t_reuse_branch(ctx: Context) -> int:
    """In event_route[tm:branch-failure] go on from the branch that failed: its Request-URI, next
    hop, flags and the record it came from. Returns 1; -1 elsewhere.
    """
    transaction = ctx.transaction
    if transaction is None or not transaction.user.in_branch_failure:
        return -1
    kept = transaction.branches[transaction.user.best].user
    # Other objects, for t_relay() to see that they were set.
    ctx.ruri = "".join(list(kept.uri or transaction.request.uri))
    ctx.dst_uri = None if kept.dst_uri is None else "".join(list(kept.dst_uri))
    ctx.branch_flags = kept.flags
    if kept.ruid is not None:
        main_branch(ctx).ruid = kept.ruid
    return 1
