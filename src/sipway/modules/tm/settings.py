"""What holds for one transaction instead of the parameters: t_set_fr() and its like.

Source: README of tm, sections 4.22 to 4.28, 4.45 to 4.48, 4.52, 4.54. They work before the
transaction has been made, for the one that will be, and after it.
"""

from __future__ import annotations

from typing import Final

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.core.proxy import options
from sipway.core.proxy.state import ResponseContext
from sipway.language.signatures import Routes
from sipway.modules.tm._module import mod
from sipway.sip.methods import METHODS
from sipway.tx.machine import Timing

_ANY: Final = Routes.REQUEST | Routes.FAILURE | Routes.REPLY | Routes.BRANCH
_INVITE: Final = METHODS["INVITE"]
_MOST_BETWEEN: Final = 65535


def _timing(ctx: Context) -> Timing:
    """The durations of the transaction as it is."""
    transaction = ctx.transaction
    if transaction is None or transaction.server is None:
        return ctx.program.proxy.timing
    return transaction.server.timing


def _refused(ctx: Context, function: str, why: str) -> int:
    ctx.program.log.line(levels.ERR, f"{function}(): {why}")
    return -1


@mod.function("t_set_fr", routes=_ANY)
def t_set_fr(ctx: Context, fr_inv_timeout: int, fr_timeout: int = 0) -> int:
    """How long to wait for the final response to an INVITE, and for any response (milliseconds).

    0 leaves one as it is. Branches that are there begin to wait anew. Returns 1; -1 for a
    negative number.
    """
    if fr_inv_timeout < 0 or fr_timeout < 0:
        return _refused(ctx, "t_set_fr", "a duration below 0")
    ringing, give_up = fr_inv_timeout / 1000, fr_timeout / 1000
    if ctx.transaction is None:
        known = options.options_of(ctx)
        options.ask(ctx, ringing=ringing or known.ringing, give_up=give_up or known.give_up)
        return 1
    old = _timing(ctx)
    timing = Timing(
        old.t1, old.t2, give_up or old.give_up, ringing or old.ringing, old.linger, old.short_linger
    )
    options.retime(ctx, ctx.transaction, timing, restart=True)
    return 1


@mod.function("t_reset_fr", routes=_ANY)
def t_reset_fr(ctx: Context) -> int:
    """Take back what t_set_fr() said. Returns 1."""
    if ctx.transaction is None:
        options.ask(ctx, ringing=0.0, give_up=0.0)
        return 1
    old, default = _timing(ctx), ctx.program.proxy.timing
    timing = Timing(old.t1, old.t2, default.give_up, default.ringing, old.linger, old.short_linger)
    options.retime(ctx, ctx.transaction, timing, restart=True)
    return 1


@mod.function("t_set_retr", routes=_ANY)
def t_set_retr(ctx: Context, t1: int, t2: int) -> int:
    """The first and the longest interval between retransmissions (milliseconds, up to 65535).

    0 leaves one as it is. Returns 1; -1 for a number out of range.
    """
    if not (0 <= t1 <= _MOST_BETWEEN and 0 <= t2 <= _MOST_BETWEEN):
        return _refused(ctx, "t_set_retr", f"intervals are 0 to {_MOST_BETWEEN}")
    if ctx.transaction is None:
        known = options.options_of(ctx)
        options.ask(ctx, t1=t1 / 1000 or known.t1, t2=t2 / 1000 or known.t2)
        return 1
    old = _timing(ctx)
    timing = Timing(
        t1 / 1000 or old.t1, t2 / 1000 or old.t2, old.give_up, old.ringing, old.linger,
        old.short_linger,
    )  # fmt: skip
    options.retime(ctx, ctx.transaction, timing, restart=False)
    return 1


@mod.function("t_reset_retr", routes=_ANY)
def t_reset_retr(ctx: Context) -> int:
    """Take back what t_set_retr() said. Returns 1."""
    if ctx.transaction is None:
        options.ask(ctx, t1=0.0, t2=0.0)
        return 1
    old, default = _timing(ctx), ctx.program.proxy.timing
    timing = Timing(default.t1, default.t2, old.give_up, old.ringing, old.linger, old.short_linger)
    options.retime(ctx, ctx.transaction, timing, restart=False)
    return 1


