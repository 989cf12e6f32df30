"""Parameters of tm with still other values."""

from __future__ import annotations

from tests.compat.flow import Flow, Network
from tests.compat.flow_script import BOB, CAROL, script

SCRIPT = script(
    {
        "one": f't_on_failure("F"); $ru = "{BOB}"; t_relay();',
        "path": f"""
            $ru = "{BOB}"; append_branch("{CAROL}");
            $(branch(path)[0]) = "<sip:proxy.example;lr>";
            t_relay();
            """,
        "six": f't_set_disable_6xx("1"); $ru = "{BOB}"; append_branch("{CAROL}"); t_relay();',
        "sixoff": f'$ru = "{BOB}"; append_branch("{CAROL}"); t_set_disable_6xx("1");'
        ' t_set_disable_6xx("0"); t_relay();',
    },
    parameters="\n".join(
        f'modparam("tm", "{name}", {value})'
        for name, value in {
            "cancel_b_method": 2,
            "unmatched_cancel": 2,
            "fr_timer": 600,
            "default_reason": '"Dunno"',
            "auto_inv_100_reason": '"Trying"',
        }.items()
    ),
    cancel=f'$ru = "{BOB}"; $var(r) = t_relay(); L("cancel $var(r)"); exit;',
    more='failure_route[F] { L("failure $T_reply_code $T_reply_reason"); }',
)


def _cancel_silent(net: Network) -> None:
    net.alice.request("INVITE", "sip:one@127.0.0.1")
    one = net.bob.wait("INVITE")
    net.alice.request("CANCEL", "sip:one@127.0.0.1")
    net.bob.answer(net.bob.wait("CANCEL"), 200, "OK")
    net.bob.answer(one, 487, "Terminated")
    net.bob.wait("ACK")
    net.alice.wait("487")


def _cancel_dead(net: Network) -> None:
    net.alice.request("INVITE", "sip:one@127.0.0.1")
    net.bob.wait("INVITE")
    net.alice.request("CANCEL", "sip:one@127.0.0.1")
    net.bob.wait("CANCEL")
    net.alice.wait("487", "408")


def _stray_cancel(net: Network) -> None:
    net.alice.request("CANCEL", "sip:nobody@127.0.0.1")


def _path(net: Network, extra: str = "") -> None:
    net.alice.request("MESSAGE", "sip:path@127.0.0.1", extra=extra)
    one, two = net.bob.wait("MESSAGE"), net.carol.wait("MESSAGE")
    net.bob.answer(one, 404, "No")
    net.carol.answer(two, 200, "OK")
    net.alice.wait("200")


def _six(name: str) -> Flow:
    def play(net: Network) -> None:
        net.alice.request("INVITE", f"sip:{name}@127.0.0.1")
        one, two = net.bob.wait("INVITE"), net.carol.wait("INVITE")
        net.carol.answer(two, 180, "Ringing")
        net.alice.wait("180")
        net.bob.answer(one, 603, "Decline")
        net.bob.wait("ACK")
        if name == "sixoff":
            net.carol.answer(net.carol.wait("CANCEL"), 200, "OK")
            net.carol.answer(two, 487, "Terminated")
            net.alice.wait("603")
        else:
            net.carol.answer(two, 200, "OK")
            net.alice.wait("200")

    return Flow(name, f"t_set_disable_6xx(): {name}", play)


FLOWS = [
    Flow("cancel-silent", "a CANCEL for a branch that says nothing", _cancel_silent),
    Flow("cancel-dead", "a CANCEL for a branch that never says anything", _cancel_dead),
    Flow("stray-cancel", "a CANCEL for nothing", _stray_cancel),
    Flow("path", "the path of a branch", _path),
    Flow(
        "path-and-route",
        "the path of a branch comes before the Route that there is",
        lambda net: _path(net, "Route: <sip:own.example;lr>\r\n"),
    ),
    _six("six"),
    _six("sixoff"),
]
