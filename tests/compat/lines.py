"""Phones that speak TCP: they call the server, and let themselves be called.

A `StreamNetwork` gives each flow phones with ports of their own, since a server keeps the
connections that it has. What a phone got is told with the line that it came by: `dialled 1` is the
first one to the server, `accepted 1` the first one from it. That the server has closed a line, and
the line ends between messages, are told as well.
"""

from __future__ import annotations

import contextlib
import re
import select
import socket
import struct
import time
from typing import Final

from tests.compat.flow import NAMES, THROUGH, Network, Phone
from tests.compat.normalise import normalise
from tests.compat.servers import with_ports
from tests.compat.speaker import SECONDS, Around, Incoming, Missing, Speaker
from tests.ports import HOST, free_port, free_sockets

_LENGTH: Final = re.compile(rb"(?im)^(?:content-length|l)[ \t]*:[ \t]*(\d+)")
_NUMBER: Final = re.compile(r";i=[0-9a-f]+")
_CONTACT: Final = ";transport=tcp"
_ALL: Final = 1 << 20
_RESET: Final = struct.pack("ii", 1, 0)
CLOSED: Final = "(closed)"
LINE_END: Final = "(line end)"


class Line(Speaker):
    """One TCP connection of a phone."""

    transport = "TCP"

    def __init__(self, phone: StreamPhone, label: str, connected: socket.socket) -> None:
        super().__init__(phone.name, phone.network)
        self.label = label
        self._phone = phone
        self._socket = connected
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._kept = b""
        self.ended = False
        self.port: int = connected.getsockname()[1]

    @property
    def contact(self) -> str:
        return super().contact + _CONTACT

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        """Hang up, and let the server see it."""
        self._socket.close()
        self.ended = True

    def reset(self) -> None:
        """Break off: the server is told with a reset."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.close()

    def send_pieces(self, text: str, size: int) -> None:
        """Send in segments of that many bytes."""
        text = with_ports(text, self.network.ports)
        for start in range(0, len(text), size):
            self.send(text[start : start + size])

    def wait_for(self, *wanted: str, seconds: float = SECONDS) -> str:
        """The next of these that comes: statuses, methods, CLOSED, LINE_END."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and not (self.ended and not self._kept):
            text = self._next(left)
            if text is None:
                continue
            what = text if text in (CLOSED, LINE_END) else Incoming(text).what
            if what in wanted:
                return text
        raise Missing(f"{self.name} ({self.label}) did not get {' or '.join(wanted)}")

    def wait_closed(self, seconds: float = SECONDS) -> None:
        """Until the server has closed."""
        self.wait_for(CLOSED, seconds=seconds)

    def _transmit(self, data: bytes) -> None:
        # That the server has closed is told when it is read.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._socket.sendall(data)

    def _receive(self, seconds: float) -> Incoming | None:
        deadline = time.monotonic() + seconds
        while (text := self._next(max(0, deadline - time.monotonic()))) is not None:
            if text not in (CLOSED, LINE_END):
                return Incoming(text)
        return None

    def _next(self, seconds: float) -> str | None:
        """A message, or what else came; None if nothing did in that time."""
        deadline = time.monotonic() + seconds
        while (text := self._taken()) is None:
            if self.ended or self._socket.fileno() < 0:
                return None
            if not select.select([self], [], [], max(0, deadline - time.monotonic()))[0]:
                return None
            try:
                data = self._socket.recv(_ALL)
            except ConnectionResetError:
                data = b""
            self._kept += data
            if not data:
                self.ended = True
                text = CLOSED
                break
        self._phone.got.append(f"({self.label})\n{text}")
        return text

    def _taken(self) -> str | None:
        """The first message that is complete, or line end before it."""
        if self._kept.startswith(b"\r\n"):
            self._kept = self._kept[2:]
            return LINE_END
        head, end, _ = self._kept.partition(b"\r\n\r\n")
        if not end:
            return None
        length = _LENGTH.search(head)
        size = len(head) + 4 + (int(length[1]) if length else 0)
        if len(self._kept) < size:
            return None
        text = self._kept[:size].decode()
        self._kept = self._kept[size:]
        return text


