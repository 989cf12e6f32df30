"""The forms of t_relay(): to a host, over a protocol, with flags; t_replicate()."""

from __future__ import annotations

from tests.compat.flow import Flow, Network
from tests.compat.flow_script import BOB, script

_CALLS = {
    "host": 't_relay("127.0.0.1", "{bob}")',
    "udp": 't_relay_to_udp("127.0.0.1", "{bob}")',
    "udpuri": "t_relay_to_udp()",
    "tcp": 't_relay_to_tcp("127.0.0.1", "{bob}")',
    "to": 't_relay_to("udp:127.0.0.1:{bob}")',
    "toshort": 't_relay_to("127.0.0.1:{bob}")',
    "toflags": 't_relay_to("0x01")',
    "toboth": 't_relay_to("udp:127.0.0.1:{bob}", "1")',
    "plain": "t_relay_to()",
    "nonack": 't_forward_nonack("127.0.0.1", "{bob}")',
    "nonackudp": 't_forward_nonack_udp("127.0.0.1", "{bob}")',
    "nonackuri": "t_forward_nonack_uri()",
    "madenonack": 't_newtran(); $var(r) = t_forward_nonack("127.0.0.1", "{bob}")',
    "madeuri": "t_newtran(); $var(r) = t_forward_nonack_uri()",
}
_URI = ("udpuri", "toflags", "plain", "nonackuri", "madeuri")

SCRIPT = script(
    {
        **{
            name: f"""
            t_on_reply("R"); t_on_failure("F"); append_hf("X-Form: {name}\\r\\n");
            $ru = "{BOB if name in _URI else "sip:bob@callee.example"}";
            {call if call.startswith("t_newtran") else f"$var(r) = {call}"}; L("$var(r)");
            """
            for name, call in _CALLS.items()
        },
        "replicate": """
            t_on_reply("R");
            $var(r) = t_replicate("sip:127.0.0.1:{carol}"); L("$var(r)");
            sl_send_reply("200", "Here");
            """,
        "replicatehost": """
            t_on_reply("R");
            $var(r) = t_replicate("127.0.0.1", "{carol}"); L("$var(r)");
            send_reply("200", "Here");
            """,
        "replicateto": """
            $var(r) = t_replicate_to("udp", "127.0.0.1:{carol}"); L("$var(r)");
            t_reply("200", "Here");
            """,
        "failed": f'$ru = "{BOB}"; t_on_failure("TO"); t_relay();',
        "newtran": f'$ru = "{BOB}"; t_newtran(); append_hf("X-After: 1\\r\\n"); t_relay();',
        "noauto": f'$ru = "{BOB}"; t_set_auto_inv_100("0"); t_relay();',
        "lumps": f"""
            $ru = "{BOB}"; t_newtran(); append_hf("X-One: 1\\r\\n");
            $var(r) = t_save_lumps(); L("$var(r)");
            append_hf("X-Two: 1\\r\\n"); t_on_failure("LUMPS"); t_relay();
            append_hf("X-Three: 1\\r\\n");
            """,
        "handlers": f"""
            $ru = "{BOB}"; t_newtran(); t_on_reply("R"); t_on_failure("F"); t_relay();
            """,
    },
    parameters='modparam("tm", "fr_timer", 400)',
    more="""
    onreply_route[R] { L("reply $rs"); }
    failure_route[F] { L("failure $T_reply_code"); }
    failure_route[TO] {
        $var(r) = t_relay_to_udp("127.0.0.1", "{carol}"); L("$var(r)");
        append_branch(); $var(r) = t_relay_to_udp("127.0.0.1", "{carol}"); L("$var(r)");
    }
    failure_route[LUMPS] {
        append_hf("X-Four: 1\\r\\n"); append_branch("sip:carol@127.0.0.1:{carol}");
        t_relay();
    }
    """,
)


def _form(name: str, method: str = "INVITE") -> Flow:
    def play(net: Network) -> None:
        net.alice.request(method, f"sip:{name}@127.0.0.1")
        net.bob.answer(net.bob.wait(method, seconds=0.4), 486, "Busy")
        net.alice.wait("486")

    return Flow(f"{name}-{method.lower()}", f"relayed: {name}", play)


def _replica(name: str, answer: int) -> Flow:
    def play(net: Network) -> None:
        net.alice.request("MESSAGE", f"sip:{name}@127.0.0.1")
        net.carol.answer(net.carol.wait("MESSAGE", seconds=0.4), answer, "Mine")
        net.alice.wait("200", seconds=0.4)

    return Flow(f"{name}-{answer}", f"replicated: {name}", play)


def _failed(net: Network) -> None:
    net.alice.request("MESSAGE", "sip:failed@127.0.0.1")
    net.bob.answer(net.bob.wait("MESSAGE"), 486, "Busy")
    net.carol.answer(net.carol.wait("MESSAGE", seconds=0.4), 200, "OK")
    net.alice.wait("200")


def _lumps(net: Network) -> None:
    net.alice.request("MESSAGE", "sip:lumps@127.0.0.1")
    net.bob.answer(net.bob.wait("MESSAGE"), 486, "Busy")
    net.carol.answer(net.carol.wait("MESSAGE", seconds=0.4), 200, "OK")
    net.alice.wait("200")


FLOWS = [
    *(_form(name) for name in _CALLS if name != "tcp"),
    _form("udp", "MESSAGE"),
    _form("newtran"),
    _form("noauto"),
    _form("handlers"),
    *(_replica(name, 200) for name in ("replicate", "replicatehost", "replicateto")),
    _replica("replicate", 404),
    Flow("failed", "to a host in failure_route", _failed),
    Flow("lumps", "t_save_lumps()", _lumps),
]
