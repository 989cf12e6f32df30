"""A server that pings, without one: its clock is set by hand, and what it sends is taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from sipway.core.commands.process import ServerProcess
from sipway.core.program import Program
from sipway.core.sockets import ListenSocket
from sipway.modules import usrloc
from sipway.modules.nathelper.pinging import Pinger
from sipway.modules.usrloc import Contact
from sipway.sip.addresses import ip_text, port
from tests.modules.running import load

CODE: Final = "request_route { exit; }"
NAT, SIP, OFF = 1 << 6, 1 << 7, 1 << 8
START = 1_000_000.0
INTERVAL = 30
EMPTY = b"\0\0\0\0"
ASKING: Final[dict[str, Any]] = {"sipping_bflag": 7, "sipping_from": "sip:pinger@a.example"}

Sent = tuple[str, str, bytes]
"""The socket, where to, the bytes."""


class PingingServer:
    """A Program that pings, with two sockets more than it is born with, and a clock."""

    def __init__(self, *, head: str = "", found: Any = None, **parameters: Any) -> None:
        settings = {"natping_interval": INTERVAL, "natping_disable_bflag": 8, **parameters}
        text = (
            head + 'modparam("usrloc", "nat_bflag", 6)\nmodparam("usrloc", "preload", "location")\n'
        )
        for name, value in settings.items():
            shown = f'"{value}"' if isinstance(value, str) else value
            text += f'modparam("nathelper", "{name}", {shown})\n'
        self.program, self.log, self.socket = load(
            CODE, parameters=text, modules=("usrloc", "nathelper"), names=found
        )
        self.table = usrloc.locations(self.program).table("location")
        self.now = START

    def pinger(self) -> Pinger:
        return Pinger(self.program)

    def add(self, user: str, *contacts: Contact) -> None:
        for number, each in enumerate(contacts):
            each.ruid = each.ruid or f"uloc-{user}-{number}".encode()
            each.modified = each.modified or int(self.now)
        self.table.put(user, list(contacts), len(self.table.get(user)))

    def sent(self) -> list[Sent]:
        return _taken(self.program.sockets)

    def round(self, pinger: Pinger) -> list[Sent]:
        """What a whole round sends."""
        found = []
        end = self.now + INTERVAL
        while self.now < end:
            self.now += pinger.step(self.now)
            found += self.sent()
        return found


def _taken(sockets: Iterable[ListenSocket]) -> list[Sent]:
    found = []
    for socket in sockets:
        outgoing, socket.outgoing = socket.outgoing, []
        found += [
            (socket.text, f"{ip_text(where)}:{port(where)}", data) for data, where in outgoing
        ]
    return found


def contact(uri: str = "sip:a@192.0.2.5:5070", **fields: Any) -> Contact:
    fields.setdefault("socket", b"udp:192.0.2.9:5060")
    return Contact(uri.encode(), int(START) + 3600, **fields)


def where_to(sent: list[Sent]) -> list[str]:
    return [where for _, where, _ in sent]


def peers_of(sockets: Iterable[ListenSocket]) -> Callable[[int], bytes | None]:
    """The peers of connections, as the process that serves knows them."""
    known = tuple(sockets)

    def peer_of(number: int) -> bytes | None:
        found = (
            peer
            for socket in known
            for peer, each in (socket.connections or {}).items()
            if each == number
        )
        return next(found, None)

    return peer_of


def with_sockets(program: Program, sockets: tuple[ListenSocket, ...]) -> Program:
    return Program(
        program.path,
        program.settings,
        program.log,
        sockets,
        modules=program.modules,
        parameters=program.parameters,
        shared=program.shared,
        process=ServerProcess(peer_of=peers_of(sockets)),
    )
