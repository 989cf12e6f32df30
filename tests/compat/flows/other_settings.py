"""Parameters of tm with other values than the default ones."""

from __future__ import annotations

from tests.compat.flow import Flow, Missing, Network
from tests.compat.flow_script import BOB, CAROL, script

SCRIPT = script(
    {
        "one": f't_on_failure("F"); $ru = "{BOB}"; t_relay();',
        "plain": f'$ru = "{BOB}"; t_relay();',
        "fork": f't_on_failure("F"); $ru = "{BOB}"; append_branch("{CAROL}"); t_relay();',
        "failing": 't_on_failure("F"); $ru = "sip:bob@127.0.0.1:9;transport=tcp";'
        ' $var(r) = t_relay(); L("$var(r)");',
        "partly": f't_on_failure("F"); $ru = "sip:bob@127.0.0.1:9;transport=tcp";'
        f' append_branch("{CAROL}"); $var(r) = t_relay(); L("$var(r)");',
    },
    parameters="\n".join(
        f'modparam("tm", "{name}", {value})'
        for name, value in {
            "cancel_b_method": 0,
            "e2e_cancel_reason": 0,
            "local_cancel_reason": 0,
            "aggregate_challenges": 0,
            "disable_6xx_block": 1,
            "faked_reply_prio": 2000,
            "remap_503_500": 0,
            "relay_100": 1,
            "noisy_ctimer": 0,
            "failure_exec_mode": 1,
            "auto_inv_100": 0,
            "unmatched_cancel": 1,
            "on_sl_reply": '"STRAY"',
            "ac_extra_hdrs": '"X-Keep"',
            "callid_matching": 1,
            "fr_timer": 500,
            "fr_inv_timer": 900,
        }.items()
    ),
    cancel=f'$ru = "{BOB}"; $var(r) = t_relay(); L("cancel $var(r)"); exit;',
    more="""
    failure_route[F] { L("failure $T_reply_code $T_reply_reason"); }
    onreply_route[STRAY] {
        L("stray $rs"); append_hf("X-Stray: 1\\r\\n");
        if ($rs == 404) drop;
        if ($rs == 405) return 0;
    }
    """,
)


def _start(net: Network, user: str) -> None:
    net.alice.request("INVITE", f"sip:{user}@127.0.0.1", extra="X-Keep-It: 1\r\nX-Other: 1\r\n")


def _cancel_silent(net: Network) -> None:
    _start(net, "one")
    net.bob.wait("INVITE")
    net.alice.request("CANCEL", "sip:one@127.0.0.1", extra="Reason: SIP;cause=200\r\n")
    net.alice.wait("487")


def _cancel_ringing(net: Network) -> None:
    _start(net, "one")
    one = net.bob.wait("INVITE")
    net.bob.answer(one, 180, "Ringing")
    net.alice.wait("180")
    net.alice.request("CANCEL", "sip:one@127.0.0.1", extra="Reason: SIP;cause=200\r\n")
    net.bob.answer(net.bob.wait("CANCEL"), 200, "OK")
    net.bob.answer(one, 487, "Terminated")
    net.bob.wait("ACK")
    net.alice.wait("487")


def _stray_cancel(net: Network) -> None:
    net.alice.request("CANCEL", "sip:nobody@127.0.0.1")
    net.bob.answer(net.bob.wait("CANCEL", seconds=0.5), 481, "Nothing")
    net.alice.wait("481", seconds=0.5)


def _fork(first: int, second: int, extra: str = "") -> Flow:
    def play(net: Network) -> None:
        _start(net, "fork")
        one, two = net.bob.wait("INVITE"), net.carol.wait("INVITE")
        net.bob.answer(one, first, "First", extra=extra)
        net.bob.wait("ACK")
        net.carol.answer(two, second, "Second", extra=extra)
        net.carol.wait("ACK", seconds=0.4)
        net.alice.wait(str(first), str(second))

    return Flow(f"fork-{first}-{second}", f"{first} and {second}", play)


