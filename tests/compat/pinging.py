"""Phones that are registered with a server that pings them, and tell what came from where."""

from __future__ import annotations

import re
import select
import time
from typing import Final

from tests.compat.flow import NAMES, Incoming, Network, Phone
from tests.compat.registering import RegisteringNetwork
from tests.compat.speaker import SECONDS, Around, Missing
from tests.ports import HOST

_EMPTY: Final = b"\0\0\0\0"


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
    text = re.sub(r"(?m)^Call-ID: .*\r$", "Call-ID: ID\r", text)
    text = re.sub(r";tag=uloc-[0-9a-f.-]+", ";tag=ULOC", text)
    text = re.sub(r";branch=z9hG4bK[0-9a-fx.]+", ";branch=BRANCH", text)
    text = re.sub(r"(?m)^To: <(.*)>\r$", r"To: \1\r", text)
    return text.replace("Max-Forwards: 70\r\n", "")


class PingingNetwork(RegisteringNetwork):
    """Pings may come by the second socket of the server too."""

    phones: dict[str, PingedPhone]  # type: ignore[assignment]

    def __init__(self) -> None:
        Network.__init__(self)
        for phone in self.phones.values():
            phone.close()
        around: Around = self
        self.phones = {name: PingedPhone(name, around) for name in NAMES}
        self.ports.update((name, phone.port) for name, phone in self.phones.items())

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
