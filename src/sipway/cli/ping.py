"""``sipway ping``: one request to a SIP server over UDP, and what comes back.

A client of a few lines, in the standard library only, so that a newcomer needs no other
program. It retransmits as RFC 3261 section 17.1 says and acknowledges a final answer to an
INVITE, but keeps no dialog.
"""

from __future__ import annotations

import re
import secrets
import socket
import sys
import time
from collections.abc import Iterator
from typing import Final

from sipway import __version__
from sipway.cli import status, terminal
from sipway.language.record import Record

_T1: Final = 0.5
_T2: Final = 4.0
"""Seconds; RFC 3261 table 4."""

_TOKEN: Final = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+\Z")
_TARGET: Final = re.compile(
    r"(?:(?P<scheme>udp|sip):)?(?:(?P<user>[^@;?]+)@)?"
    r"(?P<host>\[[0-9a-fA-F:.]+\]|[^\s:@;?\[\]]+)(?::(?P<port>\d{1,5}))?\Z"
)
_NOT_SENT: Final = ("ACK", "CANCEL")
"""Requests that are no transaction of their own."""


class TargetError(ValueError):
    """What was asked for cannot be sent; the text says why."""


class Request(Record):
    """A request about to be sent: where to, and what identifies it."""

    method: str
    uri: str
    host: str
    port: int
    branch: str
    call_id: str
    tag: str

    @classmethod
    def to(cls, target: str, method: str) -> Request:
        """To ``udp:HOST:PORT`` or ``sip:USER@HOST:PORT``. Raises TargetError."""
        found = _TARGET.match(target)
        if found is None or int(found["port"] or 5060) > 65535:
            raise TargetError(
                f"{target!r} is neither udp:IP:PORT nor a URI such as sip:alice@127.0.0.1:5060"
            )
        method = method.upper()
        if not _TOKEN.match(method) or method in _NOT_SENT:
            raise TargetError(f"{method!r} is no method to send by itself")
        user = f"{found['user']}@" if found["user"] else ""
        port = f":{found['port']}" if found["port"] else ""
        return cls(
            method=method,
            uri=f"sip:{user}{found['host']}{port}",
            host=found["host"].strip("[]"),
            port=int(found["port"] or 5060),
            branch="z9hG4bK" + secrets.token_hex(8),
            call_id=secrets.token_hex(8),
            tag=secrets.token_hex(4),
        )

    def build(self, local: str) -> bytes:
        """The request on the wire; ``local`` is our own ``IP:PORT``."""
        return self._build(self.method, local, f"<{self.uri}>")

    def build_ack(self, local: str, to: str) -> bytes:
        """The ACK for a final answer that is no 2xx (RFC 3261 section 17.1.1.3)."""
        return self._build("ACK", local, to)

    def _build(self, method: str, local: str, to: str) -> bytes:
        lines = [
            f"{method} {self.uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {local};branch={self.branch};rport",
            "Max-Forwards: 70",
            f"From: <sip:ping@{local}>;tag={self.tag}",
            f"To: {to}",
            f"Call-ID: {self.call_id}@sipway",
            f"CSeq: 1 {method}",
        ]
        if method != "ACK":
            lines += [f"Contact: <sip:ping@{local}>", f"User-Agent: sipway/{__version__}"]
        lines += ["Content-Length: 0", "", ""]
        return "\r\n".join(lines).encode()


def ping(target: str, *, method: str, timeout: float, verbose: bool) -> int:
    """Send the request, print the answers; returns the exit status."""
    try:
        request = Request.to(target, method)
        endpoint = _open(request)
    except (TargetError, OSError) as error:
        print(f"sipway ping: {error}", file=sys.stderr)
        return status.USAGE
    with endpoint:
        local = _local(endpoint)
        out = request.build(local)
        if verbose:
            _show(out)
        started = time.monotonic()
        try:
            for answer in _exchange(endpoint, out, request, timeout):
                elapsed = (time.monotonic() - started) * 1000
                _report(answer, elapsed, verbose=verbose)
                if _code(answer) >= 200:
                    if request.method == "INVITE" and _code(answer) >= 300:
                        endpoint.send(request.build_ack(local, _header(answer, "To", "t")))
                    return status.OK
        except ConnectionRefusedError:
            reason = "nobody listens there (the port is closed)"
        except OSError as error:
            reason = error.strerror or str(error)
        else:
            reason = f"no final answer within {timeout:g} s"
    print(f"sipway ping: {target}: {reason}", file=sys.stderr)
    return status.FAILED


def _open(request: Request) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        request.host, request.port, type=socket.SOCK_DGRAM
    )[0]
    endpoint = socket.socket(family, kind, protocol)
    endpoint.connect(address)  # so that a closed port is reported, and strangers are not heard
    return endpoint


def _local(endpoint: socket.socket) -> str:
    host, port = endpoint.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _exchange(
    endpoint: socket.socket, out: bytes, request: Request, timeout: float
) -> Iterator[bytes]:
    """Answers to ``out`` as they come, up to ``timeout`` seconds."""
    ends = time.monotonic() + timeout
    interval = _T1
    answered = False
    while (now := time.monotonic()) < ends:
        if not answered:
            endpoint.send(out)
        again = min(now + interval, ends)
        while (left := again - time.monotonic()) > 0:
            endpoint.settimeout(left)
            try:
                datagram = endpoint.recv(65_536)
            except TimeoutError:
                break
            if datagram.startswith(b"SIP/2.0 ") and request.branch.encode() in datagram:
                # A provisional answer stops the retransmission of an INVITE, and slows others.
                answered = request.method == "INVITE"
                yield datagram
        interval = min(interval * 2, _T2)


def _report(answer: bytes, elapsed: float, *, verbose: bool) -> None:
    if verbose:
        _show(answer)
    style = terminal.Style(colour=terminal.wants_colour(sys.stdout))
    code = _code(answer)
    paint = "green" if code < 300 else "yellow" if code < 400 else "red"
    first = _printable(answer.split(b"\r\n", 1)[0])
    print(f"{style(first, 'bold', paint)}   after {elapsed:.1f} ms", flush=True)


def _show(message: bytes) -> None:
    print(f"{_printable(message).rstrip()}\n", flush=True)


def _printable(message: bytes) -> str:
    """As text, without what would drive the terminal."""
    text = message.decode("utf-8", "replace").replace("\r\n", "\n")
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)


def _code(answer: bytes) -> int:
    digits = answer[8:11]
    return int(digits) if digits.isdigit() else 0


def _header(answer: bytes, *names: str) -> str:
    """The value of the first header of that name; an empty text when there is none."""
    for line in answer.decode("utf-8", "replace").split("\r\n")[1:]:
        name, colon, value = line.partition(":")
        if not line:
            break
        if colon and name.strip().lower() in (wanted.lower() for wanted in names):
            return value.strip()
    return ""
