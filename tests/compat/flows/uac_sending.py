"""t_uac_send(): what its fields, and event_route[tm:local-request], make of a request."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from tests.compat.flow import Flow, Missing, Network
from tests.compat.flow_script import BOB, CAROL, script

_ENDS: Final = "From: <sip:me@here.example>;tag=mine\\r\\nTo: <sip:you@there.example>\\r\\n"


def _send(
    method: str = "OPTIONS",
    uri: str = BOB,
    headers: str = _ENDS,
    *,
    hop: str = "",
    socket: str = "",
    body: str = "",
) -> str:
    return (
        f'$var(r) = t_uac_send("{method}", "{uri}", "{hop}", "{socket}", "{headers}", "{body}");'
        ' L("$var(r)"); sl_send_reply("200", "OK");'
    )


_FIELDS: Final = {
    "untagged": "From: <sip:me@here.example>\\r\\nTo: <sip:you@there.example>\\r\\n",
    "named": 'From: "Me" <sip:m@h>;x=y;tag=mine\\r\\nTo: You <sip:you@there.example>\\r\\n',
    "bare": "From: sip:me@here.example;tag=mine\\r\\nTo: sip:you@there.example\\r\\n",
    "compact": "f: <sip:m@h>;tag=mine\\r\\nt: <sip:you@there.example>\\r\\ni: my-id\\r\\n",
    "totag": "From: <sip:me@here.example>;tag=mine\\r\\nTo: <sip:you@there.example>;tag=t\\r\\n",
    "order": "X-A: 1\\r\\nTo: <sip:you@there.example>\\r\\nX-B: 2\\r\\nFrom: <sip:m@h>;tag=m\\r\\n",
    "unended": "From: <sip:me@here.example>;tag=mine\\r\\nTo: <sip:you@there.example>",
    "cseq": f"{_ENDS}CSeq: 5 OPTIONS\\r\\n",
    "agent": f"{_ENDS}User-Agent: mine\\r\\n",
    "route": f"{_ENDS}Route: <sip:127.0.0.1:{{carol}};lr>\\r\\n",
    "length": f"{_ENDS}Content-Length: 77\\r\\n",
    "contact": f"{_ENDS}Contact: <sip:me@127.0.0.1:{{server}}>\\r\\n",
}

# What event_route[tm:local-request] does to the requests of a block, told by their method.
_EVENTS: Final = {
    "ruri": ("INFO", f'$ru = "{CAROL}";'),
    "duri": ("PRACK", f'$du = "{CAROL}";'),
    "removed": ("PUBLISH", 'remove_hf("X-A"); append_hf("X-B: 2\\r\\n");'),
    "dropped": ("SUBSCRIBE", "drop;"),
    "ended": ("NOTIFY", 'append_hf("X-B: 2\\r\\n"); exit;'),
    "timed": ("UPDATE", "t_set_fr(300, 300);"),
    "avps": ("REFER", '$avp(x) = "y"; append_hf("X-C: $avp(x)\\r\\n");'),
}

BLOCKS: Final = {
    **{name: _send(headers=value.replace('"', '\\"')) for name, value in _FIELDS.items()},
    "acked": _send("INVITE"),
    "body": _send("MESSAGE", headers=f"{_ENDS}Content-Type: text/plain\\r\\n", body="hello"),
    "variables": """
        $var(m) = "INFO"; $var(u) = $rd; $var(n) = "";
        $var(f) = "From: <sip:" + $fU + "@x>;tag=mine";
        $var(r) = t_uac_send("$var(m)", "sip:bob@$var(u):{bob}", "", "$var(n)",
            "$var(f)\\r\\nTo: <$fu>\\r\\nX-Call: $ci\\r\\n", "");
        L("$var(r)"); sl_send_reply("200", "OK");
        """,
    "hop": _send(uri="sip:bob@there.example", hop="sip:127.0.0.1:{bob};transport=udp"),
    "nofrom": _send(headers="To: <sip:you@there.example>\\r\\n"),
    "noto": _send(headers="From: <sip:me@here.example>;tag=mine\\r\\n"),
    "nouri": _send(uri=""),
    "baduri": _send(uri="nothing"),
    **{
        name: _send(method, headers=f"{_ENDS}X-A: 1\\r\\n") for name, (method, _) in _EVENTS.items()
    },
}

_CHANGES: Final = "\n".join(
    f'if ($rm == "{method}") {{ {change} }}' for method, change in _EVENTS.values()
)

SCRIPT: Final = script(
    BLOCKS,
    parameters='modparam("tm", "fr_timer", 700)',
    more=f"""
    event_route[tm:local-request] {{
        L("local $rm $ru $du $fu $tu $cs $proto $rb");
        {_CHANGES}
    }}
    """,
)


def _sent(name: str, method: str = "OPTIONS", *, code: int = 200) -> Flow:
    def play(net: Network) -> None:
        net.alice.request("OPTIONS", f"sip:{name}@127.0.0.1")
        net.alice.wait("200")
        one = net.bob.wait(method, seconds=0.5)
        net.bob.answer(one, code, "Answer")
        if method == "INVITE":
            with suppress(Missing):
                net.bob.wait("ACK", seconds=0.3)

    return Flow(f"{name}-{code}", f"sent: {name}", play)


def _elsewhere(net: Network) -> None:
    """Whoever gets it answers, lest it comes again."""
    net.alice.request("OPTIONS", "sip:duri@127.0.0.1")
    net.alice.wait("200")
    for phone in (net.carol, net.bob):
        with suppress(Missing):
            phone.answer(phone.wait("PRACK", seconds=0.3), 200)
            return


def _refused(name: str) -> Flow:
    def play(net: Network) -> None:
        net.alice.request("OPTIONS", f"sip:{name}@127.0.0.1")
        net.alice.wait("200")
        with suppress(Missing):
            net.bob.wait("OPTIONS", seconds=0.2)

    return Flow(name, f"what becomes of: {name}", play)


FLOWS = [
    *(_sent(name) for name in _FIELDS),
    _sent("acked", "INVITE", code=486),
    _sent("body", "MESSAGE"),
    _sent("variables", "INFO"),
    _sent("hop"),
    *(_refused(name) for name in ("nofrom", "noto", "nouri", "baduri")),
    _sent("ruri", "INFO"),
    Flow("duri", "the next hop is changed", _elsewhere),
    _sent("removed", "PUBLISH"),
    _refused("dropped"),
    _sent("ended", "NOTIFY"),
    _sent("timed", "UPDATE"),
    _sent("avps", "REFER", code=404),
]
