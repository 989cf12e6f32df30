"""Branches cancelled by the script: t_cancel_branches() and its like.

Source: README of tmx, sections 4.1 to 4.3.
"""

from __future__ import annotations

from typing import Annotated, Final

from sipway.core.context import Context
from sipway.core.proxy import cancelling
from sipway.core.proxy.identities import identity_of
from sipway.language.signatures import ArgumentKind, Routes
from sipway.modules.tmx._module import mod

_WHICH: Final = ("all", "others", "this")


def _to_which(text: str) -> str:
    if text not in _WHICH:
        raise ValueError(f'all, others or this is wanted, not "{text}"')
    return text


_BRANCHES: Final = ArgumentKind("all, others or this", base=str, convert=_to_which)


@mod.function("t_cancel_branches", routes=Routes.REPLY)
def t_cancel_branches(ctx: Context, which: Annotated[str, _BRANCHES]) -> int:
    """Cancel all branches, this one, or all others. 1; -1 if there is no transaction."""
    transaction = ctx.transaction
    if transaction is None or ctx.branch < 0:
        return -1
    if which == "this":
        branch = transaction.branches[ctx.branch]
        cancelling.cancel_branch(ctx.program, transaction, branch, ctx.now)
    else:
        but = ctx.branch if which == "others" else -1
        cancelling.cancel_branches(ctx.program, transaction, ctx.now, but=but)
    return 1


@mod.function("t_cancel_callid")
def t_cancel_callid(
    ctx: Context, callid: str, cseq: int, flag: int, rcode: int | None = None
) -> int:
    """Cancel the INVITE with this Call-ID and CSeq number; 1, -1 if there is none.

    A flag above 0 is set for the message and the transaction. `rcode` is the cause in the Reason.
    """
    invite = ctx.program.layer.find_call(callid.encode("utf-8", "surrogateescape"), cseq)
    if invite is None:
        return -1
    if 0 < flag < 32:
        invite.user.flags |= 1 << flag
    extra = b"" if rcode is None else cancelling.reason_line(ctx.program, rcode)
    cancelling.cancel_branches(ctx.program, invite, ctx.now, extra)
    return 1


@mod.function("t_cancel_branch_idx")
def t_cancel_branch_idx(ctx: Context, tindex: int, tlabel: int, bindex: int) -> int:
    """Cancel one branch of the transaction with these numbers; 1, -1 if there is none."""
    transaction = ctx.program.layer.find(identity_of(tindex, tlabel))
    branch = None if transaction is None else transaction.branch(bindex)
    if transaction is None or branch is None:
        return -1
    cancelling.cancel_branch(ctx.program, transaction, branch, ctx.now)
    return 1
