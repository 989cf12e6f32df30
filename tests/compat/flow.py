"""Calls among several phones through one server, and what each phone and the log saw of them.

A module of `flows/` has a `SCRIPT`, in which `{end}` stands for what the harness needs at the head
of request_route and `{alice}`, `{bob}`, `{carol}`, `{dave}`, `{server}` for ports, and a list
`FLOWS`. A flow is played once against Kamailio and once against sipway; the two transcripts must
be equal.
"""

from __future__ import annotations

import re
import select
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from tests.compat.normalise import normalise
from tests.compat.servers import HOST, free_port, running, with_ports

NAMES: Final = ("alice", "bob", "carol", "dave")
_SECONDS: Final = 5.0
_MARK: Final = "@@ "
_END: Final = (
    'if ($rU == "compat-end") { xlog("L_NOTICE", "@@ compat-end $ci\\n");'
    ' sl_send_reply("200", "OK"); exit; }'
)
_HEAD: Final = re.compile(r"^(SIP/2\.0 (\d{3})[^\r\n]*|(\w+) [^\r\n]* SIP/2\.0)\r\n")


@dataclass(frozen=True, slots=True)
class Flow:
    """One thing to compare: what the phones do, and what it pins down."""

    name: str
    why: str
    play: Callable[[Network], None]


class Missing(Exception):  # noqa: N818 - it is not an error, but part of a transcript
    """What a phone waited for did not come."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message that a phone got."""

    text: str

    @property
    def what(self) -> str:
        """The status, or the method."""
        match = _HEAD.match(self.text)
        assert match is not None, self.text
        return match[2] or match[3]

    def headers(self, name: str) -> list[str]:
        """The lines of all headers of this name."""
        return re.findall(rf"(?im)^{name}[ \t]*:[^\r\n]*", self.text)

    def value(self, name: str) -> str:
        return self.headers(name)[0].partition(":")[2].strip()

    @property
    def uri(self) -> str:
        return self.text.split(" ", 2)[1]


