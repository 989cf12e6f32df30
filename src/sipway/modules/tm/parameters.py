"""What tm's parameters say, put together when a Program starts (README of tm, section 3)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from sipway.core.avps import avp_parameter
from sipway.core.module import Param
from sipway.core.proxy import cancelling
from sipway.core.proxy.state import ProxySettings
from sipway.language.signatures import Meaning
from sipway.modules.tm._module import mod
from sipway.tx.machine import Timing

if TYPE_CHECKING:
    from sipway.core.program import Program

_MAX: Final = 2**31 - 1
_ALL_BITS: Final = 0xFFFFFFFF


def _to_duration(value: int) -> float:
    if not 0 < value <= _MAX:
        raise ValueError(f"{value} is no number of milliseconds above 0")
    return value / 1000


def _duration(name: str, default: int, doc: str) -> Param[float]:
    return mod.param(name, int, default / 1000, convert=_to_duration, doc=f"{doc} (milliseconds)")


def _one_of(most: int, what: str) -> Callable[[int], int]:
    def check(value: int) -> int:
        if not 0 <= value <= most:
            raise ValueError(f"{what} is a number from 0 to {most}, not {value}")
        return value

    return check


def _mode(name: str, default: int, most: int, doc: str) -> Param[int]:
    return mod.param(name, int, default, convert=_one_of(most, name), doc=doc)


def _to_seconds(value: int) -> int:
    if not 0 <= value <= _MAX:
        raise ValueError(f"{value} is no number of seconds")
    return value


def _to_code(value: int) -> int:
    if not 400 <= value <= 699:
        raise ValueError(f"a code for a failure is 400 to 699, not {value}")
    return value


def _ignored(name: str, kind: type[int | str], default: int | str, doc: str) -> None:
    mod.param(name, kind, default, meaning=Meaning.IGNORED, doc=doc)


def _later(name: str, kind: type[int | str], default: int | str, doc: str) -> None:
    mod.param(name, kind, default, meaning=Meaning.LATER, doc=doc)


# --- time ----------------------------------------------------------------------------------------

fr_timer = _duration("fr_timer", 30000, "how long to wait for any reply")
fr_inv_timer = _duration(
    "fr_inv_timer", 120000, "how long to wait for the final reply to an INVITE"
)
max_inv_lifetime = _duration("max_inv_lifetime", 180000, "how long an INVITE may go on")
max_noninv_lifetime = _duration("max_noninv_lifetime", 32000, "how long another request may go on")
wt_timer = _duration("wt_timer", 5000, "how long what has been answered is remembered")
retr_timer1 = _duration("retr_timer1", 500, "first interval between retransmissions")
retr_timer2 = _duration("retr_timer2", 4000, "longest interval between retransmissions")
fr_timer_avp = mod.param(
    "fr_timer_avp", str, None, convert=avp_parameter, doc="the AVP with a fr_timer in seconds"
)
fr_inv_timer_avp = mod.param(
    "fr_inv_timer_avp",
    str,
    None,
    convert=avp_parameter,
    doc="the AVP with a fr_inv_timer in seconds",
)
noisy_ctimer = mod.param(
    "noisy_ctimer", int, 1, doc="with 0, an INVITE that got no reply at all gets no 408"
)
restart_fr_on_each_reply = mod.param(
    "restart_fr_on_each_reply", int, 1, doc="each provisional reply starts fr_inv_timer anew"
)

# --- replies -------------------------------------------------------------------------------------

auto_inv_100 = mod.param("auto_inv_100", int, 1, doc="answer an INVITE with 100 when it is relayed")
auto_inv_100_reason = mod.param(
    "auto_inv_100_reason",
    str,
    "trying -- your call is important to us",
    doc="reason phrase of that 100",
)
relay_100 = mod.param("relay_100", int, 0, doc="pass a 100 on")
default_code = mod.param(
    "default_code", int, 500, convert=_to_code, doc="status code of t_reply_error()"
)
default_reason = mod.param(
    "default_reason", str, "Server Internal Error", doc="reason phrase of t_reply_error()"
)
reply_408_code = mod.param("reply_408_code", int, 408, convert=_to_code, doc="code of a timeout")
reply_408_reason = mod.param(
    "reply_408_reason", str, "Request Timeout", doc="reason phrase of a timeout"
)
remap_503_500 = mod.param("remap_503_500", int, 1, doc="pass a 503 on as 500")
aggregate_challenges = mod.param(
    "aggregate_challenges", int, 1, doc="join the challenges of several 401 and 407"
)
disable_6xx_block = mod.param("disable_6xx_block", int, 0, doc="treat a 6xx as other replies")
failure_reply_mode = _mode(
    "failure_reply_mode", 3, 3, "whose replies are forgotten in serial forking: 0 to 3"
)
faked_reply_prio = mod.param(
    "faked_reply_prio", int, 0, doc="added to the priority of a timeout: above 0 makes it worse"
)
rich_redirect = _mode("rich_redirect", 0, 3, "what Contacts of a 3xx tell: 1 flags, 2 path, 3 both")
on_sl_reply = mod.param(
    "on_sl_reply", str, None, doc="the onreply_route for replies without a transaction"
)


def _to_failover(text: str) -> tuple[int, frozenset[int]]:
    """`code=403;class=5`: bits of classes, and statuses; 503 is always among them."""
    classes, statuses = 0, {503}
    for part in (each.strip() for each in text.split(";")):
        name, _, digits = part.partition("=")
        number = int(digits) if digits.isdecimal() and len(digits) < 4 else 0
        if name == "class" and 3 <= number <= 6:
            classes |= 1 << number
        elif name == "code" and 300 <= number <= 699:
            statuses.add(number)
        elif part:
            raise ValueError(f'"{part}" is neither code=NUMBER from 300 nor class=NUMBER from 3')
    return classes, frozenset(statuses)


_DEFAULT_FAILOVER: Final = _to_failover("")

failover_reply_codes = mod.param(
    "failover_reply_codes",
    str,
    _DEFAULT_FAILOVER,
    convert=_to_failover,
    doc="with which replies the next address of a name is tried, besides 503",
)

# --- CANCEL --------------------------------------------------------------------------------------

cancel_b_method = _mode("cancel_b_method", 1, 2, "a CANCEL for a branch without any reply: 0 to 2")
local_cancel_reason = mod.param(
    "local_cancel_reason", int, 1, doc="a CANCEL of ours says which reply it is because of"
)
e2e_cancel_reason = mod.param(
    "e2e_cancel_reason", int, 1, doc="a CANCEL of ours says the Reason of the caller's"
)
unmatched_cancel = _mode(
    "unmatched_cancel", 0, 2, "a CANCEL for nothing: 0 relayed, 1 forwarded, 2 dropped"
)
ac_extra_hdrs = mod.param(
    "ac_extra_hdrs", str, "", doc="how header names begin that ACKs and CANCELs take over"
)

# --- matching ------------------------------------------------------------------------------------

callid_matching = mod.param(
    "callid_matching", int, 0, doc="a response has to have the Call-ID of its request"
)

# --- destinations that are left alone (use_dst_blocklist) ----------------------------------------

blst_503 = mod.param("blst_503", int, 0, doc="a 503 puts its sender on the blocklist")
blst_503_def_timeout = mod.param(
    "blst_503_def_timeout", int, 0, convert=_to_seconds, doc="seconds of a 503 without Retry-After"
)
blst_503_min_timeout = mod.param(
    "blst_503_min_timeout", int, 0, convert=_to_seconds, doc="the fewest seconds of a 503"
)
blst_503_max_timeout = mod.param(
    "blst_503_max_timeout", int, 3600, convert=_to_seconds, doc="the most seconds of a 503"
)
blst_methods_add = mod.param(
    "blst_methods_add", int, 1, doc="methods whose timeouts put a destination on it, as bits"
)
blst_methods_lookup = mod.param(
    "blst_methods_lookup", int, -9, doc="methods that are not sent to what is on it, as bits"
)

# --- what there is nothing to do about -----------------------------------------------------------

_ignored("unix_tx_timeout", int, 500, "there are no Unix sockets to send by")
_ignored("reparse_invite", int, 1, "CANCEL and ACK are made of the request that was sent, always")
_ignored("reparse_on_dns_failover", int, 1, "the next address gets what the first one got, always")
_ignored(
    "dns_reuse_rcv_socket", int, 0, "the next address is sent to by the same socket if it fits"
)
_ignored("ruri_matching", int, 1, "requests of RFC 2543 are matched by their Request-URI, always")
_ignored("via1_matching", int, 1, "requests of RFC 2543 are matched by their topmost Via, always")
_ignored("reply_matching", int, 1, "a reply to a transaction that has ended is a stray one, always")
_ignored("callid_cseq_matching", int, 0, "transactions are matched by branch, as RFC 3261 says")
_ignored("pass_provisional_replies", int, 0, "it is about callbacks of other modules")
_ignored("e2e_cancel_hop_by_hop", int, 1, "CANCEL goes hop by hop, as RFC 3261 says")
local_ack_mode = _mode(
    "local_ack_mode",
    0,
    2,
    "where ACKs to requests of our own go: 0 as RFC 3261 says, 1 where the INVITE went,"
    " 2 where the 2xx came from",
)
_ignored("local_ack_branch_mode", int, 0, "an ACK to a 2xx has a branch of its own")
evlreq_mode = _mode(
    "evlreq_mode", 0, 1, "1: event_route[tm:local-request] runs for CANCELs of ours too"
)
_ignored("headers_mode", int, 0, "From and To of a CANCEL are those of its INVITE, always")
_ignored("exec_time_check", int, 5000, "no transaction ends while its failure_route runs")
_ignored("reply_relay_mode", int, 1, "a suspended 2xx does not take the place of a final answer")
enable_uac_fr = mod.param(
    "enable_uac_fr", int, 0, doc="uac tells of failures of requests of our own (evroute 2)"
)
failure_exec_mode = mod.param(
    "failure_exec_mode",
    int,
    0,
    doc="1: a branch that could not be sent has failed, and t_relay() has not",
)
_ignored("delayed_reply", int, 1, "what could not be sent is answered when the script ends, always")
for _name in ("event_callback", "event_callback_lres_sent", "evcb_local_ack_sent"):
    _ignored(_name, str, "", "it names a function of another language")


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
    settings.restart_on_reply = bool(restart_fr_on_each_reply(program))
    settings.cancel_method = cancel_b_method(program)
    settings.aggregate = bool(aggregate_challenges(program))
    settings.keep_6xx = bool(disable_6xx_block(program))
    settings.reply_mode = failure_reply_mode(program)
    settings.local_priority = faked_reply_prio(program)
    settings.local_reason = bool(local_cancel_reason(program))
    settings.pass_reason = bool(e2e_cancel_reason(program))
    settings.hide_503 = bool(remap_503_500(program))
    settings.relay_100 = bool(relay_100(program))
    settings.timeout_reply = (reply_408_code(program), reply_408_reason(program))
    avps = (fr_timer_avp(program), fr_inv_timer_avp(program))
    settings.timer_avps = avps if any(avps) else None
    settings.failover_codes = failover_reply_codes(program)
    settings.noisy = bool(noisy_ctimer(program))
    settings.stray_cancel = unmatched_cancel(program)
    settings.stray_reply = on_sl_reply(program)
    program.layer.call_id_counts = bool(callid_matching(program))
    settings.default_reply = (default_code(program), default_reason(program))
    settings.rich_redirect = rich_redirect(program)
    settings.local_failures = bool(failure_exec_mode(program))
    settings.local_ack = local_ack_mode(program)
    program.layer.change_cancel = None
    if evlreq_mode(program) and "tm:local-request" in program.events:
        program.layer.change_cancel = partial(cancelling.before_cancel, program)
    settings.applies_changes = bool(program.settings.msg_apply_changes_mode)
    settings.block_add = blst_methods_add(program) & _ALL_BITS
    settings.block_lookup = blst_methods_lookup(program) & _ALL_BITS
    if blst_503(program):
        settings.block_503 = (
            blst_503_def_timeout(program),
            blst_503_min_timeout(program),
            blst_503_max_timeout(program),
        )
    program.layer.kept_headers = ac_extra_hdrs(program).lower()
    program.proxy = settings
    program.stateful = True
