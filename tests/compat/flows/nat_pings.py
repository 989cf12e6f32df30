"""Pings to phones that are registered: what each phone gets, and by which socket of the server."""

from __future__ import annotations

import re
import select
import time
from typing import Final

from tests.compat.flow import NAMES, Flow, Incoming, Network, Phone
from tests.compat.flow_script import script as flow_script
from tests.compat.registering import RegisteringNetwork
from tests.compat.speaker import SECONDS, Around, Missing
from tests.ports import HOST, free_port

_EMPTY: Final = b"\0\0\0\0"
_MODULES: Final = "".join(
    f'loadmodule "{each}.so"\n' for each in ("textopsx", "usrloc", "registrar", "nathelper")
)
SCRIPT = flow_script(
    {},
    parameters="listen=udp:127.0.0.1:{second}\n"
    + _MODULES
    + """
modparam("usrloc", "nat_bflag", 6)
modparam("registrar", "received_avp", "$avp(RECEIVED)")
modparam("registrar", "use_path", 1)
modparam("registrar", "path_mode", 0)
modparam("nathelper", "received_avp", "$avp(RECEIVED)")
modparam("nathelper", "natping_interval", 1)
modparam("nathelper", "ping_nated_only", 1)
modparam("nathelper", "sipping_bflag", 7)
modparam("nathelper", "sipping_from", "sip:pinger@a.example")
modparam("nathelper", "natping_disable_bflag", 8)
modparam("nathelper", "keepalive_timeout", 60)
""",
    before="""
    if ($hdr(Nat) != $null) { fix_nated_register(); setbflag(6); }
    if ($hdr(Sip) != $null) setbflag(7);
    if ($hdr(Off) != $null) setbflag(8);
    if ($rm == "REGISTER") { save("location"); exit; }
""",
)


class PingedPhone(Phone):
    """Keeps each ping once, with the socket that it came by."""

    def _receive(self, seconds: float) -> Incoming | None:
        while select.select([self], [], [], seconds)[0]:
            data, source = self._socket.recvfrom(65535)
            shown = "(four zero bytes)" if data == _EMPTY else _same(data.decode())
            by = next(name for name, port in self.network.ports.items() if port == source[1])
            if f"({by}) {shown}" not in self.got:
                self.got.append(f"({by}) {shown}")
            return None if data == _EMPTY else Incoming(data.decode())
        return None

    def await_ping(self) -> None:
        """Until there are four zero bytes."""
        deadline = time.monotonic() + SECONDS
        while not any("zero bytes" in each for each in self.got):
            if time.monotonic() > deadline:
                raise Missing(f"{self.name} was not pinged")
            self._receive(0.1)

    def listen(self, seconds: float) -> None:
        """Take what comes in that time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._receive(0.1)


def _same(text: str) -> str:
    """A ping without what differs from one to the next.

    Max-Forwards, and brackets where a URI has parameters, are what RFC 3261 wants; Kamailio has
    neither.
    """
    if not text.startswith("OPTIONS"):
        return text
    text = re.sub(r"(?m)^Call-ID: .*?@127", "Call-ID: ID@127", text)
    text = re.sub(r";tag=uloc-[0-9a-f-]+", ";tag=ULOC", text)
    text = re.sub(r";branch=z9hG4bK[0-9a-f]+", ";branch=BRANCH", text)
    text = re.sub(r"(?m)^To: <(.*)>\r$", r"To: \1\r", text)
    return text.replace("Max-Forwards: 70\r\n", "")


class PingingNetwork(RegisteringNetwork):
    """With a second socket of the server."""

    phones: dict[str, PingedPhone]  # type: ignore[assignment]

    def __init__(self) -> None:
        Network.__init__(self)
        for phone in self.phones.values():
            phone.close()
        around: Around = self
        self.phones = {name: PingedPhone(name, around) for name in NAMES}
        self.ports.update((name, phone.port) for name, phone in self.phones.items())
        self.ports["second"] = free_port()

    def register(
        self, name: str, contact: str, *lines: str, seconds: int = 60, second: bool = False
    ) -> None:
        phone = self.phones[name]
        extra = "".join(f"{each}\r\n" for each in lines)
        text = (
            "REGISTER sip:127.0.0.1 SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{phone.port};branch=z9hG4bK-{self.call}-{seconds}\r\n"
            f"From: <sip:{name}@a.example>;tag=r1\r\nTo: <sip:{name}@a.example>\r\n"
            f"Call-ID: {self.call}-{name}\r\nCSeq: {70 - seconds} REGISTER\r\nMax-Forwards: 70\r\n"
            f"Contact: {contact};expires={seconds}\r\n{extra}Content-Length: 0\r\n\r\n"
        )
        if second:
            for each, port in self.ports.items():
                text = text.replace(f"{{{each}}}", str(port))
            phone._socket.sendto(text.encode(), (HOST, self.ports["second"]))
        else:
            phone.send(text)
        phone.wait("200")


NETWORK = PingingNetwork


def _asked(net: PingingNetwork) -> None:
    contact = "<sip:alice@10.1.2.3:5099;x=y>"
    net.register("alice", contact, "Nat: 1", "Sip: 1")
    net.alice.answer(net.alice.wait("OPTIONS"), 200, "OK")
    net.alice.wait("OPTIONS")
    net.register("alice", contact, seconds=0)


def _empty(net: PingingNetwork) -> None:
    contact = "<sip:alice@10.1.2.3:5099>"
    net.register("alice", contact, "Nat: 1")
    net.phones["alice"].await_ping()
    net.register("alice", contact, seconds=0)


def _second(net: PingingNetwork) -> None:
    contact = "<sip:alice@127.0.0.1:{alice}>"
    net.register("alice", contact, "Nat: 1", "Sip: 1", second=True)
    net.alice.wait("OPTIONS")
    net.register("alice", contact, seconds=0)


def _path(net: PingingNetwork) -> None:
    contact = "<sip:alice@10.1.2.3:5099>"
    path = "Path: <sip:p@127.0.0.1:{alice};lr>,<sip:q@192.0.2.7;lr>"
    net.register("alice", contact, "Nat: 1", "Sip: 1", path)
    net.alice.wait("OPTIONS")
    net.register("alice", contact, seconds=0)


def _none(net: PingingNetwork) -> None:
    plain, off = "<sip:alice@127.0.0.1:{alice}>", "<sip:bob@127.0.0.1:{bob}>"
    net.register("alice", plain, "Sip: 1")
    net.register("bob", off, "Nat: 1", "Off: 1")
    net.phones["alice"].listen(1.5)
    net.phones["bob"].listen(1.0)
    net.register("alice", plain, seconds=0)
    net.register("bob", off, seconds=0)


FLOWS = [
    Flow("asked", "A phone is asked, again and again.", _asked),
    Flow("empty", "A phone gets four zero bytes.", _empty),
    Flow("second", "The socket that the phone came by.", _second),
    Flow("path", "A request goes along the Path.", _path),
    Flow("none", "A phone that is not behind NAT, and one that is not to be pinged.", _none),
]
