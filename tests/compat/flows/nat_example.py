"""The script examples/nat.cfg: two phones behind NAT register, call each other, and hang up."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.compat.flow import Flow, Incoming, Network
from tests.compat.registering import RegisteringNetwork

NETWORK = RegisteringNetwork

SCRIPT: Final = (
    (Path(__file__).parents[3] / "examples" / "nat.cfg")
    .read_text()
    .replace("request_route {", "children=1\nrequest_route {\n    {end}", 1)
)
_PRIVATE: Final = {"alice": "10.1.2.3:5099", "bob": "192.168.1.7:5060"}


def _natted(text: str, name: str) -> str:
    """As a phone behind NAT would say it: it knows its own address only."""
    own = f"127.0.0.1:{{{name}}}"
    return text.replace(f"UDP {own};", f"UDP {_PRIVATE[name]};").replace(
        f"{name}@{own}", f"{name}@{_PRIVATE[name]}"
    )


def _register(net: Network, name: str) -> None:
    phone = net.phones[name]
    text = phone.compose(
        "REGISTER",
        "sip:127.0.0.1",
        to=f"<sip:{name}@caller.example>",
        branch=f"z9hG4bK-register-{net.call}-{name}",
        call=f"{net.call}-{name}",
    )
    phone.send(_natted(text, name))
    phone.wait("200")


def _uri(message: Incoming) -> str:
    return message.value("Contact").partition("<")[2].partition(">")[0]


def _routes(message: Incoming, *, turned: bool) -> str:
    lines = [line.partition(":")[2] for line in message.headers("Record-Route")]
    return "".join(f"Route:{each}\r\n" for each in (lines[::-1] if turned else lines))


def _call(net: Network, hangs_up: str) -> None:
    _register(net, "bob")
    alice, bob = net.alice, net.bob
    alice.send(_natted(alice.compose("INVITE", "sip:bob@127.0.0.1"), "alice"))
    invite = bob.wait("INVITE")
    bob.send(_natted_answer(bob, invite))
    ok = alice.wait("200")
    ack = alice.compose(
        "ACK", _uri(ok), branch="z9hG4bK-ack", to=ok.value("To"), extra=_routes(ok, turned=True)
    )
    alice.send(_natted(ack, "alice"))
    bob.wait("ACK")
    if hangs_up == "alice":
        bye = alice.compose(
            "BYE", _uri(ok), number=2, to=ok.value("To"), extra=_routes(ok, turned=True)
        )
        alice.send(_natted(bye, "alice"))
        bob.answer(bob.wait("BYE"), 200, "OK")
        alice.wait("200")
        return
    bye = bob.compose(
        "BYE",
        _uri(invite),
        to=ok.value("From"),
        sender=ok.value("To"),
        extra=_routes(invite, turned=False),
    )
    bob.send(_natted(bye, "bob"))
    alice.answer(alice.wait("BYE"), 200, "OK")
    bob.wait("200")


def _natted_answer(bob: object, invite: Incoming) -> str:
    del bob
    copied = [
        line
        for name in ("Via", "From", "Call-ID", "CSeq", "Record-Route")
        for line in invite.headers(name)
    ]
    lines = "".join(f"{each}\r\n" for each in copied)
    to = f"{invite.headers('To')[0]};tag=bob-tag"
    contact = f"<sip:bob@{_PRIVATE['bob']}>"
    return f"SIP/2.0 200 OK\r\n{lines}{to}\r\nContact: {contact}\r\nContent-Length: 0\r\n\r\n"


def _nobody(net: Network) -> None:
    net.alice.send(_natted(net.alice.compose("INVITE", "sip:nobody@127.0.0.1"), "alice"))
    net.alice.wait("404")


def _unregister(net: Network) -> None:
    _register(net, "alice")
    text = net.alice.compose(
        "REGISTER",
        "sip:127.0.0.1",
        number=2,
        to="<sip:alice@caller.example>",
        call=f"{net.call}-alice",
        extra="Expires: 0\r\n",
    )
    net.alice.send(_natted(text, "alice"))
    net.alice.wait("200")


FLOWS = [
    Flow("caller", "The caller hangs up.", lambda net: _call(net, "alice")),
    Flow("callee", "The callee hangs up.", lambda net: _call(net, "bob")),
    Flow("nobody", "A call to nobody.", _nobody),
    Flow("unregister", "A phone that goes.", _unregister),
]
