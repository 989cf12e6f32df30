"""event_route[tm:branch-failure:NAME], and what relays from there."""

from __future__ import annotations

from tests.compat.flow import Flow, Network
from tests.compat.flow_script import BOB, CAROL, DAVE, script

SCRIPT = script(
    {
        "one": f't_on_branch_failure("NEXT"); t_on_failure("F"); $ru = "{BOB}"; t_relay();',
        "two": f't_on_branch_failure("NEXT"); t_on_failure("F"); $ru = "{BOB}";'
        f' append_branch("{CAROL}"); t_relay();',
        "reuse": f't_on_branch_failure("REUSE"); setbflag(3); $ru = "{BOB}"; t_relay();',
        "branch": f't_on_branch("B"); t_on_failure("F"); $ru = "{BOB}";'
        f' append_branch("{CAROL}"); t_relay();',
        "nothing": f't_on_branch_failure("NOTHING"); t_on_failure("F"); $ru = "{BOB}"; t_relay();',
        "missing": f't_on_branch_failure("NOT_THERE"); $ru = "{BOB}"; t_relay();',
    },
    parameters='modparam("tm", "fr_timer", 500)\nmodparam("tm", "fr_inv_timer", 900)',
    more=f"""
    event_route[tm:branch-failure:NEXT] {{
        L("branch failure $rm $T_reply_code $T_branch_idx $ru");
        if ($avp(done) == $null) {{
            $avp(done) = 1; $ru = "{DAVE}"; $var(r) = t_relay(); L("relay $var(r)");
        }}
    }}
    event_route[tm:branch-failure:REUSE] {{
        L("reuse $T_reply_code $ru");
        if ($avp(done) == $null) {{
            $avp(done) = 1;
            $var(r) = t_reuse_branch(); L("$var(r) $ru $du");
            if (isbflagset(3)) L("flag 3");
            $du = "sip:127.0.0.1:{{carol}}";
            $var(r) = t_relay(); L("relay $var(r)");
        }}
    }}
    event_route[tm:branch-failure:NOTHING] {{ L("nothing $T_reply_code"); }}
    event_route[tm:branch-failure:B2] {{ L("second $T_reply_code"); }}
    branch_route[B] {{ if ($T_branch_idx == 1) t_on_branch_failure("B2"); }}
    failure_route[F] {{ L("failure $T_reply_code $ru"); }}
    """,
)


def _one(net: Network) -> None:
    net.alice.request("INVITE", "sip:one@127.0.0.1")
    net.bob.answer(net.bob.wait("INVITE"), 486, "Busy")
    net.dave.answer(net.dave.wait("INVITE"), 404, "Not Found")
    net.alice.wait("404", "486")


def _two(net: Network) -> None:
    net.alice.request("INVITE", "sip:two@127.0.0.1")
    one, two = net.bob.wait("INVITE"), net.carol.wait("INVITE")
    net.bob.answer(one, 486, "Busy")
    three = net.dave.wait("INVITE")
    net.carol.answer(two, 480, "Away")
    net.carol.wait("ACK")
    net.dave.answer(three, 404, "Not Found")
    net.alice.wait("404", "486", "480")


def _reuse(net: Network) -> None:
    net.alice.request("INVITE", "sip:reuse@127.0.0.1")
    net.bob.answer(net.bob.wait("INVITE"), 430, "Flow Failed")
    net.carol.answer(net.carol.wait("INVITE"), 200, "OK")
    net.alice.wait("200")


def _branch(net: Network) -> None:
    net.alice.request("INVITE", "sip:branch@127.0.0.1")
    one, two = net.bob.wait("INVITE"), net.carol.wait("INVITE")
    net.bob.answer(one, 486, "Busy")
    net.bob.wait("ACK")
    net.carol.answer(two, 480, "Away")
    net.alice.wait("480", "486")


def _fails(name: str, code: int) -> Flow:
    def play(net: Network) -> None:
        net.alice.request("INVITE", f"sip:{name}@127.0.0.1")
        invite = net.bob.wait("INVITE")
        if code != 408:
            net.bob.answer(invite, code, "No")
        net.alice.wait(str(code))

    return Flow(f"{name}-{code}", f"branch failure: {name}", play)


FLOWS = [
    Flow("one", "relayed from there", _one),
    Flow("two", "relayed from there while another branch is open", _two),
    Flow("reuse", "t_reuse_branch()", _reuse),
    Flow("branch", "set in branch_route for one branch", _branch),
    _fails("nothing", 603),
    _fails("nothing", 408),
    _fails("missing", 486),
]
