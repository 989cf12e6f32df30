"""Calls over TCP with the tcp_* parameters set, and datagrams too long for UDP."""

from __future__ import annotations

from typing import Final

from tests.compat.flow import Flow
from tests.compat.flow_script import script
from tests.compat.lines import StreamNetwork

NETWORK: Final = StreamNetwork
SCRIPT = script(
    {
        "call": 't_relay(); L("$rm $proto");',
        "answer": 'sl_send_reply("200", "OK");',
    },
    parameters="""
listen=tcp:127.0.0.1:{server}
tcp_children=1
tcp_accept_aliases=yes
tcp_accept_no_cl=yes
tcp_connection_lifetime=2
udp_mtu=1300
udp_mtu_try_proto=TCP
""",
)


def _uri(user: str, phone: str = "bob", transport: str = ";transport=tcp") -> str:
    return f"sip:{user}@127.0.0.1:{{{phone}}}{transport}"


def _alias(net: StreamNetwork) -> None:
    alice = net.alice.dial()
    alice.request("OPTIONS", _uri("answer"), via=";alias")
    alice.wait("200")
    net.bob.request("MESSAGE", _uri("call", "alice"))
    alice.answer(alice.wait("MESSAGE"), 200, "OK")
    net.bob.wait("200")


def _no_alias(net: StreamNetwork) -> None:
    alice = net.alice.dial()
    alice.request("OPTIONS", _uri("answer"))
    alice.wait("200")
    net.bob.request("MESSAGE", _uri("call", "alice"))
    called = net.alice.accept()
    called.answer(called.wait("MESSAGE"), 200, "OK")
    net.bob.wait("200")


def _no_length(net: StreamNetwork) -> None:
    alice = net.alice.dial()
    for number in (1, 2):
        text = alice.compose("OPTIONS", _uri("answer"), number=number)
        alice.send(text.replace("Content-Length: 0\r\n", ""))
        alice.wait("200")


def _no_length_relayed(net: StreamNetwork) -> None:
    alice = net.alice.dial()
    alice.send(alice.compose("MESSAGE", _uri("call")).replace("Content-Length: 0\r\n", ""))
    bob = net.bob.accept()
    bob.answer(bob.wait("MESSAGE"), 200, "OK")
    alice.wait("200")


def _lifetime(net: StreamNetwork) -> None:
    """Kamailio's process that reads looks at it every five seconds."""
    alice = net.alice.dial()
    alice.request("MESSAGE", _uri("call"))
    bob = net.bob.accept()
    bob.answer(bob.wait("MESSAGE"), 200, "OK")
    alice.wait("200")
    alice.wait_closed(20)
    bob.wait_closed(20)


def _long(net: StreamNetwork) -> None:
    net.alice.request("MESSAGE", _uri("call", transport=""), body="x" * 1300)
    bob = net.bob.accept()
    bob.answer(bob.wait("MESSAGE"), 200, "OK")
    net.alice.wait("200")


def _short(net: StreamNetwork) -> None:
    net.alice.request("MESSAGE", _uri("call", transport=""), body="x" * 500)
    net.bob.answer(net.bob.wait("MESSAGE"), 200, "OK")
    net.alice.wait("200")


def _long_to_nobody(net: StreamNetwork) -> None:
    """It is not tried over UDP, then."""
    net.bob.deaf()
    net.alice.request("MESSAGE", _uri("call", transport=""), body="x" * 1300)
    net.alice.wait("200", "408", "477", "500", "503")


FLOWS: list[Flow] = [
    Flow("alias", "tcp_accept_aliases: ;alias in the Via", _alias),
    Flow("no-alias", "tcp_accept_aliases: a Via without it", _no_alias),
    Flow("no-length", "tcp_accept_no_cl: without Content-Length there is no body", _no_length),
    Flow("no-length-relayed", "the same, sent on", _no_length_relayed),
    Flow("lifetime", "tcp_connection_lifetime: idle connections are closed", _lifetime),
    Flow("long", "udp_mtu: what is longer goes over TCP", _long),
    Flow("short", "udp_mtu: what is shorter goes over UDP", _short),
    Flow("long-refused", "udp_mtu: nobody listens over TCP", _long_to_nobody),
]