class Phone:
    """A UDP socket with a name; all that comes in is kept."""

    def __init__(self, name: str, network: Network) -> None:
        self.name = name
        self._network = network
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HOST, 0))
        self.port: int = self._socket.getsockname()[1]
        self.got: list[str] = []
        self._tag = 0

    def close(self) -> None:
        self._socket.close()

    def fileno(self) -> int:
        return self._socket.fileno()

    def send(self, text: str) -> None:
        """Send to the server; names in braces become ports."""
        data = with_ports(text, self._network.ports).encode()
        self._network.sent.append(data.decode())
        self._socket.sendto(data, (HOST, self._network.ports["server"]))

    def request(
        self,
        method: str,
        uri: str = "sip:bob@127.0.0.1:{bob}",
        *,
        number: int = 1,
        branch: str = "",
        to: str = "",
        extra: str = "",
        body: str = "",
        call: str | None = None,
        tag: str | None = None,
        cseq: str | None = None,
    ) -> None:
        """Send a request of our own; `extra` are complete header lines."""
        call = call or self._network.call
        branch = branch or f"z9hG4bK-{self.name}-{call}-{number}"
        to = to or "<sip:bob@callee.example>"
        self.send(
            f"{method} {uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{{{self.name}}};branch={branch}\r\n"
            f"From: <sip:{self.name}@caller.example>;tag={tag or f'{self.name}-tag'}\r\n"
            f"To: {to}\r\nCall-ID: {call}\r\nCSeq: {cseq or f'{number} {method}'}\r\n"
            f"Max-Forwards: 70\r\nContact: <sip:{self.name}@127.0.0.1:{{{self.name}}}>\r\n"
            f"{extra}Content-Length: {len(body)}\r\n\r\n{body}"
        )

    def answer(
        self,
        request: Incoming,
        status: int,
        reason: str = "Whatever",
        *,
        extra: str = "",
        tag: str | None = None,
        body: str = "",
    ) -> None:
        """Answer a request; the To-tag is this phone's."""
        copied = [
            line
            for name in ("Via", "From", "Call-ID", "CSeq", "Record-Route")
            for line in request.headers(name)
        ]
        to = request.headers("To")[0]
        if status > 100 and ";tag=" not in to:
            to += f";tag={tag or f'{self.name}-tag'}"
        lines = "".join(f"{line}\r\n" for line in [*copied, to])
        self.send(
            f"SIP/2.0 {status} {reason}\r\n{lines}"
            f"Contact: <sip:{self.name}@127.0.0.1:{{{self.name}}}>\r\n"
            f"{extra}Content-Length: {len(body)}\r\n\r\n{body}"
        )

    def wait(self, *wanted: str, seconds: float = _SECONDS) -> Incoming:
        """The next message that is one of these statuses or methods, whatever comes before it."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            message = self._receive(left)
            if message is not None and message.what in wanted:
                return message
        raise Missing(f"{self.name} did not get {' or '.join(wanted)}")

    def drain(self) -> None:
        while self._receive(0) is not None:
            pass

    def _receive(self, seconds: float) -> Incoming | None:
        while select.select([self], [], [], seconds)[0]:
            text = self._socket.recv(65535).decode()
            message = Incoming(text)
            if message.value("Call-ID") in self._network.past:
                continue  # a retransmission that nobody was there for
            if text not in self.got:  # a retransmission is a matter of load
                self.got.append(text)
            return message
        return None


class Network:
    """The phones of a flow and the server between them."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.call = ""
        self.past: set[str] = set()
        self.phones = {name: Phone(name, self) for name in NAMES}
        self.ports = {name: phone.port for name, phone in self.phones.items()}
        self.ports["server"] = free_port()
        self._control = Phone("control", self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for phone in (*self.phones.values(), self._control):
            phone.close()

    @property
    def alice(self) -> Phone:
        return self.phones["alice"]

    @property
    def bob(self) -> Phone:
        return self.phones["bob"]

    @property
    def carol(self) -> Phone:
        return self.phones["carol"]

    @property
    def dave(self) -> Phone:
        return self.phones["dave"]

    def mark(self, name: str, seconds: float = _SECONDS) -> bool:
        """Have the server say in its log that all before this is done; False if it is not up."""
        port = self._control.port
        self._control.send(
            "OPTIONS sip:compat-end@127.0.0.1 SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK-end-{name}\r\n"
            f"From: <sip:end@a.example>;tag=e\r\nTo: <sip:end@a.example>\r\nCall-ID: {name}\r\n"
            "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
        )
        try:
            while f"Call-ID: {name}\r\n" not in self._control.wait("200", seconds=seconds).text:
                pass
        except Missing:
            return False
        return True

    def run(self, flow: Flow) -> str:
        """Play a flow; what each phone got."""
        self.sent.clear()
        self.past.add(self.call)
        self.call = flow.name
        for phone in self.phones.values():
            phone.drain()
            phone.got.clear()
        missing = ""
        try:
            flow.play(self)
        except Missing as error:
            missing = f"!! {error}\n"
        self.mark(flow.name)
        for phone in self.phones.values():
            phone.drain()
        return missing + "\n".join(
            f"--- {name}\n{self._plain(text)}"
            for name, phone in self.phones.items()
            for text in phone.got
        )

    def _plain(self, text: str) -> str:
        return normalise(text, sent="".join(self.sent), ports=self.ports)


def play_all(
    command: Sequence[str], script: str, flows: Sequence[Flow], folder: Path
) -> dict[str, str]:
    """Play flows against one server on one script; the transcripts, log included, by name."""
    with Network() as network:
        text = script.replace("{end}", _END)
        ready = lambda: network.mark("ready", 0.05)  # noqa: E731
        with running(command, text, folder, network.ports, ready):
            seen = {flow.name: network.run(flow) for flow in flows}
        logs = _split((folder / "log").read_text(errors="surrogateescape"))
        return {
            name: "\n".join([*(f"@@ {network._plain(line)}" for line in logs.get(name, ())), text])
            for name, text in seen.items()
        }


def _split(log: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in log.split("\n"):
        _, mark, told = line.partition(_MARK)
        if not mark:
            continue
        if told.startswith("compat-end "):
            found[told.removeprefix("compat-end ").strip()] = lines
            lines = []
        else:
            lines.append(told.rstrip())
    return found
