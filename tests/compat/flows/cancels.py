"""CANCELs: for what they may be, what is sent for them, and what the script sees."""

from __future__ import annotations

from tests.compat.flow import Flow, Network
from tests.compat.flow_script import BOB, CAROL, script

_ON = 't_on_failure("F"); t_on_reply("R");'

SCRIPT = script(
    {
        "one": f'{_ON} $ru = "{BOB}"; t_relay();',
        "fork": f'{_ON} $ru = "{BOB}"; append_branch("{CAROL}"); t_relay();',
        "plain": f'$ru = "{BOB}"; t_relay();',
        "ringing": 't_newtran(); t_reply("180", "Ringing");',
        "answered": 't_newtran(); t_reply("200", "OK");',
        "noreason": f't_set_no_e2e_cancel_reason("1"); $ru = "{BOB}"; t_relay();',
        "others": f't_on_reply("OTHERS"); $ru = "{BOB}"; append_branch("{CAROL}"); t_relay();',
        "this": f't_on_reply("THIS"); $ru = "{BOB}"; append_branch("{CAROL}"); t_relay();',
        "all": f't_on_reply("ALL"); t_on_failure("F"); $ru = "{BOB}"; '
        f'append_branch("{CAROL}"); t_relay();',
        "hand": """
            $var(r) = t_cancel_callid("$hdr(X-Call)", "1", "21"); L("$var(r)");
            t_send_reply("200", "OK");
            """,
        "handreason": """
            $var(r) = t_cancel_callid("$hdr(X-Call)", "1", "21", "603"); L("$var(r)");
            t_send_reply("200", "OK");
            """,
        "handreply": """
            $var(r) = t_reply_callid("$hdr(X-Call)", "1", "458", "By hand"); L("$var(r)");
            sl_send_reply("200", "OK");
            """,
        "replies": f"""
            {_ON} $ru = "{BOB}"; t_relay();
            $var(r) = t_reply("480", "Away"); L("$var(r)");
            """,
    },
    cancel="""
        $var(r) = t_lookup_cancel(); L("cancel $mf $var(r)");
        $var(r) = t_lookup_cancel("1"); L("cancel $mf $var(r)");
        if ($rU == "cancelrelay") { $var(r) = t_relay_cancel(); L("not reached $var(r)"); }
        if ($hdr(X-How) == "cancel") { $var(r) = t_relay_cancel(); L("relay_cancel $var(r)"); }
        $var(r) = t_relay(); L("relay $var(r)");
        exit;
        """,
    before="setflag(5);",
    parameters='modparam("tm", "fr_timer", 800)\nmodparam("tm", "fr_inv_timer", 1500)',
    more="".join(
        f"""
    onreply_route[{which.upper()}] {{
        L("reply $rs");
        if ($rs == 183) {{ $var(r) = t_cancel_branches("{which}"); L("$var(r)"); }}
    }}
    """
        for which in ("others", "this", "all")
    )
    + """
    onreply_route[R] { $var(r) = t_is_canceled(); L("reply $rs canceled $var(r)"); }
    failure_route[F] {
        $var(r) = t_is_canceled(); L("failure $T_reply_code canceled $var(r) $mf");
        if (t_is_canceled()) { exit; }
    }
    """,
)


def _ends(net: Network, phone: str, invite: object) -> None:
    it = net.phones[phone]
    it.answer(it.wait("CANCEL"), 200, "OK")
    it.answer(invite, 487, "Terminated")  # type: ignore[arg-type]
    it.wait("ACK")


def _one(net: Network, user: str = "one", extra: str = "") -> None:
    net.alice.request("INVITE", f"sip:{user}@127.0.0.1")
    one = net.bob.wait("INVITE")
    net.bob.answer(one, 180, "Ringing")
    net.alice.wait("180")
    net.alice.request("CANCEL", f"sip:{user}@127.0.0.1", extra=extra)
    net.alice.wait("200")
    _ends(net, "bob", one)
    net.alice.wait("487")


def _fork(net: Network) -> None:
    net.alice.request("INVITE", "sip:fork@127.0.0.1")
    one, two = net.bob.wait("INVITE"), net.carol.wait("INVITE")
    net.bob.answer(one, 180, "Ringing")
    net.alice.wait("180")
    net.carol.answer(two, 486, "Busy")
    net.carol.wait("ACK")
    net.alice.request("CANCEL", "sip:fork@127.0.0.1")
    net.alice.wait("200")
    _ends(net, "bob", one)
    net.alice.wait("487", "486")


def _fork_silent(net: Network) -> None:
    net.alice.request("INVITE", "sip:fork@127.0.0.1")
    one, two = net.bob.wait("INVITE"), net.carol.wait("INVITE")
    del two
    net.bob.answer(one, 180, "Ringing")
    net.alice.wait("180")
    net.alice.request("CANCEL", "sip:fork@127.0.0.1")
    net.alice.wait("200")
    _ends(net, "bob", one)
    net.alice.wait("487", "408")


