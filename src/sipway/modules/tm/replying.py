"""Answers given with a transaction: t_reply() and its like."""

from __future__ import annotations

from sipway.core.context import Context
from sipway.core.proxy import relaying
from sipway.language.signatures import Routes
from sipway.modules.sl import Status
from sipway.modules.tm._module import mod


@mod.function("t_reply", "t_send_reply", routes=Routes.REQUEST | Routes.FAILURE, replies=True)
def t_reply(ctx: Context, code: Status, reason: str) -> int:
    """Answer the request, whose transaction there must be. 1; -1 if that cannot be done."""
    transaction = ctx.transaction
    if transaction is None or not relaying.reply(ctx, transaction, code, reason):
        return -1
    return 1
