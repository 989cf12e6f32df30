"""An Engine on a script that relays, without sockets and with a clock set by hand."""

from __future__ import annotations

from collections.abc import Coroutine
from math import inf
from typing import Any

from sipway.core.engine import Engine
from sipway.core.log import Log
from sipway.core.sockets import ListenSocket
from sipway.sip.addresses import sockaddr
from sipway.sip.message import Message, parse
from sipway.tx.layer import Layer
from tests.fakes import LogInMemory, request
from tests.simulation.script import program_of

CALLER = sockaddr("192.0.2.1", 5070)
BOB = sockaddr("192.0.2.2", 5060)
CAROL = sockaddr("192.0.2.3", 5060)
MODULES = ("tm", "sl", "rr", "maxfwd", "pv", "xlog", "textops", "corex", "simwait")

RELAY = """
request_route {
    if (is_method("CANCEL")) {
        if (t_check_trans()) t_relay();
        exit;
    }
    t_check_trans();
    t_on_failure("FAILED");
    t_on_reply("ANSWER");
    if ($rU == "fork") {
        $ru = "sip:bob@192.0.2.2";
        append_branch("sip:carol@192.0.2.3");
    }
    if (!t_relay()) sl_reply_error();
    exit;
}
onreply_route[ANSWER] { $avp(last) = $rs; }
failure_route[FAILED] { $avp(failed) = 1; }
"""


class Proxy:
    """What comes in by `receive`, what goes out by its results; `now` is seconds since 0."""

    def __init__(
        self,
        script: str = RELAY,
        log: Log | None = None,
        now: float = 1000.0,
        modules: tuple[str, ...] = MODULES,
    ) -> None:
        self.text = "".join(f'loadmodule "{name}.so"\n' for name in modules) + script
        self.log = log or LogInMemory()
        self.socket = ListenSocket("udp", "192.0.2.9", 5060)
        self.layer = Layer()
        self.now = now
        self.waiting: list[Coroutine[Any, Any, Any]] = []
        program = program_of(self.text, self.socket, self.layer, self.log)
        self.engine = Engine(program, self._spawn, lambda: self.now)

    def _spawn(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        coroutine.send(None)
        self.waiting.append(coroutine)

    def resume(self, number: int = 0) -> list[Message]:
        """Let go on what waits, up to its next wait or its end."""
        coroutine = self.waiting.pop(number)
        try:
            coroutine.send(None)
        except StopIteration:
            pass
        else:
            self.waiting.insert(number, coroutine)
        return self.sent()

    def sent(self) -> list[Message]:
        found, self.socket.outgoing = self.socket.outgoing, []
        self.destinations = [destination for _, destination in found]
        return [parse(data) for data, _ in found]

    def receive(self, *datagrams: bytes, source: bytes = CALLER) -> list[Message]:
        self.engine.receive([(each, source) for each in datagrams], self.socket, self.now)
        return self.sent()

    def what(self, *datagrams: bytes, source: bytes = CALLER) -> list[str]:
        return [name(each) for each in self.receive(*datagrams, source=source)]

    def wait(self, seconds: float) -> list[Message]:
        """Let time pass; what was sent meanwhile."""
        end = self.now + seconds
        found = []
        while (due := self.engine.next_deadline()) <= end:
            self.now = max(self.now, due)
            self.engine.expire(self.now)
            found += self.sent()
        self.now = end
        return found

    def wait_for(self, seconds: float) -> list[str]:
        return [name(each) for each in self.wait(seconds)]

    def invite(self, uri: str = "sip:bob@192.0.2.2", **more: str) -> list[Message]:
        """An INVITE comes in; what is sent on for it."""
        return [each for each in self.receive(invite(uri, **more)) if each.is_request]

    def is_empty(self) -> bool:
        """Whether nothing is left of any transaction."""
        return len(self.layer) == 0 and self.engine.next_deadline() == inf and not self.waiting

    def ends(self) -> bool:
        """Whether nothing is left when all timers have run out."""
        self.wait(400.0)
        return self.is_empty()


def name(message: Message) -> str:
    """The method, or status and method."""
    return message.method if message.is_request else f"{message.status} {message.method}"


def invite(uri: str = "sip:bob@192.0.2.2", **more: str) -> bytes:
    return request("INVITE", uri, **more)


def answer(sent: Message, status: int, *, tag: str = "b1", reason: str = "Because") -> bytes:
    """The reply of a phone to a request that was sent to it."""
    lines = [
        sent.data[slice(*sent.line(index))]
        for header in ("Via", "From", "Call-ID", "CSeq")
        for index in sent.indexes_named(header)
    ]
    lines.append(f"To: <sip:bob@callee.example>;tag={tag}\r\n".encode())
    return b"SIP/2.0 %d %b\r\n%bContent-Length: 0\r\n\r\n" % (
        status,
        reason.encode(),
        b"".join(lines),
    )
