"""A script in an Engine with a clock of its own: requests in, what is sent out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sipway.core.engine import Engine
from sipway.core.loader import ModuleCatalog, load_program
from sipway.core.settings import Settings
from sipway.core.sockets import ListenSocket
from sipway.language import compile_script
from sipway.language.diagnostics import Diagnostics
from sipway.language.parser import parse
from sipway.language.source import SourceFile
from sipway.sip.addresses import ip_text, sockaddr
from tests.fakes import LogInMemory, request
from tests.storage import stored

ALICE = sockaddr("192.0.2.1", 5070)
BOB = sockaddr("192.0.2.2", 5060)
CAROL = sockaddr("192.0.2.3", 5060)
TO_BOB = '$ru = "sip:bob@192.0.2.2";'
TO_CAROL = '"sip:carol@192.0.2.3"'
_MODULES = ("tm", "tmx", "sl", "xlog", "pv", "kex", "corex", "textops")
_PREFIX = "<script>: "
_catalog = ModuleCatalog()


@dataclass(frozen=True)
class Sent:
    """A datagram that left."""

    text: str
    to: str

    @property
    def what(self) -> str:
        """The status, or the method."""
        first = self.text.split(" ", 2)
        return first[1] if first[0] == "SIP/2.0" else first[0]

    def header(self, name: str) -> str | None:
        match = re.search(rf"(?im)^{name}: ([^\r\n]*)", self.text)
        return match[1] if match else None


def check(script: str, *, hints: bool = False) -> list[str]:
    """What the check of a script says, with its hints if they are wanted."""
    diagnostics = Diagnostics()
    parsed = parse(SourceFile("test.cfg", _loaded(script)))
    diagnostics.extend(parsed.diagnostics)
    compile_script(parsed, _catalog, diagnostics)
    found = diagnostics.sorted()
    return [f"{each.message}: {each.hint}" if hints else each.message for each in found]


def _loaded(script: str) -> str:
    return "".join(f'loadmodule "{name}.so"\n' for name in _MODULES) + script


class Calls:
    """One server; `now` moves by `wait`. What `others` of its sockets send is left in them."""

    def __init__(self, script: str, others: tuple[ListenSocket, ...] = ()) -> None:
        diagnostics = Diagnostics()
        parsed = parse(SourceFile("test.cfg", _loaded(script)))
        diagnostics.extend(parsed.diagnostics)
        compiled = compile_script(parsed, _catalog, diagnostics)
        assert compiled is not None, [each.message for each in diagnostics.sorted()]
        assert not diagnostics.errors, [each.message for each in diagnostics.sorted()]
        compiled = stored(compiled, _catalog)
        self.log = LogInMemory()
        self.log.level = 1
        self.socket = ListenSocket("udp", "192.0.2.9", 5060)
        settings = Settings.from_items(compiled.parameters)
        sockets = (self.socket, *others)
        self.program = load_program(compiled, _catalog, settings, self.log, sockets)
        self.engine = Engine(self.program)
        self.now = 1_795_483_209.0

    @property
    def lines(self) -> list[str]:
        """What the script has logged since the last time, without what errors say."""
        found = [text for _, text in self.log.written if text.startswith(_PREFIX)]
        self.log.written.clear()
        return [text.removeprefix(_PREFIX).rstrip("\n") for text in found]

    def receive(self, data: bytes | str, source: bytes = ALICE) -> list[Sent]:
        raw = data.encode() if isinstance(data, str) else data
        self.engine.receive([(raw, source)], self.socket, self.now)
        return self._sent()

    def invite(self, method: str = "INVITE", **more: str) -> list[Sent]:
        return self.receive(request(method, **more))

    def answer(
        self, sent: Sent, status: int, reason: str = "Whatever", *, extra: str = ""
    ) -> list[Sent]:
        """Have whom it was sent to answer a request."""
        lines = [
            line for line in sent.text.split("\r\n")
            if line.lower().startswith(("via:", "from:", "to:", "call-id:", "cseq:"))
        ]  # fmt: skip
        copied = "\r\n".join(
            f"{line};tag=b" if line.lower().startswith("to:") and ";tag=" not in line else line
            for line in lines
        )
        text = f"SIP/2.0 {status} {reason}\r\n{copied}\r\n{extra}Content-Length: 0\r\n\r\n"
        return self.receive(text, sockaddr(sent.to, 5060))

    def wait(self, seconds: float) -> list[Sent]:
        """Let time pass; what is sent meanwhile."""
        end = self.now + seconds
        found = []
        while (deadline := self.engine.next_deadline()) <= end:
            self.now = max(self.now, deadline)
            self.engine.expire(self.now)
            found += self._sent()
        self.now = end
        return found

    def _sent(self) -> list[Sent]:
        found = [Sent(data.decode(), ip_text(to)) for data, to in self.socket.outgoing]
        self.socket.outgoing.clear()
        return found


def whats(sent: list[Sent]) -> list[str]:
    return [each.what for each in sent]


def only(sent: list[Sent], what: str) -> Sent:
    """The one message of this kind among others."""
    (found,) = [each for each in sent if each.what == what]
    return found
