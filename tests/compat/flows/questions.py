"""What a script can ask of a transaction, in each kind of block; return codes of tm's functions."""

from __future__ import annotations

from tests.compat.flow import Flow, Network
from tests.compat.flow_script import BOB, CAROL, script

_ASKED = (
    *("t_lookup_request()", "t_is_canceled()", "t_is_expired()", "t_any_timeout()"),
    *("t_any_replied()", 't_grep_status("486")', 't_is_set("failure_route")'),
    *('t_is_set("branch_route")', 't_is_set("onreply_route")', 't_check_status("4..")'),
    *("t_get_status_code()", "t_is_failure_route()", "t_is_branch_route()", "t_is_reply_route()"),
    *("t_is_request_route()",),
)
_IN_FAILURE = ("t_branch_timeout()", "t_branch_replied()")


def _ask(*calls: str) -> str:
    """Log the code of each call."""
    return "".join(
        f'    $var(r) = {call}; $var(t) = $var(t) + "{call.partition("(")[0]} " + $var(r) + " ";\n'
        for call in (each.replace('"', "'") for each in calls)
    )


_ALL = 'route[ASK] {\n    $var(t) = "";\n' + _ask(*_ASKED) + '    L("$var(t)");\n}\n'
_FAILED = 'route[ASKF] {\n    $var(t) = "";\n' + _ask(*_IN_FAILURE) + '    L("$var(t)");\n}\n'

SCRIPT = script(
    {
        "newtran": """
            L("t_newtran");
            route(ASK);
            $var(r) = t_newtran(); L("first $var(r)");
            $var(r) = t_newtran(); L("second $var(r)");
            route(ASK);
            $var(r) = t_reply("486", "Busy"); L("reply $var(r)");
            route(ASK);
            $var(r) = t_reply("480", "Again"); L("again $var(r)");
            $var(r) = t_release(); L("release $var(r)");
            """,
        "setters": """
            $var(r) = t_on_failure("F"); L("$var(r)");
            $var(r) = t_on_branch("B"); L("$var(r)");
            $var(r) = t_on_reply("R"); L("$var(r)");
            $var(r) = t_on_branch_failure("BF"); L("$var(r)");
            route(ASK);
            t_on_failure("0"); t_on_branch("0"); t_on_reply("0"); t_on_branch_failure("0");
            route(ASK);
            $var(r) = t_set_fr("5000"); L("$var(r)");
            $var(r) = t_set_fr("5000", "3000"); L("$var(r)");
            $var(r) = t_set_fr(0, 0); L("$var(r)");
            $var(r) = t_set_fr(-1); L("$var(r)");
            $var(r) = t_set_fr("$avp(never)", "$var(never)"); L("$var(r)");
            $var(r) = t_reset_fr(); L("$var(r)");
            $var(r) = t_set_max_lifetime("5000", "0"); L("$var(r)");
            $var(r) = t_reset_max_lifetime(); L("$var(r)");
            $var(r) = t_set_retr("250", "0"); L("$var(r)");
            $var(r) = t_set_retr("250", "70000000"); L("$var(r)");
            $var(r) = t_reset_retr(); L("$var(r)");
            $var(r) = t_set_auto_inv_100("0"); L("$var(r)");
            $var(r) = t_set_auto_inv_100(7); L("$var(r)");
            $var(r) = t_set_disable_6xx("1"); L("$var(r)");
            $var(r) = t_set_disable_failover("1"); L("$var(r)");
            $var(r) = t_set_disable_internal_reply("1"); L("$var(r)");
            $var(r) = t_set_no_e2e_cancel_reason("1"); L("$var(r)");
            $var(r) = t_use_uac_headers(); L("$var(r)");
            $var(r) = t_clean(); L("$var(r)");
            $var(r) = t_precheck_trans(); L("$var(r)");
            $var(r) = t_check_trans(); L("$var(r)");
            """,
        "without": """
            $var(r) = t_release(); L("release $var(r)");
            $var(r) = t_retransmit_reply(); L("retransmit $var(r)");
            $var(r) = t_reply("480", "No"); L("reply $var(r)");
            $var(r) = t_save_lumps(); L("save $var(r)");
            $var(r) = t_lookup_cancel(); L("cancel $var(r)");
            $var(r) = t_relay_cancel(); L("relay cancel $var(r)");
            $var(r) = t_flush_flags(); L("flush $var(r)");
            $var(r) = t_flush_xflags(); L("flush x $var(r)");
            $var(r) = t_cancel_callid("nobody", "1", "3"); L("cancel_callid $var(r)");
            $var(r) = t_reply_callid("nobody", "1", "480", "X"); L("reply_callid $var(r)");
            $var(r) = t_continue("1", "2", "NEXT"); L("continue $var(r)");
            """,
        "drop": '$var(r) = t_newtran(); $var(r) = t_drop(); L("drop $var(r)");',
        "send": """
            $var(r) = t_send_reply("480", "Gone"); L("$var(r)");
            $var(r) = t_send_reply("481", "Gone"); L("$var(r)");
            """,
        "provisional": """
            t_newtran(); route(ASK);
            $var(r) = t_reply("180", "Ringing"); L("$var(r)"); route(ASK);
            $var(r) = t_reply("183", "Progress"); L("$var(r)"); route(ASK);
            $var(r) = t_reply("200", "OK"); L("$var(r)"); route(ASK);
            $var(r) = t_retransmit_reply(); L("$var(r)");
            """,
        "relayed": f"""
            t_on_failure("F"); t_on_branch("B"); t_on_reply("R");
            $ru = "{BOB}"; append_branch("{CAROL}");
            $var(r) = t_relay(); L("relay $var(r)"); route(ASK);
            $var(r) = t_relay(); L("again $var(r)"); route(ASK);
            """,
    },
    parameters='modparam("tm", "fr_timer", 700)\nmodparam("tm", "fr_inv_timer", 1500)',
    more=_ALL
    + _FAILED
    + """
    route[NEXT] { L("next"); }
    branch_route[B] { L("branch $T_branch_idx"); route(ASK); }
    onreply_route[R] { L("reply $rs $T_branch_idx $T_reply_code $T_reply_last"); route(ASK); }
    failure_route[F] {
        L("failure $T_branch_idx $T_reply_code $T_reply_reason $T_reply_last");
        route(ASK); route(ASKF);
    }
    event_route[tm:branch-failure:BF] {
        L("branch failure $T_branch_idx $T_reply_code $T_reply_reason $T_reply_last $ru");
        route(ASK); route(ASKF);
    }
    """,
)


