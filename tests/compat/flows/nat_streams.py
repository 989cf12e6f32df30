"""Phones behind NAT that speak TCP: aliases and `received` lead back to the connection."""

from __future__ import annotations

from typing import Final

from tests.compat.flow import Flow
from tests.compat.flow_script import script as flow_script
from tests.compat.lines import Line, StreamNetwork

NETWORK: Final = StreamNetwork
_CONTACT: Final = "<sip:a@10.1.2.3:5060;transport=tcp>"

SCRIPT = flow_script(
    {
        "tests": "$var(b) = 1; while ($var(b) < 1024)"
        ' { nat_uac_test("$var(b)"); L("$var(b) $rc"); $var(b) = $var(b) * 2; }'
        ' sl_send_reply("200", "OK");',
        "fix": 'fix_nated_contact(); L("$rc"); t_relay();',
        "set": 'set_contact_alias(); L("$rc"); t_relay();',
        "add": 'add_contact_alias(); L("$rc"); t_relay();',
        "receive": 'add_rcv_param(); L("$rc"); t_relay();',
        "receive1": 'add_rcv_param("1"); L("$rc"); t_relay();',
        "register": 'fix_nated_register(); L("$rc $avp(r)"); sl_send_reply("200", "OK");',
        "back": 'handle_ruri_alias(); L("$rc $ru $du"); t_relay();',
    },
    parameters="""
listen=tcp:127.0.0.1:{server}
tcp_children=1
loadmodule "rr.so"
loadmodule "usrloc.so"
loadmodule "nathelper.so"
modparam("nathelper", "received_avp", "$avp(r)")
""",
)


def _dial(net: StreamNetwork, user: str, contact: str, target: str = "bob") -> Line:
    alice = net.alice.dial()
    text = alice.compose("MESSAGE", f"sip:{user}@127.0.0.1:{{{target}}}")
    alice.send(text.replace(f"<{alice.contact}>", contact))
    return alice


def _answered(user: str, contact: str = _CONTACT) -> Flow:
    def play(net: StreamNetwork) -> None:
        _dial(net, user, contact).wait("200")

    return Flow(user, "What is said of a phone over TCP.", play)


def _changed(user: str, name: str, contact: str) -> Flow:
    def play(net: StreamNetwork) -> None:
        alice = _dial(net, user, contact)
        net.bob.answer(net.bob.wait("MESSAGE"), 200, "OK")
        alice.wait("200")

    return Flow(f"{user}-{name}", "What goes on of a Contact over TCP.", play)


def _back(net: StreamNetwork) -> None:
    """The alias of a Contact leads to the connection that it came by."""
    alice = _dial(net, "set", _CONTACT)
    request = net.bob.wait("MESSAGE")
    net.bob.answer(request, 200, "OK")
    alice.wait("200")
    uri = request.value("Contact").strip("<>").replace("sip:a@", "sip:back@")
    net.bob.request("MESSAGE", uri, number=2, call="back-again")
    alice.answer(alice.wait("MESSAGE"), 200, "OK")
    net.bob.wait("200")


FLOWS = [
    _answered("tests"),
    _answered("register"),
    *(
        _changed(user, name, contact)
        for user in ("fix", "set", "add", "receive", "receive1")
        for name, contact in (
            ("other", _CONTACT),
            ("same", "<sip:a@127.0.0.1:{alice-1};transport=tcp>"),
            ("udp", "<sip:a@127.0.0.1:{alice-1}>"),
        )
    ),
    Flow("back", "By the alias to the connection.", _back),
]
