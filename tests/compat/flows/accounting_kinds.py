"""acc: ACKs, CANCELs, early media, legs, and transactions that are marked after they began."""

from __future__ import annotations

from typing import Final

from tests.compat.calls import alone, call, cancelled
from tests.compat.flow_script import BOB, CAROL, script

MARKS: Final = ("ACC: ",)

_PARAMETERS: Final = """
loadmodule "rr.so"
loadmodule "acc.so"
modparam("tm", "fr_timer", 300)
modparam("acc", "log_flag", 1)
modparam("acc", "log_missed_flag", 2)
modparam("acc", "failed_transaction_flag", 3)
modparam("acc", "acc_prepare_flag", 5)
modparam("acc", "early_media", 1)
modparam("acc", "report_ack", 1)
modparam("acc", "report_cancels", 1)
modparam("acc", "detect_direction", 1)
modparam("acc", "failed_filter", "404,480")
modparam("acc", "reason_from_hf", 1)
modparam("acc", "log_level", -1)
modparam("acc", "time_mode", 4)
modparam("acc", "time_format", "in %Z %%")
modparam("acc", "log_extra", "fu=$fu;tt=$tt;a=$avp(a);b=$avp(b);flags=$mF;method=$rm")
modparam("acc", "multi_leg_info", "src=$avp(src);dst=$avp(dst)")
"""
_ALL: Final = "setflag(1); setflag(2); setflag(3);"
_TO_BOB: Final = f'$ru = "{BOB}";'
_LEGS: Final = """
    $avp(src) = "s1"; $avp(dst) = "d1"; $avp(src) = "s2"; $avp(dst) = 2; $avp(dst) = "d3";
"""

BLOCKS: Final = {
    "all": f'{_ALL} $avp(a) = "invite"; record_route(); {_TO_BOB} t_relay();',
    "log": f"setflag(1); record_route(); {_TO_BOB} t_relay();",
    "legs": f"{_ALL} {_LEGS} record_route(); {_TO_BOB} t_relay();",
    "prepared": f"""
        setflag(5); $avp(a) = "invite"; record_route(); {_TO_BOB} t_on_reply("MARKS");
        t_on_failure("NEXT"); t_relay();
        """,
    "preparedonly": f"setflag(5); record_route(); {_TO_BOB} t_relay();",
    "preparedfailure": f"""
        setflag(5); record_route(); {_TO_BOB} t_on_failure("MARKS"); t_relay();
        """,
    "dropping": f'{_ALL} record_route(); {_TO_BOB} t_on_reply("DROPS"); t_relay();',
    "nosocket": f'{_ALL} $ru = "sip:bob@127.0.0.1:9;transport=tcp"; t_relay();',
    "dropped": f'{_ALL} {_TO_BOB} t_on_branch("DROP"); t_relay();',
    "unmarked": f'{_ALL} record_route(); {_TO_BOB} t_on_reply("UNMARKS"); t_relay();',
}

SCRIPT: Final = script(
    BLOCKS,
    parameters=_PARAMETERS,
    before="""
    if (loose_route()) { setflag(1); acc_log_request("700 x"); t_relay(); exit; }
    """,
    cancel="setflag(1); if (t_lookup_cancel()) { t_relay(); exit; }",
    more=f"""
    onreply_route[MARKS] {{ {_ALL} }}
    onreply_route[UNMARKS] {{ resetflag(1); }}
    onreply_route[DROPS] {{ if ($rs == 183) drop; }}
    branch_route[DROP] {{ drop; }}
    failure_route[MARKS] {{ {_ALL} L("failure $T_reply_code"); }}
    failure_route[NEXT] {{ L("failure $T_reply_code $mF"); $ru = "{CAROL}"; t_relay(); }}
    """,
).replace('if ($rm == "ACK") {', 'if ($rm == "ACK") { setflag(4); $avp(b) = "ack"; loose_route();')

FLOWS = [
    # First, so that its To-tag is there: to a CANCEL 5.6.3 accounts that of an answer before.
    *(alone(name) for name in ("nosocket", "dropped")),
    alone("nosocket", "MESSAGE"),
    *(call("all", bye=bye, label=bye) for bye in ("alice", "bob")),
    call("log", bye="bob", early=True),
    call("all", acks=2, early=True),
    call("dropping", early=True),
    *(call("all", code) for code in (404, 480, 486, 600)),
    *(call("all", code, reason_header=True, label="because") for code in (486, 200)),
    call("all", 0, label="silent"),
    *(call("legs", code) for code in (200, 486)),
    call("prepared"),
    call("prepared", 486, 480),
    call("prepared", 486, 487),
    call("preparedonly"),
    *(call("preparedfailure", code) for code in (200, 486)),
    *(call("all", code, method="MESSAGE") for code in (200, 486)),
    call("unmarked"),
    *(cancelled(name) for name in ("all", "log", "prepared")),
]
