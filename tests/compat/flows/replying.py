"""Answers of the script's own with a transaction: header lines, Contacts, send_reply()."""

from __future__ import annotations

from tests.compat.flow import Flow, Network
from tests.compat.flow_script import BOB, CAROL, script

SCRIPT = script(
    {
        "lines": 't_newtran(); append_to_reply("X-One: 1\\r\\n"); t_reply("480", "Gone");',
        "sendstateless": '$var(r) = send_reply("480", "Gone"); L("$var(r)");',
        "sendstateful": 't_newtran(); $var(r) = send_reply("480", "Gone"); L("$var(r)");'
        ' $var(r) = send_reply("481", "Again"); L("$var(r)");',
        "redirect": f't_newtran(); $ru = "{BOB}"; setbflag(2); append_branch("{CAROL}", "0.7");'
        ' t_reply("302", "Moved");',
        "redirectsl": f'$ru = "{BOB}"; setbflag(2); append_branch("{CAROL}", "0.7");'
        ' sl_send_reply("302", "Moved");',
        "variables": '$var(c) = 486; t_newtran(); t_reply("$var(c)", "Busy with $rm");',
        "badcode": '$var(c) = "x"; t_newtran(); $var(r) = t_reply("$var(c)", "Busy");'
        ' L("$var(r)"); t_reply("480", "Then");',
        "success": 't_newtran(); t_reply("200", "OK");',
        "body": 't_newtran(); set_reply_body("hello", "text/plain"); t_reply("200", "OK");',
        "inreply": f't_on_reply("R"); $ru = "{BOB}"; t_relay();',
        "insend": f't_on_reply("S"); $ru = "{BOB}"; t_relay();',
        "infailure": f't_on_failure("F"); $ru = "{BOB}"; t_relay();',
        "infailuredrop": f't_on_failure("D"); $ru = "{BOB}"; t_relay();',
        "errordefault": "t_newtran(); sl_reply_error();",
        "released": 't_newtran(); t_release(); $var(r) = t_reply("480", "x"); L("$var(r)");',
        "retransmitted": 't_newtran(); t_reply("480", "x"); t_retransmit_reply();',
        "dropped": f't_on_reply("DROP"); $ru = "{BOB}"; t_relay();',
        "droproute": f't_on_reply("DR"); $ru = "{BOB}"; t_relay();',
    },
    parameters='modparam("tm", "rich_redirect", 3)\nmodparam("sl", "rich_redirect", 1)\n'
    'modparam("tm", "fr_timer", 500)',
    more="""
    onreply_route[R] {
        L("reply $rs");
        if ($rs == 183) { $var(r) = t_reply("486", "Mine"); L("$var(r)"); }
    }
    onreply_route[S] {
        L("reply $rs");
        if ($rs == 183) { $var(r) = send_reply("486", "Mine"); L("$var(r)"); }
    }
    onreply_route[DROP] { L("reply $rs"); if ($rs < 200) drop; }
    onreply_route[DR] { L("reply $rs"); if ($rs == 486) { t_drop(); } }
    failure_route[F] {
        L("failure $T_reply_code");
        append_to_reply("X-Failure: 1\\r\\n");
        $var(r) = t_reply("481", "Instead"); L("$var(r)");
        $var(r) = t_reply("482", "Once more"); L("$var(r)");
    }
    failure_route[D] { L("failure $T_reply_code"); t_drop("503"); L("not reached"); }
    """,
)


def _plain(name: str, method: str = "MESSAGE", *, ack: bool = False) -> Flow:
    def play(net: Network) -> None:
        net.alice.request(method, f"sip:{name}@127.0.0.1")
        net.alice.wait("200", "302", "480", "481", "486", "500", seconds=0.6)
        if ack:
            net.alice.request("ACK", f"sip:{name}@127.0.0.1")

    return Flow(f"{name}-{method.lower()}", f"answered: {name}", play)


def _in_reply(name: str) -> Flow:
    def play(net: Network) -> None:
        net.alice.request("INVITE", f"sip:{name}@127.0.0.1")
        one = net.bob.wait("INVITE")
        net.bob.answer(one, 183, "Progress")
        net.alice.wait("486")
        net.bob.answer(net.bob.wait("CANCEL"), 200, "OK")
        net.bob.answer(one, 487, "Terminated")
        net.bob.wait("ACK")

    return Flow(name, f"answered while a reply is dealt with: {name}", play)


def _in_failure(name: str, *statuses: str) -> Flow:
    def play(net: Network) -> None:
        net.alice.request("INVITE", f"sip:{name}@127.0.0.1")
        net.bob.answer(net.bob.wait("INVITE"), 486, "Busy")
        net.bob.wait("ACK")
        net.alice.wait(*statuses, seconds=0.5)

    return Flow(name, f"answered in failure_route: {name}", play)


def _dropped(net: Network) -> None:
    net.alice.request("INVITE", "sip:dropped@127.0.0.1")
    one = net.bob.wait("INVITE")
    net.bob.answer(one, 180, "Ringing")
    net.bob.answer(one, 200, "OK")
    net.alice.wait("200")


FLOWS = [
    *(
        _plain(name)
        for name in (
            "lines", "sendstateless", "sendstateful", "redirect", "redirectsl", "variables",
            "badcode", "success", "body", "errordefault", "released", "retransmitted",
        )
    ),
    _plain("lines", "INVITE", ack=True),
    _plain("sendstateful", "INVITE", ack=True),
    _in_reply("inreply"),
    _in_reply("insend"),
    _in_failure("infailure", "481"),
    _in_failure("infailuredrop", "503", "486"),
    _in_failure("droproute", "503", "486"),
    Flow("dropped", "drop in onreply_route", _dropped),
]  # fmt: skip