def _half_silent(code: int) -> Flow:
    def play(net: Network) -> None:
        _start(net, "fork")
        one = net.bob.wait("INVITE")
        net.carol.wait("INVITE")
        net.bob.answer(one, code, "Of Bob")
        net.bob.wait("ACK")
        net.alice.wait(str(code), "408")

    return Flow(f"half-silent-{code}", f"a timeout beside {code}", play)


def _after_timeout(code: int) -> Flow:
    def play(net: Network) -> None:
        _start(net, "fork")
        one = net.bob.wait("INVITE")
        net.carol.wait("INVITE")
        net.bob.answer(one, 180, "Ringing")
        try:
            net.dave.wait("nothing", seconds=0.7)  # carol's branch runs out of time
        except Missing:
            net.bob.answer(one, code, "Of Bob")
        net.bob.wait("ACK")
        net.alice.wait(str(code), "408")

    return Flow(f"after-timeout-{code}", f"{code} after a timeout of another branch", play)


def _answered(code: int) -> Flow:
    def play(net: Network) -> None:
        _start(net, "one")
        net.bob.answer(net.bob.wait("INVITE"), code, "Answer")
        if code >= 300:
            net.bob.wait("ACK")
        net.alice.wait(str(code))

    return Flow(f"answered-{code}", f"answered with {code}", play)


def _success_after_6xx(net: Network) -> None:
    _start(net, "fork")
    one, two = net.bob.wait("INVITE"), net.carol.wait("INVITE")
    net.carol.answer(two, 180, "Ringing")
    net.alice.wait("180")
    net.bob.answer(one, 603, "Decline")
    net.bob.wait("ACK")
    net.carol.answer(two, 200, "OK")
    net.alice.wait("200")


def _silent(net: Network) -> None:
    _start(net, "plain")
    net.bob.wait("INVITE")
    try:
        net.alice.wait("408", seconds=1.2)
    finally:
        net.alice.request("OPTIONS", "sip:compat-none@127.0.0.1")


def _failing(user: str) -> Flow:
    def play(net: Network) -> None:
        _start(net, user)
        if user == "partly":
            net.carol.answer(net.carol.wait("INVITE"), 486, "Busy")
        net.alice.wait("500", "477", "478", "486", seconds=1)

    return Flow(user, f"cannot be sent: {user}", play)


def _stray(code: int) -> Flow:
    def play(net: Network) -> None:
        net.bob.send(
            f"SIP/2.0 {code} Stray\r\nVia: SIP/2.0/UDP 127.0.0.1:{{server}};branch=z9hG4bKstray\r\n"
            "Via: SIP/2.0/UDP 127.0.0.1:{alice};branch=z9hG4bKalice\r\n"
            "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\n"
            f"Call-ID: stray-{code}\r\nCSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n"
        )
        net.alice.wait(str(code), seconds=0.3)

    return Flow(f"stray-{code}", f"a stray {code}", play)


FLOWS = [
    Flow("cancel-silent", "a CANCEL for a branch that says nothing", _cancel_silent),
    Flow("cancel-ringing", "a CANCEL without a Reason", _cancel_ringing),
    Flow("stray-cancel", "a CANCEL for nothing", _stray_cancel),
    _fork(401, 407, 'WWW-Authenticate: Digest realm="x"\r\n'),
    _fork(603, 486),
    _fork(486, 603),
    _fork(503, 504),
    _half_silent(486),
    _half_silent(500),
    _after_timeout(404),
    _after_timeout(486),
    _after_timeout(500),
    _answered(100),
    _answered(503),
    _answered(603),
    Flow("success-after-6xx", "a 6xx cancels nothing", _success_after_6xx),
    Flow("silent", "nobody answers at all", _silent),
    _failing("failing"),
    _failing("partly"),
    *(_stray(code) for code in (200, 404, 405)),
]
