"""What a script can ask of transactions."""

from __future__ import annotations

from sipway.core.context import Context
from sipway.language.signatures import Routes
from sipway.modules.tm._module import mod


@mod.function("t_check_trans", routes=Routes.REQUEST)
def t_check_trans(ctx: Context) -> int:
    """Whether the request belongs to a transaction: a CANCEL to one of an INVITE. 1 or -1.

    Retransmissions, and ACKs to failures, have been dealt with before the script.
    """
    return 1 if ctx.program.layer.find_request(ctx.message) is not None else -1
