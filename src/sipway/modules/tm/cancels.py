"""CANCELs on their way: t_relay_cancel().

Source: README of tm, section 4.36.
"""

from __future__ import annotations

from typing import Final

from sipway.core.context import Context
from sipway.core.proxy import cancelling
from sipway.language.signatures import Routes
from sipway.modules.tm._module import mod
from sipway.sip.methods import METHODS

_CANCEL: Final = METHODS["CANCEL"]


@mod.function("t_relay_cancel", routes=Routes.REQUEST)
def t_relay_cancel(ctx: Context) -> int:
    """Cancel the INVITE that this CANCEL means, answer it, and end the script.

    Returns 1, and the script goes on, if there is no such INVITE or this is no CANCEL.
    """
    if ctx.message.method_id != _CANCEL:
        return 1
    invite = ctx.program.layer.find_request(ctx.message)
    if invite is None:
        return 1
    cancelling.cancel_by_caller(ctx, invite)
    return 0
