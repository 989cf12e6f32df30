"""`@tm...` in each kind of block: what a select of tm says of the transaction."""

from __future__ import annotations

from typing import Final

from tests.compat.calls import alone, call, cancelled
from tests.compat.flow import Flow, Network
from tests.compat.flow_script import BOB, CAROL, script

_PATHS: Final = (
    *("tm", "tm.method", "tm.uas.status", "tm.uas.request", "tm.uas.req"),
    *("tm.uas.response", "tm.uas.resp", "tm.uac.count", "tm.uac.last_status"),
)
_OF_BRANCH: Final = ("status", "uri", "request", "req", "response", "resp")
_TEXTS: Final = ("request", "response")


def _shown(path: str) -> str:
    """Of a message its first line, of one that was received the length too."""
    if path == "tm.uas.request":
        return f"{path} $(sel({path}){{line.at,0}}) $(sel({path}){{s.len}})"
    if path.endswith(_TEXTS):
        return f"{path} $(sel({path}){{line.at,0}})"
    return f"{path} $sel({path})"


def _asked(paths: tuple[str, ...]) -> str:
    return "".join(f'    L("{_shown(each)}");\n' for each in paths)


_ASK: Final = (
    f"route[ASK] {{\n{_asked(_PATHS)}"
    + "".join(_asked(tuple(f"tm.uac[{n}].{each}" for each in _OF_BRANCH)) for n in range(3))
    + "}\n"
)
_BLOCKS: Final = """
    reply_route { L("reply_route $rs"); route(ASK); }
    event_route[tm:branch-failure:BF] { L("branch failure"); route(ASK); }
    branch_route[B] { L("branch"); route(ASK); }
    onreply_route[R] { L("reply $rs"); route(ASK); }
    failure_route[F] { L("failure"); route(ASK);
        if ($rU == "again") { $ru = "sip:carol@127.0.0.1:{carol}"; t_relay(); route(ASK); } }
    failure_route[FS] { L("silent $sel(tm.uac[0].status) $sel(tm.uac.last_status)"); }
    failure_route[FR] { L("failure"); t_reply("480", "Own"); route(ASK); }
"""
_ON: Final = 't_on_branch("B"); t_on_reply("R"); t_on_failure("F");'

SCRIPT = script(
    {
        "none": 'route(ASK); sl_send_reply("480", "None");',
        "newtran": 't_newtran(); route(ASK); t_reply("486", "Busy Here"); route(ASK);',
        "provisional": 't_newtran(); t_reply("183", "Progress"); route(ASK); t_reply("200", "OK");'
        " route(ASK);",
        "one": f'{_ON} $ru = "{BOB}"; t_relay(); L("relayed"); route(ASK);',
        "both": f'{_ON} $ru = "{BOB}"; append_branch("{CAROL}"); t_relay(); route(ASK);',
        "again": f'{_ON} $ru = "sip:again@127.0.0.1:{{bob}}"; t_relay(); route(ASK);',
        "own": f't_on_failure("FR"); $ru = "{BOB}"; t_relay();',
        "branchfailure": f't_on_branch_failure("BF"); $ru = "{BOB}"; t_relay();',
        "silent": f't_on_failure("FS"); $ru = "{BOB}"; t_set_fr(0, 400); t_relay();',
    },
    more=_ASK + _BLOCKS,
    cancel='L("cancel"); if (t_lookup_cancel()) { route(ASK); t_relay(); route(ASK); exit; }',
)


def _ringing(net: Network) -> None:
    net.alice.request("INVITE", "sip:one@127.0.0.1")
    one = net.bob.wait("INVITE")
    net.bob.answer(one, 180, "Ringing")
    net.alice.wait("180")
    net.bob.answer(one, 183, "Progress")
    net.bob.answer(one, 200, "OK")
    net.alice.wait("200")


def _forked(net: Network) -> None:
    net.alice.request("INVITE", "sip:both@127.0.0.1")
    one, two = net.bob.wait("INVITE"), net.carol.wait("INVITE")
    net.bob.answer(one, 486, "Busy Here")
    net.bob.wait("ACK")
    net.carol.answer(two, 180, "Ringing")
    net.alice.wait("180")
    net.carol.answer(two, 603, "Decline")
    net.alice.wait("603", "486")


def _again(net: Network) -> None:
    net.alice.request("INVITE", "sip:again@127.0.0.1")
    net.bob.answer(net.bob.wait("INVITE"), 486, "Busy Here")
    net.bob.wait("ACK")
    net.carol.answer(net.carol.wait("INVITE"), 200, "OK")
    net.alice.wait("200")


FLOWS = [
    alone("none", "OPTIONS"),
    alone("none"),
    alone("newtran"),
    alone("newtran", "OPTIONS"),
    alone("provisional"),
    call("one", 404, method="OPTIONS"),
    call("one", 486),
    call("own", 486),
    call("branchfailure", 486),
    call("silent", 0, method="OPTIONS"),
    cancelled("one"),
    Flow("again", "Another branch after a failure.", _again),
    Flow("ringing", "Provisional replies.", _ringing),
    Flow("forked", "Two branches.", _forked),
]
