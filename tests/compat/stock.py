"""Kamailio's own script, as it is installed, and what phones do with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.compat.calls import go_on
from tests.compat.flow import Flow, Network
from tests.compat.registering import RegisteringNetwork

STOCK: Final = Path("/etc/kamailio/kamailio.cfg")
"""Where it is not installed there are no flows."""

_BOB: Final = "sip:bob@127.0.0.1:{server}"
_HEAD: Final = "request_route {"
_ACC: Final = 'loadmodule "acc.so"'


class StockNetwork(RegisteringNetwork):
    """An ACK or CANCEL of the server's own has 70 hops before it, or those of the INVITE."""

    def plain(self, text: str, flow: str = "") -> str:
        text = super().plain(text, flow)
        if text.startswith(("ACK ", "CANCEL ")):
            text = text.replace("Max-Forwards: 69", "Max-Forwards: 70")
        return text


def script(head: str = "", load: str = "") -> str:
    """The script with the end marks of flows, definitions before it and modules before acc."""
    if not STOCK.exists():
        return ""
    text = STOCK.read_text()
    for piece, instead in (
        (_HEAD, f"{_HEAD} {{end}}"),
        (_ACC, f"{load}\n{_ACC}"),
        ("\nchildren=8", "\nchildren=1"),  # they would race each other
    ):
        assert text.count(piece) == 1, piece
        text = text.replace(piece, instead)
    kind, _, rest = text.partition("\n")  # `#!KAMAILIO` stays the first line
    return f"{kind}\n{head}\n{rest}"


def _register(net: Network) -> None:
    net.bob.request("REGISTER", "sip:127.0.0.1:{server}", to=f"<{_BOB}>", call=f"{net.call}-reg")
    net.bob.wait("200")


def _invite(net: Network) -> None:
    net.alice.request("INVITE", _BOB, to=f"<{_BOB}>", sender=f"<{_ALICE}>;tag=alice-tag")


_ALICE: Final = "sip:alice@127.0.0.1:{server}"


def _answered(bye: str) -> Flow:
    def play(net: Network) -> None:
        _register(net)
        _invite(net)
        one = net.bob.wait("INVITE")
        net.bob.answer(one, 180, "Ringing")
        net.alice.wait("180")
        net.bob.answer(one, 200, "Here")
        go_on(net, one, net.alice.wait("200"), bye)

    return Flow(f"answered-{bye}", f"a call that {bye} ends", play)


def _missed(code: int) -> Flow:
    def play(net: Network) -> None:
        _register(net)
        _invite(net)
        net.bob.answer(net.bob.wait("INVITE"), code, "Not Now")
        net.alice.wait(str(code))

    return Flow(f"missed-{code}", f"a call that is answered {code}", play)


def _cancelled(net: Network) -> None:
    _register(net)
    _invite(net)
    one = net.bob.wait("INVITE")
    net.bob.answer(one, 180, "Ringing")
    net.alice.wait("180")
    net.alice.request("CANCEL", _BOB, to=f"<{_BOB}>", branch=f"z9hG4bK-alice-{net.call}-1")
    net.bob.answer(net.bob.wait("CANCEL"), 200, "OK")
    net.bob.answer(one, 487, "Terminated")
    net.alice.wait("487")


def _message(net: Network) -> None:
    _register(net)
    net.alice.request("MESSAGE", _BOB, to=f"<{_BOB}>", sender=f"<{_ALICE}>;tag=alice-tag")
    net.bob.answer(net.bob.wait("MESSAGE"), 200, "OK")
    net.alice.wait("200")


def _refused(net: Network) -> None:
    net.alice.request("INVITE", "sip:nobody@127.0.0.1:{server}")
    net.alice.wait("404")
    net.alice.request("INVITE", "sip:bob@elsewhere.example", number=2)
    net.alice.wait("403")
    net.alice.request("OPTIONS", "sip:127.0.0.1:{server}", number=3)
    net.alice.wait("200")
    net.alice.request("BYE", _BOB, number=4, to=f"<{_BOB}>;tag=stray")
    net.alice.wait("404")
    net.alice.request("SUBSCRIBE", _BOB, number=5)
    net.alice.wait("404")


def flows() -> Sequence[Flow]:
    """None where the script is not installed."""
    if not STOCK.exists():
        return []
    return [
        *(_answered(each) for each in ("alice", "bob")),
        *(_missed(each) for each in (486, 404, 302)),
        Flow("cancelled", "a call that the caller gives up", _cancelled),
        Flow("message", "a request that is not accounted", _message),
        Flow("refused", "what the script answers itself", _refused),
    ]
