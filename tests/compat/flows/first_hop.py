"""is_first_hop() for replies from a phone, and for those that come round from ourselves."""

from __future__ import annotations

from tests.compat.flow import Flow, Network
from tests.compat.flow_script import script

SCRIPT = script(
    {
        "direct": 'record_route(); t_on_reply("SEEN"); t_relay();',
        "named": 'record_route_preset("a.example:{server}"); t_on_reply("SEEN"); t_relay();',
        "none": 't_on_reply("SEEN"); t_relay();',
        "round": 'if ($hdr(X-Round) != $null) { t_on_reply("INNER"); t_relay(); exit; }'
        ' append_hf("X-Round: 1\\r\\n"); $du = "sip:127.0.0.1:{server}"; record_route();'
        ' t_on_reply("OUTER"); t_relay();',
    },
    parameters='loadmodule "rr.so"\nalias="a.example"\n',
    more="".join(
        f'onreply_route[{each}] {{ L("{each}"); is_first_hop(); L("$rc"); }}\n'
        for each in ("SEEN", "INNER", "OUTER")
    ),
)


def _sent(user: str) -> Flow:
    def play(net: Network) -> None:
        net.alice.request("MESSAGE", f"sip:{user}@127.0.0.1:{{bob}}")
        net.bob.answer(net.bob.wait("MESSAGE"), 200, "OK")
        net.alice.wait("200")

    return Flow(user, "What is_first_hop() says of a reply.", play)


FLOWS = [_sent(user) for user in ("direct", "named", "none", "round")]
