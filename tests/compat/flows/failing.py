"""Requests that t_relay() cannot send: its codes, and what becomes of the caller."""

from __future__ import annotations

from tests.compat.flow import Flow, Network
from tests.compat.flow_script import BOB, script

_WAYS = {
    "baduri": '$ru = "sip:";',
    "badscheme": '$ru = "abc:x@y";',
    "badnexthop": f'$ru = "{BOB}"; $du = "nothing";',
    "baduriand": '$ru = "sip:"; $du = "sip:127.0.0.1:{bob}";',
    "tcp": '$ru = "sip:bob@127.0.0.1:9;transport=tcp";',
    "six": '$ru = "sip:bob@[2001:db8::1]:9";',
    "dropped": f'$ru = "{BOB}"; t_on_branch("DROP");',
    "exited": f'$ru = "{BOB}"; t_on_branch("EXIT");',
    "returned": f'$ru = "{BOB}"; t_on_branch("RETURN");',
}

_THEN = {
    "nothing": "",
    "error": "sl_reply_error();",
    "send": 'send_reply("503", "Mine");',
    "sl": 'sl_send_reply("503", "Mine");',
    "treply": '$var(r) = t_reply("503", "Mine"); L("$var(r)");',
    "again": f'$ru = "{BOB}"; $du = $null; t_on_branch("0"); '
    '$var(r) = t_relay(); L("again $var(r)");',
    "quiet": "",
}

SCRIPT = script(
    {
        f"{way}{then}": f"""
            {"t_set_disable_internal_reply(1);" if then == "quiet" else ""}
            t_on_failure("F"); {make}
            $var(r) = t_relay();
            L("$var(r) $rc");
            if ($var(r) < 0) {{ {what} ; }}
            """
        for way, make in _WAYS.items()
        for then, what in _THEN.items()
    },
    parameters='modparam("tm", "fr_timer", 400)',
    more="""
    branch_route[DROP] { L("drop"); drop; }
    branch_route[EXIT] { L("exit"); exit; }
    branch_route[RETURN] { L("return"); return 0; }
    failure_route[F] { L("failure $T_reply_code"); }
    """,
)


def _flow(way: str, then: str, method: str) -> Flow:
    def play(net: Network) -> None:
        net.alice.request(method, f"sip:{way}{then}@127.0.0.1")
        if way in ("returned", "exited", "baduriand") or then == "again":
            net.bob.answer(net.bob.wait(method, seconds=0.3), 200, "OK")
        net.alice.wait("200", "477", "478", "479", "500", "503", seconds=0.3)

    return Flow(f"{way}-{then}-{method.lower()}", f"{way}, then {then}", play)


FLOWS = [
    _flow(way, then, method) for way in _WAYS for then in _THEN for method in ("INVITE", "MESSAGE")
]
