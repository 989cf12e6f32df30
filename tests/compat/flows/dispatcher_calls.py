"""Calls through dispatcher: the next one after a failure, marks and their events, calls that
are counted, and all destinations at once.
"""

from __future__ import annotations

from typing import Final

from tests.compat.flow import Flow, Network, Phone
from tests.compat.flow_script import script

FILES: Final = {"list": "9 sip:10.0.0.9\n"}

_NAMES: Final = ("bob", "carol", "dave")
_SETS: Final = (1, 2, 3)


def _given(method: str, *parameters: object) -> str:
    shown = ",".join(f'"{each}"' if isinstance(each, str) else str(each) for each in parameters)
    asked = f'{{"jsonrpc":"2.0","method":"dispatcher.{method}","params":[{shown}],"id":1}}'
    return f"jsonrpc_exec('{asked}');"


_SETUP: Final = "".join(
    _given("add", group, f"sip:127.0.0.1:{{{name}}}", 0, 9 - at, f"duid={name};maxload=2")
    for group in _SETS
    for at, name in enumerate(_NAMES)
)


def _states(group: int) -> str:
    asked = "".join(
        f'if (ds_is_active("{group}", "sip:127.0.0.1:{{{name}}}")) $var(s) = $var(s) + " {name}";'
        for name in _NAMES
    )
    return f'$var(s) = "active:"; {asked} L("$var(s)");'


_TAKEN_OUT: Final = "sip:127.0.0.1:9"


def _disabled(*marks: str) -> str:
    """An operator takes a destination out while a call is on its way to it; then that fails."""
    shown = f'$var(s) = ds_is_active("4", "{_TAKEN_OUT}"); L("$var(r) $var(s)");'
    return (
        _given("add", 4, _TAKEN_OUT, 0, 0)
        + 'ds_select_dst("4", "8");'
        + "".join(
            f'{_given("set_state", "d", 4, _TAKEN_OUT)} $var(r) = ds_mark_dst("{mark}"); {shown}'
            for mark in marks
        )
    )


_NEXT: Final = """
failure_route[{name}] {{
    L("failure $T_reply_code $xavp(_dsdst_=>dstid)");
    {mark}
    if ({call}) {{ L("next $du $xavp(_dsdst_=>dstid)"); t_on_failure("{name}"); t_relay(); exit; }}
    {last}
    L("no more");
}}
"""

SCRIPT: Final = script(
    {
        "setup": f'{_SETUP} sl_send_reply("200", "OK");',
        "next": 'ds_select_dst("1", "8"); t_on_failure("NEXT"); t_relay();',
        "domain": 'ds_select_domain("1", "8"); t_on_failure("DOMAIN"); t_relay();',
        "mark": 'ds_select_dst("2", "8"); t_on_failure("MARK"); t_relay();',
        "usual": 'ds_select_dst("1", "8"); t_on_failure("USUAL"); t_relay();',
        "states": f'{_states(1)} {_states(2)} sl_send_reply("200", "OK");',
        "load": 'ds_select_dst("3", "10"); L("$du $xavp(_dsdst_=>dstid)");'
        ' t_on_reply("LOAD"); t_on_failure("LOADNEXT"); t_relay();',
        "loadbye": 'ds_load_update(); sl_send_reply("200", "OK");',
        "parallel": 'ds_select_dst("1", "12"); t_on_failure("SHOW"); t_relay();',
        "disabled": _disabled("ip", "tp", "t", "i", "p", "a", "dp", "ap")
        + 'sl_send_reply("200", "OK");',
        "routes": 'ds_select_routes("9=8;1=8", "x"); ds_next_dst(); t_on_failure("NEXT");'
        " t_relay();",
    },
    parameters="""
    loadmodule "jsonrpcs.so"
    modparam("tm", "fr_timer", 400)
    loadmodule "dispatcher.so"
    modparam("dispatcher", "list_file", "{folder}/list")
    modparam("dispatcher", "flags", 2)
    modparam("dispatcher", "reload_delta", 0)
    modparam("dispatcher", "ds_hash_size", 4)
    modparam("dispatcher", "ds_probing_threshold", 2)
    """,
    more="""
    failure_route[USUAL] {
        if (t_is_canceled()) { exit; }
        L("failure $T_reply_code");
        if (t_check_status("500") || (t_branch_timeout() && !t_branch_replied())) {
            if (ds_next_dst()) { L("next $du"); t_on_failure("USUAL"); t_relay(); exit; }
        }
        L("no more");
    }
    """
    + _NEXT.format(name="NEXT", mark="", call="ds_next_dst()", last="")
    + _NEXT.format(name="DOMAIN", mark="", call="ds_next_domain()", last="")
    + _NEXT.format(name="MARK", mark='ds_mark_dst("tp");', call="ds_next_dst()", last="")
    + _NEXT.format(name="LOADNEXT", mark="", call="ds_next_dst()", last="ds_load_unset();")
    + """
    failure_route[SHOW] { L("failure $T_reply_code"); }
    onreply_route[LOAD] { if ($rs == 200) { ds_load_update(); L("answered"); } }
    event_route[dispatcher:dst-down] {
        L("down $rm $ru $du $dsv(code) $dsv(reason) $dsv(flags)");
    }
    event_route[dispatcher:dst-up] { L("up $rm $ru $du $dsv(code)"); }
    """,
)