def _twice(net: Network) -> None:
    net.alice.request("INVITE", "sip:one@127.0.0.1")
    one = net.bob.wait("INVITE")
    net.bob.answer(one, 180, "Ringing")
    net.alice.wait("180")
    net.alice.request("CANCEL", "sip:one@127.0.0.1")
    net.alice.wait("200")
    _ends(net, "bob", one)
    net.alice.wait("487")
    net.alice.request("CANCEL", "sip:one@127.0.0.1", extra="X-Late: 1\r\n")


def _late_success(net: Network) -> None:
    net.alice.request("INVITE", "sip:one@127.0.0.1")
    one = net.bob.wait("INVITE")
    net.bob.answer(one, 180, "Ringing")
    net.alice.wait("180")
    net.alice.request("CANCEL", "sip:one@127.0.0.1")
    net.alice.wait("200")
    net.bob.answer(net.bob.wait("CANCEL"), 200, "OK")
    net.bob.answer(one, 200, "Too late")
    while net.alice.wait("200").headers("CSeq") != ["CSeq: 1 INVITE"]:
        pass


def _rings_on(net: Network) -> None:
    net.alice.request("INVITE", "sip:one@127.0.0.1")
    one = net.bob.wait("INVITE")
    net.bob.answer(one, 180, "Ringing")
    net.alice.wait("180")
    net.alice.request("CANCEL", "sip:one@127.0.0.1")
    net.alice.wait("200")
    cancel = net.bob.wait("CANCEL")
    net.bob.answer(one, 183, "Still")
    net.bob.answer(cancel, 200, "OK")
    net.bob.answer(one, 487, "Terminated")
    net.bob.wait("ACK")
    net.alice.wait("487")


def _local(name: str, *statuses: str) -> Flow:
    def play(net: Network) -> None:
        net.alice.request("INVITE", f"sip:{name}@127.0.0.1")
        net.alice.wait("180", "200")
        net.alice.request("CANCEL", f"sip:{name}@127.0.0.1")
        for status in statuses:
            net.alice.wait(status)

    return Flow(
        f"local-{name}", f"a CANCEL for an INVITE that was only answered here: {name}", play
    )


def _branches(user: str, bob_is: str, carol_is: str) -> Flow:
    def play(net: Network) -> None:
        net.alice.request("INVITE", f"sip:{user}@127.0.0.1")
        one, two = net.bob.wait("INVITE"), net.carol.wait("INVITE")
        net.bob.answer(one, 180, "Ringing")
        net.alice.wait("180")
        net.carol.answer(two, 183, "Progress")
        net.alice.wait("183", seconds=0.3)
        for phone, invite, what in (("bob", one, bob_is), ("carol", two, carol_is)):
            if what == "cancelled":
                _ends(net, phone, invite)
        for phone, invite, what in (("bob", one, bob_is), ("carol", two, carol_is)):
            if what == "answers":
                net.phones[phone].answer(invite, 200, "OK")
        net.alice.wait("200", "487")

    return Flow(f"branches-{user}", f"t_cancel_branches({user})", play)


def _hand(user: str, status: str) -> Flow:
    def play(net: Network) -> None:
        net.alice.request("INVITE", "sip:one@127.0.0.1")
        one = net.bob.wait("INVITE")
        net.bob.answer(one, 180, "Ringing")
        net.alice.wait("180")
        net.dave.request(
            "OPTIONS", f"sip:{user}@127.0.0.1", call=f"dave-{user}", extra=f"X-Call: {user}\r\n"
        )
        net.dave.wait("200")
        _ends(net, "bob", one)
        net.alice.wait(status)

    return Flow(user, f"done by hand: {user}", play)


def _replies(net: Network) -> None:
    net.alice.request("INVITE", "sip:replies@127.0.0.1")
    one = net.bob.wait("INVITE")
    net.alice.wait("480")
    net.bob.answer(one, 180, "Ringing")
    _ends(net, "bob", one)


FLOWS = [
    Flow("one", "to a phone that rings", _one),
    Flow("plain", "without blocks", lambda net: _one(net, "plain")),
    Flow(
        "reason",
        "a Reason goes on",
        lambda net: _one(net, "one", "Reason: SIP;cause=200\r\nReason: Q.850;cause=16\r\n"),
    ),
    Flow(
        "no-reason",
        "t_set_no_e2e_cancel_reason()",
        lambda net: _one(net, "noreason", "Reason: SIP;cause=200\r\n"),
    ),
    Flow("relay-cancel", "t_relay_cancel()", lambda net: _one(net, "one", "X-How: cancel\r\n")),
    Flow("fork", "one of two branches has ended", _fork),
    Flow("fork-silent", "one of two branches never answers", _fork_silent),
    Flow("twice", "again after the end", _twice),
    Flow("late-success", "a phone answers all the same", _late_success),
    Flow("rings-on", "a provisional response after the CANCEL goes nowhere", _rings_on),
    _local("ringing", "487", "200"),
    _local("answered", "200"),
    _branches("others", "cancelled", "answers"),
    _branches("this", "answers", "cancelled"),
    _branches("all", "cancelled", "cancelled"),
    _hand("hand", "487"),
    _hand("handreason", "487"),
    _hand("handreply", "458"),
    Flow("replies", "t_reply() ends the branches", _replies),
]
