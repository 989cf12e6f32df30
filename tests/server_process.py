"""A SIP server in a process of its own, and a plain client to ask it something."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest

SIPWAY: Final = (sys.executable, "-m", "sipway")

needs_kamailio = pytest.mark.skipif(
    shutil.which("kamailio") is None, reason="kamailio is not installed"
)

_PATIENCE: Final = 15.0


def sipway_command(script: Path, port: int, *more: str) -> list[str]:
    return [*SIPWAY, "run", str(script), "-l", f"udp:127.0.0.1:{port}", *more]


def kamailio_command(script: Path, port: int, *more: str) -> list[str]:
    listen = ["-l", f"udp:127.0.0.1:{port}", "-a", "no"]
    light = ["-DD", "-E", "-n", "1", "-m", "16", "-M", "4", "-T"]
    return ["kamailio", "-f", str(script), *listen, *light, *more]


@contextlib.contextmanager
def running(command: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start ``command``, its output in ``log``; end it, with all its children, at the end."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def request(method: str, uri: str, *headers: str, to_tag: str = "", max_forwards: int = 70) -> str:
    """A request with all that RFC 3261 section 8.1.1 wants, and ``headers``."""
    tag = f";tag={to_tag}" if to_tag else ""
    lines = [
        f"{method} {uri} SIP/2.0",
        f"Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK{secrets.token_hex(6)};rport",
        f"Max-Forwards: {max_forwards}",
        "From: <sip:alice@example.org>;tag=a1",
        f"To: <{uri}>{tag}",
        f"Call-ID: {secrets.token_hex(6)}@example.org",
        f"CSeq: 1 {method}",
        "Contact: <sip:alice@127.0.0.1:9>",
        *headers,
        "Content-Length: 0",
    ]
    return "\r\n".join([*lines, "", ""])


def ask(port: int, message: str, server: subprocess.Popen[bytes] | None = None) -> str:
    """Send ``message`` to ``port``, again until somebody listens there; returns the reply."""
    ends = time.monotonic() + _PATIENCE
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect(("127.0.0.1", port))
        client.settimeout(0.5)
        while time.monotonic() < ends:
            if server is not None and server.poll() is not None:
                raise AssertionError(f"the server ended with status {server.returncode}")
            try:
                client.send(message.encode())
                return client.recv(65_536).decode()
            except ConnectionRefusedError:
                time.sleep(0.02)  # nobody listens yet; a closed port tells no more than that
            except TimeoutError:
                continue
    raise AssertionError(f"no reply within {_PATIENCE:g} s to\n{message}")


def hears_nothing(port: int, message: str, after: str) -> bool:
    """Whether ``message`` gets no reply: the first to arrive is that to ``after``."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect(("127.0.0.1", port))
        client.settimeout(_PATIENCE)
        client.send(message.encode())
        client.send(after.encode())
        wanted = header(after, "Call-ID")
        return header(client.recv(65_536).decode(), "Call-ID") == wanted


def status_line(reply: str) -> str:
    """``200 OK`` of ``SIP/2.0 200 OK``."""
    return reply.split("\r\n", 1)[0].removeprefix("SIP/2.0 ")


def header(message: str, name: str) -> str | None:
    """The value of the first header of that name."""
    for line in message.split("\r\n\r\n", 1)[0].split("\r\n")[1:]:
        found, _, value = line.partition(":")
        if found.strip().lower() == name.lower():
            return value.strip()
    return None
