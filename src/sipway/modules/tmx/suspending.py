"""Requests that are left alone for a while: t_suspend() and t_continue().

Source: README of tmx, sections 4.12 and 4.13.
"""

from __future__ import annotations

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.core.proxy import relaying, suspending
from sipway.core.proxy.identities import identity_of
from sipway.modules.tmx._module import mod
from sipway.sip.methods import ACK


@mod.function("t_suspend")
def t_suspend(ctx: Context) -> int:
    """Keep the request, or the reply, for t_continue(); the script should end then.

    A transaction is made if there is none. Returns 1; -1 for an ACK, and for a reply without a
    transaction.
    """
    if ctx.transaction is None:
        if not ctx.message.is_request or ctx.message.method_id == ACK:
            return -1
        relaying.begin(ctx)
    suspending.suspend(ctx)
    return 1


@mod.function("t_continue")
def t_continue(ctx: Context, tindex: int, tlabel: int, rtname: str) -> int:
    """Go on with a transaction that was suspended, in route[RTNAME]. Returns 1.

    -1 if there is no such transaction, it is not suspended, or there is no such route.
    """
    program = ctx.program
    transaction = program.layer.find(identity_of(tindex, tlabel))
    block = program.routes.get(rtname)
    if block is None:
        program.log.line(levels.ERR, f"t_continue(): there is no route[{rtname}]")
        return -1
    if transaction is None:
        program.log.line(levels.WARN, "t_continue(): there is no such transaction")
        return -1
    return suspending.go_on(transaction, block, ctx.now)
