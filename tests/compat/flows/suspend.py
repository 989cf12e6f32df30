"""t_suspend() and t_continue(): a request, or a reply, that waits for another message."""

from __future__ import annotations

from tests.compat.flow import Flow, Network
from tests.compat.flow_script import BOB, script

_KEEP = "$shv(i) = $T(id_index); $shv(l) = $T(id_label);"

SCRIPT = script(
    {
        "wait": f"""
            $ru = "{BOB}"; $avp(a) = "kept"; setflag(4); append_hf("X-Before: 1\\r\\n");
            t_on_failure("F"); t_on_branch("B"); t_on_reply("R");
            $var(r) = t_suspend(); L("suspend $var(r)"); {_KEEP}
            """,
        "waitreply": f"""
            $ru = "{BOB}"; t_on_failure("F"); t_on_reply("S"); t_relay();
            """,
        "resume": """
            $var(r) = t_continue("$shv(i)", "$shv(l)", "NEXT"); L("continue $var(r)");
            t_newtran(); t_reply("200", "Done");
            """,
        "twice": """
            $var(r) = t_continue("$shv(i)", "$shv(l)", "NEXT"); L("continue $var(r)");
            $var(r) = t_continue("$shv(i)", "$shv(l)", "NEXT"); L("continue $var(r)");
            t_newtran(); t_reply("200", "Done");
            """,
        "answer": """
            $var(r) = t_continue("$shv(i)", "$shv(l)", "ANSWER"); L("continue $var(r)");
            t_newtran(); t_reply("200", "Done");
            """,
        "nothing": """
            $var(r) = t_continue("$shv(i)", "$shv(l)", "NOTHING"); L("continue $var(r)");
            t_newtran(); t_reply("200", "Done");
            """,
        "sync": 't_send_reply("200", "In step");',
        "nowhere": """
            $var(r) = t_continue("$shv(i)", "$shv(l)", "NOWHERE"); L("continue $var(r)");
            t_newtran(); t_reply("200", "Done");
            """,
    },
    parameters='modparam("tm", "fr_timer", 500)\nmodparam("tm", "fr_inv_timer", 1000)\n'
    'modparam("pv", "shvset", "i=i:0")\nmodparam("pv", "shvset", "l=i:0")',
    more=f"""
    route[NEXT] {{
        L("next $rm $ru $avp(a) $mf $T_reply_code");
        if (t_is_failure_route()) L("as in failure");
        if (t_is_request_route()) L("as in request");
        if (t_is_reply_route()) L("as in reply");
        append_hf("X-After: 1\\r\\n");
        if ($rs == $null) {{ $var(r) = t_relay(); L("relay $var(r)"); }}
    }}
    route[ANSWER] {{ L("answer $rm"); $var(r) = t_reply("480", "Later"); L("reply $var(r)"); }}
    route[NOTHING] {{ L("nothing $rm $rs"); }}
    branch_route[B] {{ L("branch $T_branch_idx"); }}
    onreply_route[R] {{ L("reply $rs $T_branch_idx"); }}
    onreply_route[S] {{
        L("reply $rs");
        if ($rs == "183" || $rs == "200" || $rs == "486") {{
            append_hf("X-First: 1\\r\\n");
            $var(r) = t_suspend(); L("suspend $var(r)"); {_KEEP}
        }}
    }}
    failure_route[F] {{ L("failure $T_reply_code $T_branch_idx"); }}
    """,
)


def _sync(net: Network, name: str) -> None:
    """Wait until all that was sent before has been dealt with."""
    net.carol.request("OPTIONS", "sip:sync@127.0.0.1", call=f"{name}-sync")
    net.carol.wait("200")


def _wait(name: str, resume: str, *statuses: str, method: str = "INVITE") -> Flow:
    def play(net: Network) -> None:
        net.alice.request(method, "sip:wait@127.0.0.1")
        if method == "INVITE":
            net.alice.wait("100", seconds=0.3)
        else:
            _sync(net, name)
        net.dave.request("OPTIONS", f"sip:{resume}@127.0.0.1", call=f"{name}-dave")
        net.dave.wait("200")
        if resume in ("resume", "twice"):
            one = net.bob.wait(method)
            net.bob.answer(one, 486 if name == "fails" else 200, "Answer")
        net.alice.wait(*statuses)

    return Flow(name, f"a {method} that waits, then {resume}", play)


def _timeout(net: Network) -> None:
    net.alice.request("INVITE", "sip:wait@127.0.0.1")
    net.alice.wait("408", "500")


def _cancelled(net: Network) -> None:
    net.alice.request("INVITE", "sip:wait@127.0.0.1")
    net.alice.wait("100", seconds=0.3)
    net.alice.request("CANCEL", "sip:wait@127.0.0.1")
    net.alice.wait("487", "408")


def _reply(name: str, code: int, resume: str = "resume") -> Flow:
    def play(net: Network) -> None:
        net.alice.request("INVITE", "sip:waitreply@127.0.0.1")
        one = net.bob.wait("INVITE")
        net.bob.answer(one, code, "First")
        _sync(net, name)
        net.dave.request("OPTIONS", f"sip:{resume}@127.0.0.1", call=f"{name}-dave")
        net.dave.wait("200")
        net.alice.wait(str(code), "408", "500")

    return Flow(name, f"a reply {code} that waits", play)


FLOWS = [
    _wait("goes-on", "resume", "200"),
    _wait("message", "resume", "200", method="MESSAGE"),
    _wait("fails", "resume", "486"),
    _wait("twice", "twice", "200"),
    _wait("answered", "answer", "480"),
    _wait("nothing", "nothing", "500", "408"),
    _wait("nowhere", "nowhere", "500", "408"),
    Flow("timeout", "nobody goes on with it", _timeout),
    Flow("cancelled", "a CANCEL for one that waits", _cancelled),
    _reply("reply-183", 183),
    _reply("reply-200", 200),
    _reply("reply-486", 486),
    _reply("reply-486-nothing", 486, "nothing"),
]
