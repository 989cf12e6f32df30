"""event_route[core:pre-routing]: what runs before the routes, and what it may do."""

from __future__ import annotations

from tests.compat.flow import Flow, Network
from tests.compat.flow_script import BOB, script

_USERS = ("plain", "exited", "none", "replied", "dropped", "relayed")

SCRIPT = script(
    {
        user: 'L("request $rU $avp(a) $mf $var(x)"); sl_send_reply("200", "OK");'
        for user in _USERS
        if user != "relayed"
    }
    | {"relayed": f'$ru = "{BOB}"; L("request"); t_relay();'},
    more="""
    event_route[core:pre-routing] {
        if ($rU == "compat-end" || $ci == "ready") return;
        L("pre $rm $rU $rs"); $avp(a) = "q"; setflag(3); $var(x) = 5;
        if ($rU == "exited") exit;
        if ($rU == "none") return 0;
        if ($rU == "replied") { sl_send_reply("480", "Before"); exit; }
        if ($rU == "dropped" || $rs == 404) drop;
    }
    reply_route { L("reply $rs $avp(a)"); }
    """,
)


def _flow(user: str) -> Flow:
    def play(net: Network) -> None:
        net.alice.request("MESSAGE", f"sip:{user}@127.0.0.1")
        if user == "relayed":
            net.bob.answer(net.bob.wait("MESSAGE"), 200, "Fine")
        if user != "dropped":
            net.alice.wait("200", "480")

    return Flow(user, f"before the routes: {user}", play)


FLOWS = [_flow(user) for user in _USERS]
