"""One end of a call: the requests and answers that it says, and what it hears.

How the bytes travel is said by its kinds: `flow.Phone` over UDP, `lines.Line` over TCP.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Protocol

from tests.compat.servers import with_ports

SECONDS: Final = 5.0
_HEAD: Final = re.compile(r"^(SIP/2\.0 (\d{3})[^\r\n]*|(\w+) [^\r\n]* SIP/2\.0)\r\n")


class Around(Protocol):
    """What a speaker knows of the network.

    sent   all that was said, ports filled in
    call   the Call-ID of the flow
    past   those of flows before it
    ports  by the names that stand for them
    """

    sent: list[str]
    call: str
    past: set[str]
    ports: dict[str, int]


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


class Speaker:
    """Says and hears; all that comes in is kept in `got`."""

    transport: ClassVar[str]

    def __init__(self, name: str, network: Around) -> None:
        self.name = name
        self.network = network
        self.got: list[str] = []

    @property
    def contact(self) -> str:
        return f"sip:{self.name}@127.0.0.1:{{{self.name}}}"

    def send(self, text: str) -> None:
        """Send to the server; names in braces become ports."""
        data = with_ports(text, self.network.ports).encode()
        self.network.sent.append(data.decode())
        self._transmit(data)

    def _transmit(self, data: bytes) -> None:
        raise NotImplementedError

    def _receive(self, seconds: float) -> Incoming | None:
        """The next message, or None if none comes in that time."""
        raise NotImplementedError

    def compose(
        self,
        method: str,
        uri: str = "sip:bob@127.0.0.1:{bob}",
        *,
        number: int = 1,
        branch: str = "",
        via: str = "",
        to: str = "",
        extra: str = "",
        body: str = "",
        call: str | None = None,
        tag: str | None = None,
        cseq: str | None = None,
        sender: str = "",
    ) -> str:
        """A request of our own.

        `extra` are complete header lines, `via` parameters of the Via, `sender` is a From.
        """
        call = call or self.network.call
        branch = branch or f"z9hG4bK-{self.name}-{call}-{number}"
        to = to or "<sip:bob@callee.example>"
        own = f"<sip:{self.name}@caller.example>;tag={tag or f'{self.name}-tag'}"
        return (
            f"{method} {uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/{self.transport} 127.0.0.1:{{{self.name}}};branch={branch}{via}\r\n"
            f"From: {sender or own}\r\nTo: {to}\r\nCall-ID: {call}\r\n"
            f"CSeq: {cseq or f'{number} {method}'}\r\n"
            f"Max-Forwards: 70\r\nContact: <{self.contact}>\r\n"
            f"{extra}Content-Length: {len(body)}\r\n\r\n{body}"
        )

    def request(self, *args: Any, **more: Any) -> None:
        """Send what `compose()` makes of this."""
        self.send(self.compose(*args, **more))

    def answer(
        self,
        request: Incoming,
        status: int,
        reason: str = "Whatever",
        *,
        extra: str = "",
        tag: str | None = None,
        body: str = "",
        without_length: bool = False,
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
        length = "" if without_length else f"Content-Length: {len(body)}\r\n"
        self.send(
            f"SIP/2.0 {status} {reason}\r\n{lines}"
            f"Contact: <{self.contact}>\r\n"
            f"{extra}{length}\r\n{body}"
        )

    def wait(self, *wanted: str, seconds: float = SECONDS) -> Incoming:
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
