"""What phones do in flows of accounting: calls are answered, refused, cancelled, missed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tests.compat.flow import Flow, Incoming, Network
from tests.compat.flow_script import BOB

_FINAL: Final = ("200", "302", "404", "408", "480", "486", "487", "500", "600")
_REASON_HEADERS: Final = 'Reason: SIP;cause=500;text="hey you"\r\nReason: Q.850;cause=16\r\n'


def call(
    name: str,
    code: int = 200,
    second: int = 0,
    *,
    method: str = "INVITE",
    forked: bool = False,
    early: bool = False,
    bye: str = "",
    acks: int = 1,
    reason_header: bool = False,
    label: str = "",
) -> Flow:
    """bob answers with `code`, 0 for nothing; carol then with `second`; `bye` is who ends it."""

    def play(net: Network) -> None:
        net.alice.request(method, f"sip:{name}@127.0.0.1")
        one = net.bob.wait(method)
        two = net.carol.wait(method) if forked else None
        if early:
            _ring(net, one)
        if code:
            extra = _REASON_HEADERS if reason_header else ""
            net.bob.answer(one, code, "Reason Here", extra=extra)
        if second:
            net.carol.answer(two or net.carol.wait(method), second, "Second")
        last = net.alice.wait(*_FINAL)
        if last.what == "200" and method == "INVITE":
            go_on(net, one, last, bye, acks)

    text = "-".join(filter(None, (name, method.lower(), str(code), str(second or ""), label)))
    return Flow(text, f"{name}: answered {code} {second or ''}", play)


def _ring(net: Network, one: Incoming) -> None:
    net.bob.answer(one, 180, "Ringing")
    net.alice.wait("180")
    net.bob.answer(one, 183, "Progress", body="v=0\r\n")
    net.bob.answer(one, 183, "Unsaid", body="v=0\r\n", without_length=True)


def go_on(net: Network, one: Incoming, ok: Incoming, bye: str, acks: int = 1) -> None:
    """The call is answered: ACKs, and a BYE of `bye` if it says who."""
    net.bob.answer(one, 200, "Again")  # it has not heard the ACK yet
    net.alice.wait("200")
    to = ok.value("To")
    route = _route(ok)
    for number in range(acks):
        branch = f"z9hG4bK-{net.call}-ack{number}"
        net.alice.request("ACK", BOB, to=to, extra=route, branch=branch)
        net.bob.wait("ACK")
    if bye == "alice":
        net.alice.request("BYE", BOB, to=to, extra=route, number=2)
        net.bob.answer(net.bob.wait("BYE"), 200, "Bye")
        net.alice.wait("200")
    elif bye == "bob":
        _bye_from_bob(net, ok, route)


def _route(message: Incoming) -> str:
    return "".join(
        f"Route: {line.partition(':')[2].strip()}\r\n" for line in message.headers("Record-Route")
    )


def _bye_from_bob(net: Network, ok: Incoming, route: str) -> None:
    net.bob.send(
        f"BYE sip:alice@127.0.0.1:{{alice}} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 127.0.0.1:{{bob}};branch=z9hG4bK-{net.call}-far\r\n"
        f"From: {ok.value('To')}\r\nTo: {ok.value('From')}\r\n"
        f"Call-ID: {net.call}\r\nCSeq: 9 BYE\r\nMax-Forwards: 70\r\n"
        f"{route}Content-Length: 0\r\n\r\n"
    )
    net.alice.answer(net.alice.wait("BYE"), 200, "Bye")
    net.bob.wait("200")


def alone(
    name: str, method: str = "INVITE", *, wanted: Sequence[str] = _FINAL, to: str = ""
) -> Flow:
    """The server answers by itself."""

    def play(net: Network) -> None:
        net.alice.request(method, f"sip:{name}@127.0.0.1", to=to)
        net.alice.wait(*wanted)

    return Flow(f"{name}-{method.lower()}", f"{name}: answered by the server", play)


def cancelled(name: str, final: int = 487) -> Flow:
    """alice gives up when it rings, and is told `final`."""

    def play(net: Network) -> None:
        net.alice.request("INVITE", f"sip:{name}@127.0.0.1")
        one = net.bob.wait("INVITE")
        net.bob.answer(one, 180, "Ringing")
        net.alice.wait("180")
        uri = f"sip:{name}@127.0.0.1"
        net.alice.request("CANCEL", uri, branch=f"z9hG4bK-alice-{net.call}-1")
        net.bob.answer(net.bob.wait("CANCEL"), 200, "OK")
        net.bob.answer(one, 487, "Terminated")
        net.alice.wait(str(final))

    return Flow(f"{name}-cancelled", f"{name}: the caller gives up", play)
