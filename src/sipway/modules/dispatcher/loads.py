"""ds_load_update() and ds_load_unset(): calls that begin and end, for algorithm 10.

Source: README of dispatcher, sections 4.14 and 4.15; what it leaves open was tried on Kamailio
5.6.3.
"""

from __future__ import annotations

from typing import Final

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.language.signatures import Routes
from sipway.modules.dispatcher._module import hash_expire, mod
from sipway.modules.dispatcher.board import board
from sipway.modules.dispatcher.selecting import current
from sipway.sip.methods import METHODS

_INVITE: Final = METHODS["INVITE"]
_REQUEST: Final = Routes.REQUEST.value
_ENDS: Final = METHODS["BYE"] | METHODS["CANCEL"]


def _remove(ctx: Context, function: str) -> bool:
    here = board(ctx.program)
    found = here.calls.remove(ctx.message.call_id)
    if not found:
        here.tell(levels.INFO, f"{function}(): the call {ctx.message.call_id:.60} does not count")
    return found


@mod.function("ds_load_update")
def ds_load_update(ctx: Context) -> int:
    """BYE and CANCEL end the call of their Call-ID, a 2xx to an INVITE answers it. Returns 1."""
    message = ctx.message
    if message.is_request:
        if ctx.method_id & _ENDS:
            _remove(ctx, "ds_load_update")
    elif ctx.method_id == _INVITE and 200 <= message.status < 300:
        here = board(ctx.program)
        here.calls.confirm(message.call_id, ctx.now + hash_expire(ctx.program))
    return 1


@mod.function("ds_load_unset")
def ds_load_unset(ctx: Context) -> int:
    """End the call of this Call-ID, whatever the message is.

    In request_route of an INVITE only when a destination was chosen for it: else it is the call of
    another one. Returns 1; -1 if the call does not count.
    """
    if ctx.kind == _REQUEST and ctx.method_id == _INVITE:
        settings = board(ctx.program).settings
        if current(ctx, settings) is None:
            return 1
    return 1 if _remove(ctx, "ds_load_unset") else -1