def _setup(net: Network) -> None:
    net.alice.request("OPTIONS", "sip:setup@127.0.0.1")
    net.alice.wait("200")


def _ask(net: Network, user: str, number: int = 50, method: str = "OPTIONS") -> None:
    net.alice.request(method, f"sip:{user}@127.0.0.1", number=number)
    net.alice.wait("200")


def _phones(net: Network) -> tuple[Phone, ...]:
    return net.bob, net.carol, net.dave


def _failing(user: str, method: str, *statuses: int) -> Flow:
    """Each phone answers with the next of the statuses, 0 is silence."""

    def play(net: Network) -> None:
        net.alice.request(method, f"sip:{user}@127.0.0.1")
        for phone, status in zip(_phones(net), statuses, strict=False):
            request = phone.wait(method)
            if status:
                phone.answer(request, status)
        final = net.alice.wait(*(str(each) for each in (200, 404, 408, 486, 500, 503, 600)))
        if method == "INVITE" and int(final.what) >= 300:
            net.alice.request(
                "ACK", f"sip:{user}@127.0.0.1", branch=f"z9hG4bK-alice-{net.call}-1",
                cseq="1 ACK", to=final.headers("To")[0].partition(": ")[2],
            )  # fmt: skip

    shown = "-".join(str(each) for each in statuses)
    return Flow(f"{user}-{method.lower()}-{shown}", f"{user}: {shown}", play)


def _marked(method: str, *statuses: int) -> Flow:
    failing = _failing("mark", method, *statuses)

    def play(net: Network) -> None:
        failing.play(net)
        _ask(net, "states")

    return Flow(failing.name, failing.why, play)


def _parallel(net: Network) -> None:
    net.alice.request("MESSAGE", "sip:parallel@127.0.0.1")
    for phone, status in zip(_phones(net), (486, 404, 200), strict=True):
        phone.answer(phone.wait("MESSAGE"), status)
    net.alice.wait("200")


def _loads(net: Network) -> None:
    """Calls one after the other: who gets them, when one fails, and when one ends."""
    bob, carol, dave = _phones(net)
    plans: list[tuple[str, list[tuple[Phone, int]]]] = [
        ("a", [(bob, 200)]),
        ("b", [(carol, 200)]),
        ("c", [(dave, 503), (bob, 503), (carol, 200)]),
        ("d", [(dave, 503), (bob, 404)]),
        ("e", [(dave, 200)]),
    ]
    for number, (name, plan) in enumerate(plans, 1):
        call = f"{net.call}-{name}"
        net.alice.request("INVITE", "sip:load@127.0.0.1", number=number, call=call)
        for phone, status in plan:
            phone.answer(phone.wait("INVITE"), status)
        net.alice.wait("200", "404", "500")
    net.alice.request("BYE", "sip:loadbye@127.0.0.1", number=90, call=f"{net.call}-a")
    net.alice.wait("200")
    net.alice.request("INVITE", "sip:load@127.0.0.1", number=91, call=f"{net.call}-f")
    bob.answer(bob.wait("INVITE"), 200)
    net.alice.wait("200")


FLOWS = [
    Flow("setup", "destinations are added", _setup),
    *(
        _failing(user, "MESSAGE", *statuses)
        for user in ("next", "domain")
        for statuses in ((200,), (503, 200), (486, 503, 200), (503, 404, 486), (0, 200))
    ),
    _failing("routes", "MESSAGE", 503, 200),
    _failing("next", "INVITE", 503, 486, 600),
    _failing("next", "INVITE", 0, 503, 200),
    _failing("usual", "INVITE", 0, 500, 200),
    _failing("usual", "MESSAGE", 500, 0, 0),
    _failing("usual", "INVITE", 404),
    _failing("usual", "MESSAGE", 0, 0, 486),
    Flow("parallel", "all at once", _parallel),
    Flow("disabled", "who is disabled, and marked after that", lambda net: _ask(net, "disabled")),
    Flow("loads", "calls that are counted", _loads),
    _marked("MESSAGE", 503, 200),
    _marked("MESSAGE", 503, 503, 200),
]