def _live(ctx: Context, invite: float, other: float) -> None:
    """Have the transaction of the message end so many seconds from its beginning."""
    transaction = ctx.transaction
    assert transaction is not None
    state: ResponseContext = transaction.user
    lifetime = invite if transaction.request.method_id == _INVITE else other
    if not lifetime:
        return
    # Kamailio counts from now; so that it can be made longer again, so does this.
    state.ends_at = ctx.now + lifetime
    for branch in transaction.branches:
        if branch.wait_until > state.ends_at:
            branch.give_up_at(state.ends_at)
    if transaction.server is not None:
        transaction.server.give_up_at(max(transaction.server.wait_until, state.ends_at + 5.0))
    ctx.program.layer.reschedule(transaction)


@mod.function("t_set_max_lifetime", routes=_ANY)
def t_set_max_lifetime(ctx: Context, inv_lifetime: int, noninv_lifetime: int) -> int:
    """How long an INVITE, and another request, may go on (milliseconds); 0 leaves it as it is.

    Returns 1; -1 for a negative number.
    """
    if inv_lifetime < 0 or noninv_lifetime < 0:
        return _refused(ctx, "t_set_max_lifetime", "a duration below 0")
    if ctx.transaction is not None:
        _live(ctx, inv_lifetime / 1000, noninv_lifetime / 1000)
        return 1
    invite, other = options.options_of(ctx).lifetimes
    options.ask(ctx, lifetimes=(inv_lifetime / 1000 or invite, noninv_lifetime / 1000 or other))
    return 1


@mod.function("t_reset_max_lifetime", routes=_ANY)
def t_reset_max_lifetime(ctx: Context) -> int:
    """Take back what t_set_max_lifetime() said. Returns 1."""
    if ctx.transaction is not None:
        _live(ctx, *ctx.program.proxy.lifetimes)
    else:
        options.ask(ctx, lifetimes=(0.0, 0.0))
    return 1


@mod.function("t_set_auto_inv_100", routes=Routes.REQUEST)
def t_set_auto_inv_100(ctx: Context, on: int) -> int:
    """Answer an INVITE with 100 when it is relayed, or, with 0, don't. Returns 1."""
    if ctx.transaction is None:
        options.ask(ctx, auto_100=on != 0)
    else:
        ctx.transaction.user.auto_100 = on != 0
    return 1


@mod.function("t_set_disable_6xx", routes=_ANY)
def t_set_disable_6xx(ctx: Context, on: int) -> int:
    """Treat a 6xx as other responses: it neither ends other branches nor wins. Returns 1."""
    if ctx.transaction is None:
        options.ask(ctx, keep_6xx=on != 0)
    else:
        ctx.transaction.user.keep_6xx = on != 0
    return 1


@mod.function("t_set_disable_internal_reply", routes=_ANY)
def t_set_disable_internal_reply(ctx: Context, on: int) -> int:
    """Leave the answer to the script when the request could not be sent anywhere. Returns 1."""
    if ctx.transaction is None:
        options.ask(ctx, quiet=on != 0)
    else:
        ctx.transaction.user.quiet = on != 0
    return 1


@mod.function("t_set_no_e2e_cancel_reason", "t_disable_e2e_cancel_reason", routes=_ANY)
def t_set_no_e2e_cancel_reason(ctx: Context, on: int) -> int:
    """Do not hand on the Reason of the caller's CANCEL; 0: do. Returns 1."""
    if ctx.transaction is None:
        options.ask(ctx, pass_reason=on == 0)
    else:
        ctx.transaction.user.pass_reason = on == 0
    return 1


@mod.function("t_set_disable_failover", routes=_ANY)
def t_set_disable_failover(ctx: Context, on: int) -> int:
    """Try the first address of a name only; 0: the others too (RFC 3263). Returns 1."""
    if ctx.transaction is None:
        options.ask(ctx, single=on != 0)
    else:
        ctx.transaction.user.single = on != 0
    return 1


@mod.function("t_use_uac_headers")
def t_use_uac_headers(ctx: Context) -> int:
    """Returns 1. ACK and CANCEL are made of the request that was sent, always."""
    del ctx
    return 1


@mod.function("t_clean")
def t_clean(ctx: Context) -> int:
    """Returns 1. No transaction outlives its timers, so there is nothing to clean."""
    del ctx
    return 1
