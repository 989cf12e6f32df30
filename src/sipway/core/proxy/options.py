"""What a script asks of a transaction by itself, before or after it has been made.

Source: README of tm: t_set_fr(), t_set_max_lifetime(), t_set_retr() and other `t_set_`
functions, `fr_timer_avp` and `fr_inv_timer_avp`. Few scripts do, so it is kept in the Extras of the
message until there is a transaction.

Compiled (see `options.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sipway.core.extras import extras
from sipway.language.record import Record, replace
from sipway.sip.methods import METHODS
from sipway.tx.machine import Timing
from sipway.tx.machines import PROCEEDING, TRYING

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.core.proxy.state import ProxySettings, ResponseContext
    from sipway.tx.transaction import Transaction

_INVITE: Final = METHODS["INVITE"]
_MODULE = "tm"


class Options(Record):
    """Of a transaction to be made; durations in seconds, 0 or None: as the parameters say.

    give_up, ringing  how long to wait for any reply, and for the final one to an INVITE
    t1, t2            intervals between retransmissions
    lifetimes         how long an INVITE may go on, and another request
    auto_100          answer an INVITE with 100
    keep_6xx          a 6xx is a response like others
    pass_reason       hand on the Reason of a CANCEL
    quiet             do not answer when the request could not be sent anywhere
    single            try the first address of a name only
    """

    give_up: float = 0.0
    ringing: float = 0.0
    t1: float = 0.0
    t2: float = 0.0
    lifetimes: tuple[float, float] = (0.0, 0.0)
    auto_100: bool | None = None
    keep_6xx: bool | None = None
    pass_reason: bool | None = None
    quiet: bool = False
    single: bool = False


_NONE: Final = Options()


def are_given(ctx: Context) -> bool:
    """Whether the script has asked for anything."""
    kept = ctx.extras
    return kept is not None and _MODULE in kept.of_modules


def options_of(ctx: Context) -> Options:
    """What the script has asked for so far."""
    kept = ctx.extras
    found: Options = _NONE if kept is None else kept.of_modules.get(_MODULE, _NONE)
    return found


def ask(ctx: Context, **changes: Any) -> None:
    """Ask for something more, of the transaction that will be made."""
    extras(ctx).of_modules[_MODULE] = replace(options_of(ctx), **changes)


def timing_for(ctx: Context, settings: ProxySettings) -> Timing:
    """The durations of a new transaction."""
    options = options_of(ctx)
    timing = settings.timing
    give_up, ringing = options.give_up, options.ringing
    if settings.timer_avps is not None and ctx.avps:
        give_up_avp, ringing_avp = settings.timer_avps
        give_up = give_up or _seconds(ctx, give_up_avp)
        ringing = ringing or _seconds(ctx, ringing_avp)
    if not (give_up or ringing or options.t1 or options.t2):
        return timing
    return Timing(
        options.t1 or timing.t1,
        options.t2 or timing.t2,
        give_up or timing.give_up,
        ringing or timing.ringing,
        timing.linger,
        timing.short_linger,
    )


def _seconds(ctx: Context, name: str | None) -> float:
    """The value of an AVP that holds a number of seconds, 0 if there is none."""
    values = (ctx.avps or {}).get(name) if name is not None else None
    if not values:
        return 0.0
    value = values[0]
    if isinstance(value, str):
        value = int(value) if value.isdecimal() and len(value) < 10 else 0
    return float(max(0, value))


def lifetime_for(ctx: Context, settings: ProxySettings) -> float:
    """How long a new transaction may go on (seconds)."""
    place = 0 if ctx.message.method_id == _INVITE else 1
    return options_of(ctx).lifetimes[place] or settings.lifetimes[place]


def apply(ctx: Context, state: ResponseContext) -> None:
    """Tell a new transaction's state what was asked for besides durations."""
    options = options_of(ctx)
    if options.auto_100 is not None:
        state.auto_100 = options.auto_100
    if options.keep_6xx is not None:
        state.keep_6xx = options.keep_6xx
    if options.pass_reason is not None:
        state.pass_reason = options.pass_reason
    state.quiet = options.quiet
    state.single = options.single


def retime(ctx: Context, transaction: Transaction, timing: Timing, *, restart: bool) -> None:
    """Give a transaction and its branches other durations; `restart`: of waiting too, from now."""
    state: ResponseContext = transaction.user
    if transaction.server is not None:
        transaction.server.timing = timing
    for branch in transaction.branches:
        branch.timing = timing
        if restart and branch.user.status == 0:
            if branch.state == PROCEEDING and branch.invite:
                branch.give_up_at(min(ctx.now + timing.ringing, state.ends_at))
            elif branch.state in (TRYING, PROCEEDING):
                branch.give_up_at(min(ctx.now + timing.give_up, state.ends_at))
    ctx.program.layer.reschedule(transaction)
