"""Calls among several phones through one server, and what each phone and the log saw of them.

A module of `flows/` has a `SCRIPT`, in which `{end}` stands for what the harness needs at the head
of request_route and `{alice}`, `{bob}`, `{carol}`, `{dave}`, `{server}` for ports, `{second}` for
one that the script may listen on besides, and a list `FLOWS`; in texts of its `FILES` they stand
for the same. A flow is played once against Kamailio and once against sipway; the two transcripts
must be equal. Of the log they have what stands behind `@@ `, and lines with one of the `MARKS` of
the module from there on. `AFTER` of a module makes of the folder what else counts, by the names of
flows.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Self, TypeAlias

from tests.compat.case import Files, write_files
from tests.compat.normalise import normalise
from tests.compat.servers import running, with_ports
from tests.compat.speaker import SECONDS, Around, Incoming, Missing, Speaker
from tests.ports import HOST, free_port

__all__ = ["NAMES", "After", "Flow", "Incoming", "Missing", "Network", "Phone", "play_all"]

NAMES: Final = ("alice", "bob", "carol", "dave")
After: TypeAlias = Callable[[Path], Mapping[str, Sequence[str]]]
"""Makes of the folder of a server that has ended lines for each flow, by name."""

_MARK: Final = "@@ "
THROUGH: Final = "-through"
"""How a mark is called that ends nothing: it only proves that the server is so far."""
_END: Final = (
    'if ($rU == "compat-end") { xlog("L_NOTICE", "@@ compat-end $ci\\n");'
    ' sl_send_reply("200", "OK"); exit; }'
)


@dataclass(frozen=True, slots=True)
class Flow:
    """One thing to compare: what the phones do, and what it pins down."""

    name: str
    why: str
    play: Callable[[Any], None]
    """Is given the `Network`, or what else `NETWORK` of its module says."""


class Phone(Speaker):
    """A UDP socket with a name; one on a port of the system's choice if none is given."""

    transport = "UDP"

    def __init__(self, name: str, network: Around, bound: socket.socket | None = None) -> None:
        super().__init__(name, network)
        if bound is None:
            bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            bound.bind((HOST, 0))
        self._socket = bound
        self.port: int = self._socket.getsockname()[1]

    def close(self) -> None:
        self._socket.close()

    def fileno(self) -> int:
        return self._socket.fileno()

    def _transmit(self, data: bytes) -> None:
        self._socket.sendto(data, (HOST, self.network.ports["server"]))

    def _receive(self, seconds: float) -> Incoming | None:
        while select.select([self], [], [], seconds)[0]:
            text = self._socket.recv(65535).decode()
            message = Incoming(text)
            if message.value("Call-ID") in self.network.past:
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
        self.ports["second"] = free_port()
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

    def mark(self, name: str, seconds: float = SECONDS) -> bool:
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
        self._begin()
        missing = ""
        try:
            flow.play(self)
        except Missing as error:
            missing = f"!! {error}\n"
        self.mark(flow.name)
        for phone in self.phones.values():
            phone.drain()
        return missing + "\n".join(
            f"--- {name}\n{self.plain(text)}"
            for name, phone in self.phones.items()
            for text in phone.got
        )

    def _begin(self) -> None:
        for phone in self.phones.values():
            phone.drain()
            phone.got.clear()

    def plain(self, text: str, flow: str = "") -> str:
        """A text without what differs between servers; of that flow, else of the present one."""
        del flow
        return normalise(text, sent="".join(self.sent), ports=self.ports)


def play_all(
    command: Sequence[str],
    script: str,
    flows: Sequence[Flow],
    folder: Path,
    network: Callable[[], Network] = Network,
    marks: Sequence[str] = (),
    after: After = lambda _: {},
    files: Files = MappingProxyType({}),
) -> dict[str, str]:
    """Play flows against one server on one script; the transcripts, log included, by name.

    `marks`: with what lines of the log that count begin, besides those of the script. `after`:
    what lines count besides, when the server has ended. `files` lie beside the script.
    """
    with network() as net:
        for name, content in files.items():
            text = with_ports(content, net.ports) if isinstance(content, str) else content
            write_files({name: text}, folder)
        whole = script.replace("{end}", _END)
        ready = lambda: net.mark("ready", 0.05)  # noqa: E731
        with running(command, whole, folder, net.ports, ready):
            seen = {flow.name: net.run(flow) for flow in flows}
        logs = _split((folder / "log").read_text(errors="surrogateescape"), marks)
        kept = after(folder)
        return {
            name: "\n".join(
                [
                    *(f"@@ {net.plain(line, name)}" for line in logs.get(name, ())),
                    *(f"== {net.plain(line, name)}" for line in kept.get(name, ())),
                    text,
                ]
            )
            for name, text in seen.items()
        }


def _split(log: str, marks: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in log.split("\n"):
        _, mark, told = line.partition(_MARK)
        if not mark:
            lines += [line[line.index(each) :].rstrip() for each in marks if each in line]
            continue
        if told.startswith("compat-end "):
            name = told.removeprefix("compat-end ").strip()
            if not name.endswith(THROUGH):
                found[name] = lines
                lines = []
        else:
            lines.append(told.rstrip())
    return found
