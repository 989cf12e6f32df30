"""What a failure_route does about the responses there have been: t_drop_replies().

Source: README of tm, sections 4.38 and 4.39.
"""

from __future__ import annotations

from typing import Annotated, Final

from sipway.core.context import Context
from sipway.language.signatures import ArgumentKind, Routes
from sipway.modules.tm._module import mod

_MODES: Final = {"a": 1, "l": 2, "n": 0}


def _to_mode(text: str) -> int:
    mode = _MODES.get(text[:1])
    if mode is None:
        raise ValueError(f'a (all), l (of the last branches) or n (none) is wanted, not "{text}"')
    return mode


_MODE: Final = ArgumentKind("which replies", base=str, dynamic=False, convert=_to_mode)


@mod.function("t_drop_replies", routes=Routes.FAILURE)
def t_drop_replies(ctx: Context, mode: Annotated[int, _MODE] = 1) -> int:
    """Have the replies that came so far not count any more. Returns 1.

    a: all, also if it is left out; l: those of the last branches; n: none. A script that then
    neither relays again nor answers leaves nothing to answer with but 500.
    """
    if ctx.transaction is not None:
        ctx.transaction.user.forget = mode
    return 1


@mod.function("t_save_lumps", routes=Routes.REQUEST)
def t_save_lumps(ctx: Context) -> int:
    """Have failure_route begin with the changes made so far, not with those made until t_relay().

    1; -1 if there is no transaction yet.
    """
    transaction = ctx.transaction
    if transaction is None:
        return -1
    state = transaction.user
    state.save(ctx)
    state.saved = True
    return 1
