"""What tm's parameters say, put together when a Program starts (README of tm, section 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipway.core.module import Param
from sipway.core.proxy.state import ProxySettings
from sipway.modules.tm._module import mod
from sipway.tx.machine import Timing

if TYPE_CHECKING:
    from sipway.core.program import Program


def _to_duration(value: int) -> float:
    if not 0 < value <= 2**31 - 1:
        raise ValueError(f"{value} is no number of milliseconds above 0")
    return value / 1000


def _duration(name: str, default: int, doc: str) -> Param[float]:
    return mod.param(name, int, default / 1000, convert=_to_duration, doc=f"{doc} (milliseconds)")


fr_timer = _duration("fr_timer", 30000, "how long to wait for any reply")
fr_inv_timer = _duration(
    "fr_inv_timer", 120000, "how long to wait for the final reply to an INVITE"
)
max_inv_lifetime = _duration("max_inv_lifetime", 180000, "how long an INVITE may go on")
max_noninv_lifetime = _duration("max_noninv_lifetime", 32000, "how long another request may go on")
wt_timer = _duration("wt_timer", 5000, "how long what has been answered is remembered")
retr_timer1 = _duration("retr_timer1", 500, "first interval between retransmissions")
retr_timer2 = _duration("retr_timer2", 4000, "longest interval between retransmissions")
auto_inv_100 = mod.param("auto_inv_100", int, 1, doc="answer an INVITE with 100 when it is relayed")
auto_inv_100_reason = mod.param(
    "auto_inv_100_reason",
    str,
    "trying -- your call is important to us",
    doc="reason phrase of that 100",
)
failure_reply_mode = mod.param(
    "failure_reply_mode", int, 3, doc="whose replies are forgotten in serial forking: 0 to 3"
)
disable_6xx_block = mod.param("disable_6xx_block", int, 0, doc="treat a 6xx as other replies")


@mod.on_start
def start(program: Program) -> None:
    """Have the Program handle requests with transactions."""
    timing = Timing(
        t1=retr_timer1(program),
        t2=retr_timer2(program),
        give_up=fr_timer(program),
        ringing=fr_inv_timer(program),
        linger=wt_timer(program),
        short_linger=wt_timer(program),
    )
    settings = ProxySettings(timing)
    settings.lifetimes = (max_inv_lifetime(program), max_noninv_lifetime(program))
    settings.auto_100 = bool(auto_inv_100(program))
    settings.trying_reason = auto_inv_100_reason(program)
    settings.reply_mode = failure_reply_mode(program)
    settings.keep_6xx = bool(disable_6xx_block(program))
    program.proxy = settings
    program.stateful = True
