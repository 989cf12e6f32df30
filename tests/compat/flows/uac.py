"""t_uac_send(): requests of the server's own."""

from __future__ import annotations

from tests.compat.flow import Flow, Network
from tests.compat.flow_script import script

_FROM = "From: <sip:me@here.example>;tag=mine\\r\\nTo: <sip:you@there.example>\\r\\n"

SCRIPT = script(
    {
        "options": f"""
            $var(r) = t_uac_send("OPTIONS", "sip:bob@127.0.0.1:{{bob}}", "", "", "{_FROM}", "");
            L("$var(r)"); sl_send_reply("200", "OK");
            """,
        "nexthop": f"""
            $var(r) = t_uac_send("MESSAGE", "sip:bob@there.example", "sip:127.0.0.1:{{bob}}", "",
                "{_FROM}Content-Type: text/plain\\r\\nX-A: 1\\r\\n", "hello");
            L("$var(r)"); sl_send_reply("200", "OK");
            """,
        "ids": f"""
            $var(r) = t_uac_send("INFO", "sip:bob@127.0.0.1:{{bob}}", "",
                "udp:127.0.0.1:{{server}}",
                "{_FROM}Call-ID: ids-mine\\r\\nCSeq: 77 INFO\\r\\n", "");
            L("$var(r)"); sl_send_reply("200", "OK");
            """,
        "invite": f"""
            $var(r) = t_uac_send("INVITE", "sip:bob@127.0.0.1:{{bob}}", "", "",
                "{_FROM}Contact: <sip:me@127.0.0.1:{{server}}>\\r\\nCall-ID: invite-mine\\r\\n",
                "");
            L("$var(r)"); sl_send_reply("200", "OK");
            """,
        "bad": """
            $var(r) = t_uac_send("OPTIONS", "sip:bob@127.0.0.1:{bob}", "", "", "X: 1\\r\\n", "");
            L("$var(r)");
            $var(r) = t_uac_send("OPTIONS", "nothing", "", "", "From: <sip:a@b>;tag=1", "");
            L("$var(r)");
            sl_send_reply("200", "OK");
            """,
    },
    parameters='modparam("tm", "fr_timer", 600)',
    more="""
    event_route[tm:local-request] {
        L("local request $rm $ru $du"); append_hf("X-Local: 1\\r\\n");
    }
    """,
)


def _request(name: str, method: str, code: int) -> Flow:
    def play(net: Network) -> None:
        net.alice.request("OPTIONS", f"sip:{name}@127.0.0.1")
        net.alice.wait("200")
        one = net.bob.wait(method, seconds=0.5)
        net.bob.answer(one, code, "Answer")
        if method == "INVITE":
            net.bob.wait("ACK", seconds=0.5)

    return Flow(f"{name}-{code}", f"sent: {name}", play)


FLOWS = [
    _request("options", "OPTIONS", 200),
    _request("nexthop", "MESSAGE", 202),
    _request("ids", "INFO", 404),
    _request("invite", "INVITE", 200),
    _request("invite", "INVITE", 486),
    _request("bad", "OPTIONS", 200),
]
