"""Calls over TCP where the server opens no connections: tcp_no_connect."""

from __future__ import annotations

from typing import Final

from tests.compat.flow import Flow
from tests.compat.flow_script import script
from tests.compat.flows import streams
from tests.compat.lines import StreamNetwork

NETWORK: Final = StreamNetwork
SCRIPT = script(
    {"call": "if (!t_relay()) { sl_reply_error(); }", "alias": streams.ALIAS},
    parameters=f"{streams.PARAMETERS}\ntcp_no_connect=yes\n",
)


def _nobody(net: StreamNetwork) -> None:
    alice = net.alice.dial()
    alice.request("MESSAGE", streams.uri("call"))
    alice.wait("408", "477", "500", "503")


def _known(net: StreamNetwork) -> None:
    bob = net.bob.dial()
    bob.request("OPTIONS", streams.uri("alias"))
    bob.wait("200")
    alice = net.alice.dial()
    alice.request("MESSAGE", streams.uri("call"))
    bob.answer(bob.wait("MESSAGE"), 200, "OK")
    alice.wait("200")


def _gone(net: StreamNetwork) -> None:
    bob = net.bob.dial()
    bob.request("OPTIONS", streams.uri("alias"))
    bob.wait("200")
    alice = net.alice.dial()
    alice.request("MESSAGE", streams.uri("call"))
    message = bob.wait("MESSAGE")
    alice.close()
    net.through()
    bob.answer(message, 200, "Late")
    net.through()


FLOWS: list[Flow] = [
    Flow("nobody", "a request for whom there is no connection fails", _nobody),
    Flow("known", "one goes by a connection that its phone opened", _known),
    Flow("gone", "an answer whose connection has gone is lost", _gone),
]