class StreamPhone(Phone):
    """A phone with one port for datagrams and for calls of the server."""

    def __init__(self, name: str, network: Around) -> None:
        datagrams, self._listening = free_sockets()
        super().__init__(name, network, datagrams)
        self.lines: list[Line] = []

    def close(self) -> None:
        super().close()
        self.deaf()
        for line in self.lines:
            line.close()

    def deaf(self) -> None:
        """Listen no more: who calls is refused."""
        self._listening.close()

    def dial(self) -> Line:
        """Call the server."""
        return self._add("dialled", socket.create_connection((HOST, self.network.ports["server"])))

    def accept(self, seconds: float = SECONDS) -> Line:
        """The next call of the server."""
        if not select.select([self._listening], [], [], seconds)[0]:
            raise Missing(f"nobody called {self.name}")
        return self._add("accepted", self._listening.accept()[0])

    def drain(self) -> None:
        super().drain()
        while self._listening.fileno() >= 0 and select.select([self._listening], [], [], 0)[0]:
            self.accept()
        for line in self.lines:
            line.drain()

    def _add(self, kind: str, connected: socket.socket) -> Line:
        number = 1 + sum(each.label.startswith(kind) for each in self.lines)
        line = Line(self, f"{kind} {number}", connected)
        self.lines.append(line)
        if kind == "dialled":
            self.network.ports[f"{self.name}-{number}"] = line.port
        return line


class StreamNetwork(Network):
    """Phones that speak both; new ones for each flow.

    `{spare}` is a port on which nobody listens; of the ports of phones the script knows none.
    """

    phones: dict[str, StreamPhone]  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self._ports_of: dict[str, dict[str, int]] = {}
        self._said: dict[str, str] = {}
        self.ports["spare"] = free_port()
        self._manager = StreamPhone("manager", self)
        self.ports["manager"] = self._manager.port
        self._through: Line | None = None

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        self._manager.close()

    @property
    def alice(self) -> StreamPhone:
        return self.phones["alice"]

    @property
    def bob(self) -> StreamPhone:
        return self.phones["bob"]

    @property
    def carol(self) -> StreamPhone:
        return self.phones["carol"]

    @property
    def dave(self) -> StreamPhone:
        return self.phones["dave"]

    def mark(self, name: str, seconds: float = SECONDS) -> bool:
        """The same, when the process that reads the connections is so far as well."""
        return self.through(name, seconds) and super().mark(name, seconds)

    def through(self, name: str = "", seconds: float = SECONDS) -> bool:
        """Whether the server has read what was sent by connections before this."""
        try:
            if self._through is None:
                self._through = self._manager.dial()
            call = f"{name}{THROUGH}"
            self._through.request("OPTIONS", "sip:compat-end@127.0.0.1", call=call)
            while f"Call-ID: {call}\r\n" not in self._through.wait("200", seconds=seconds).text:
                pass
        except ConnectionError:
            return False
        except Missing:  # a later call gets the answer, unless nobody is there
            if self._through is not None and self._through.ended:
                self._through = None
            return False
        return True

    def _begin(self) -> None:
        for phone in self.phones.values():
            phone.close()
        self.phones = {name: StreamPhone(name, self) for name in NAMES}
        kept = ("server", "manager", "spare")
        ports = {name: port for name, port in self.ports.items() if name in kept}
        self.ports = {**{name: phone.port for name, phone in self.phones.items()}, **ports}
        self._ports_of[self.call] = self.ports

    def plain(self, text: str, flow: str = "") -> str:
        flow = flow or self.call
        if flow == self.call:
            self._said[flow] = "".join(self.sent)
        text = normalise(text, sent=self._said.get(flow, ""), ports=self._ports_of[flow])
        return _NUMBER.sub(";i=N", text)
