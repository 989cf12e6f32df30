"""Answers given with a transaction: t_reply() and its like.

Source: README of tm, sections 4.11 to 4.16.
"""

from __future__ import annotations

from typing import Final

from sipway.core.context import Context
from sipway.core.proxy import answering, relaying
from sipway.language.signatures import Routes
from sipway.modules.sl import Status
from sipway.modules.tm._module import mod
from sipway.sip.methods import ACK

_ROUTES: Final = Routes.REQUEST | Routes.FAILURE | Routes.REPLY


@mod.function("t_reply", routes=_ROUTES, replies=True)
def t_reply(ctx: Context, code: Status, reason: str) -> int:
    """Answer the request, whose transaction there must be.

    A final answer ends branches that are open. Returns 1; -1 if there is no transaction, or it
    has a final answer already.
    """
    return answering.answer(ctx, code, reason)


@mod.function("t_send_reply", routes=_ROUTES, replies=True)
def t_send_reply(ctx: Context, code: Status, reason: str) -> int:
    """As t_reply(); makes the transaction if there is none yet."""
    if ctx.transaction is None and ctx.message.is_request and ctx.message.method_id != ACK:
        relaying.begin(ctx)
    return answering.answer(ctx, code, reason)


@mod.function("t_reply_error", routes=_ROUTES)
def t_reply_error(ctx: Context) -> int:
    """Answer with the last internal error, as t_reply() does; else with `default_code`."""
    code, reason = ctx.error or ctx.program.proxy.default_reply
    return answering.answer(ctx, code, reason)


@mod.function("t_retransmit_reply", routes=Routes.REQUEST)
def t_retransmit_reply(ctx: Context) -> int:
    """Send the last answer once more. 1; -1 if there is none."""
    transaction = ctx.transaction
    server = None if transaction is None else transaction.server
    if server is None or not server.data:
        return -1
    server.flow.send(server.data)
    return 1


@mod.function("t_release", routes=Routes.REQUEST)
def t_release(ctx: Context) -> int:
    """Returns 1. A transaction that nothing was done with goes when the script ends, others when
    they are over.
    """
    del ctx
    return 1