def _options(name: str, *answers: str) -> Flow:
    def play(net: Network) -> None:
        net.alice.request("OPTIONS", f"sip:{name}@127.0.0.1")
        for answer in answers:
            net.alice.wait(answer)

    return Flow(name, f"return codes: {name}", play)


def _invite(name: str, *answers: str) -> Flow:
    def play(net: Network) -> None:
        net.alice.request("INVITE", f"sip:{name}@127.0.0.1")
        for answer in answers:
            net.alice.wait(answer)
        net.alice.request("ACK", f"sip:{name}@127.0.0.1")

    return Flow(f"{name}-invite", f"return codes: {name}, an INVITE", play)


def _relayed(net: Network) -> None:
    net.alice.request("INVITE", "sip:relayed@127.0.0.1")
    one, two = net.bob.wait("INVITE"), net.carol.wait("INVITE")
    net.bob.answer(one, 180, "Ringing")
    net.alice.wait("180")
    net.bob.answer(one, 486, "Busy")
    net.bob.wait("ACK")
    net.carol.answer(two, 404, "Not Found")
    net.carol.wait("ACK")
    net.alice.wait("404")


FLOWS = [
    _options("newtran", "486"),
    _options("setters"),
    _options("without"),
    _options("drop"),
    _options("send", "480"),
    _options("provisional", "200"),
    _invite("newtran", "486"),
    _invite("send", "480"),
    _invite("provisional", "200"),
    Flow("relayed", "in each kind of block", _relayed),
]
