"""Requests sent on with a transaction: t_relay() and its like."""

from __future__ import annotations

from sipway.core.context import Context
from sipway.core.proxy import cancelling, relaying
from sipway.language.signatures import Routes
from sipway.modules.tm._module import mod
from sipway.sip.methods import ACK, METHODS

_CANCEL = METHODS["CANCEL"]


@mod.function("t_newtran", routes=Routes.REQUEST)
def t_newtran(ctx: Context) -> int:
    """Make a transaction of the request. 1; -1 for an ACK, or if there is one already."""
    if ctx.message.method_id == ACK or ctx.transaction is not None:
        return -1
    relaying.begin(ctx)
    return 1


@mod.function("t_relay", routes=Routes.REQUEST | Routes.FAILURE)
def t_relay(ctx: Context) -> int:
    """Send the request on, with a transaction, to `$du` or else to its Request-URI.

    Returns 1; below 0 if it could not be sent anywhere.
    """
    if ctx.transaction is None:
        method = ctx.message.method_id
        if method == ACK:
            return relaying.relay_ack(ctx)
        if method == _CANCEL:
            invite = ctx.program.layer.find_request(ctx.message)
            if invite is not None:
                return cancelling.cancel_by_caller(ctx, invite)
    return relaying.relay(ctx)
