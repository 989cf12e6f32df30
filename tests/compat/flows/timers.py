"""How long a request waits: t_set_fr() and the parameters about it."""

from __future__ import annotations

from tests.compat.flow import Flow, Missing, Network
from tests.compat.flow_script import BOB, CAROL, script

SCRIPT = script(
    {
        "fr": f't_set_fr("0", "300"); t_on_failure("F"); $ru = "{BOB}"; t_relay();',
        "frafter": f't_on_failure("F"); $ru = "{BOB}"; t_relay(); t_set_fr("0", "300");',
        "frbranch": f't_on_branch("B"); t_on_failure("F"); $ru = "{BOB}"; t_relay();',
        "ringing": f't_set_fr("500"); t_on_failure("F"); $ru = "{BOB}"; t_relay();',
        "frreply": f't_on_reply("R"); t_on_failure("F"); $ru = "{BOB}"; t_relay();',
        "avp": f'$avp(fr) = 1; t_on_failure("F"); $ru = "{BOB}"; t_relay();',
        "avptext": f'$avp(inv) = "1"; t_on_failure("F"); $ru = "{BOB}"; t_relay();',
        "lifetime": f't_set_max_lifetime("700", "700"); t_on_failure("F"); $ru = "{BOB}";'
        " t_relay();",
        "restart": f't_set_fr("700"); t_on_failure("F"); $ru = "{BOB}"; t_relay();',
        "forked": f't_set_fr("600", "300"); t_on_failure("F"); $ru = "{BOB}";'
        f' append_branch("{CAROL}"); t_relay();',
    },
    parameters='modparam("tm", "fr_timer", 4000)\nmodparam("tm", "fr_inv_timer", 6000)\n'
    'modparam("tm", "fr_timer_avp", "$avp(fr)")\n'
    'modparam("tm", "fr_inv_timer_avp", "$avp(inv)")\n'
    'modparam("tm", "restart_fr_on_each_reply", 0)',
    more="""
    branch_route[B] { t_set_fr("0", "300"); }
    onreply_route[R] { if ($rs == 183) { t_set_fr("400"); } }
    failure_route[F] {
        $var(a) = t_branch_timeout(); $var(b) = t_branch_replied(); $var(c) = t_any_timeout();
        $var(d) = t_is_expired();
        L("failure $T_reply_code timeout $var(a) replied $var(b) any $var(c) expired $var(d)");
    }
    """,
)


def _silent(name: str, method: str = "INVITE") -> Flow:
    def play(net: Network) -> None:
        net.alice.request(method, f"sip:{name}@127.0.0.1")
        net.bob.wait(method)
        net.alice.wait("408", seconds=2.5)

    return Flow(f"{name}-{method.lower()}", f"nobody answers: {name}", play)


def _rings(name: str, *codes: int, code: int = 180) -> Flow:
    def play(net: Network) -> None:
        net.alice.request("INVITE", f"sip:{name}@127.0.0.1")
        one = net.bob.wait("INVITE")
        for each in codes or (code,):
            net.bob.answer(one, each, "Ringing")
            net.alice.wait(str(each))
        cancel = net.bob.wait("CANCEL", seconds=2.5)
        net.bob.answer(cancel, 200, "OK")
        net.bob.answer(one, 487, "Terminated")
        net.bob.wait("ACK")
        net.alice.wait("408", "487")

    return Flow(f"{name}-rings", f"it rings for too long: {name}", play)


def _restart(net: Network) -> None:
    """A phone that goes on telling that it rings: the timer is not started anew."""
    net.alice.request("INVITE", "sip:restart@127.0.0.1")
    one = net.bob.wait("INVITE")
    for number in range(6):
        net.bob.answer(one, 180, "Ringing", extra=f"X-Number: {number}\r\n")
        try:
            cancel = net.bob.wait("CANCEL", seconds=0.2)
        except Missing:
            continue
        net.bob.answer(cancel, 200, "OK")
        net.bob.answer(one, 487, "Terminated")
        net.bob.wait("ACK")
        break
    net.alice.wait("408")
    net.alice.got[:] = [each for each in net.alice.got if "X-Number" not in each]


def _forked(net: Network) -> None:
    net.alice.request("INVITE", "sip:forked@127.0.0.1")
    one, two = net.bob.wait("INVITE"), net.carol.wait("INVITE")
    del one
    net.carol.answer(two, 486, "Busy")
    net.carol.wait("ACK")
    net.alice.wait("408", "486", seconds=2)


FLOWS = [
    _silent("fr"),
    _silent("fr", "MESSAGE"),
    _silent("frafter"),
    _silent("frbranch"),
    _silent("avp"),
    _silent("lifetime"),
    _silent("lifetime", "MESSAGE"),
    _rings("ringing"),
    _rings("frreply", code=183),
    _rings("avptext"),
    _rings("lifetime"),
    Flow("restart", "restart_fr_on_each_reply 0", _restart),
    Flow("forked", "one of two branches times out", _forked),
]
