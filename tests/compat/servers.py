"""Servers under test: a process on a free port, and a client that talks to it."""

from __future__ import annotations

import contextlib
import os
import re
import select
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import sipway
from tests.compat.case import Case, Suite, request, write_files
from tests.ports import HOST, free_port

_START_SECONDS: Final = 30.0
_PROBE_SECONDS: Final = 0.05
_ANSWER_SECONDS: Final = 3.0
_STOP_SECONDS: Final = 5.0
_END: Final = "compat-end"
_MARK: Final = "@@ "
_LINE_HEAD: Final = re.compile(r" ?\d+\(\d+\) [A-Z]+\d?: ")


class StartError(Exception):
    """The server did not come up on the script; the text is what it said."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one server made of one case: the log lines of the script, the replies on the wire."""

    log: tuple[str, ...]
    replies: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join([*(f"@@ {line}" for line in self.log), *self.replies]) or "(nothing)"


def kamailio_command() -> list[str] | None:
    path = shutil.which("kamailio")
    # The allocators with which a rebuilt Kamailio is usually run; they change no behaviour.
    return [path, "-X", "tlsf", "-x", "tlsf"] if path else None


def sipway_command() -> list[str]:
    """The command from $SIPWAY_COMMAND, or this interpreter's sipway."""
    return shlex.split(os.environ.get("SIPWAY_COMMAND", "")) or [sys.executable, "-m", "sipway"]


# Suites about modules without a compiled file, by how their names begin: what both builds have in
# common is played by all others.
_PLAIN: Final = (
    "accounting", "aliases", "auth", "avpops_database", "dispatcher", "domains", "nat",
    "permissions", "pike", "pipelimit", "ratelimit", "secfilter", "short_numbers", "sqlops",
    "tables", "users",
)  # fmt: skip


def sipway_commands(suite: str = "") -> dict[str, list[str]]:
    """How sipway is started, by build: one run against Kamailio is enough for both of them."""
    command = sipway_command()
    if not sipway.BUILD.compiled or suite.startswith(_PLAIN):
        return {"sipway": command}
    return {"sipway": command, "sipway-uncompiled": ["env", "SIPWAY_PURE=1", *command]}


def run_suite(command: Sequence[str], suite: Suite, folder: Path) -> dict[str, Outcome]:
    """Send all cases of the suite to one server; the outcomes by name of the case.

    StartError when the server refuses the script.
    """
    log_file = folder / "log"
    write_files(suite.files, folder)
    with _Client() as client:
        with _running(command, suite.script, folder, client) as port:
            replies = {case.name: client.run(case, port) for case in suite.cases}
        logs = _split_log(log_file.read_text(errors="surrogateescape"))
        return {
            case.name: Outcome(
                tuple(_plain(line, case, client.ports(port)) for line in logs.get(case.name, ())),
                tuple(_plain(reply, case, client.ports(port)) for reply in replies[case.name]),
            )
            for case in suite.cases
        }


@contextmanager
def _running(command: Sequence[str], script: str, folder: Path, client: _Client) -> Iterator[int]:
    port = free_port()
    ports = client.ports(port)
    with running(command, script, folder, ports, lambda: client.is_ready(port)):
        yield port


@contextmanager
def running(
    command: Sequence[str],
    script: str,
    folder: Path,
    ports: Mapping[str, int],
    is_ready: Callable[[], bool],
) -> Iterator[None]:
    """A server on a script, listening on the port called `server`; its log is `folder/log`.

    `{folder}` in the script is that folder.

    `is_ready` asks it something and waits a moment for the answer. StartError when it does not
    come up.
    """
    script_file = folder / "script.cfg"
    script_file.write_text(with_ports(script, ports).replace("{folder}", str(folder)))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                *command,
                *("-f", str(script_file)),
                *("-DD", "-E"),
                *("-l", f"udp:{HOST}:{ports['server']}"),
                *("-Y", str(folder), "-P", str(folder / "pid")),
            ],
            stdout=subprocess.DEVNULL,
            stderr=log,
            start_new_session=True,
        )
    try:
        _wait_until_ready(process, is_ready, folder / "log")
        yield
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
        # Kamailio's first process may hang when it ends, and leave the others to themselves.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_until_ready(
    process: subprocess.Popen[bytes], is_ready: Callable[[], bool], log: Path
) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise StartError(log.read_text(errors="replace")[-4000:])
        if is_ready():
            return
    raise StartError(f"no answer in {_START_SECONDS:g} s\n{log.read_text(errors='replace')}")


def with_ports(text: str, ports: Mapping[str, int]) -> str:
    """The text with ports in place of names in braces."""
    for name, number in ports.items():
        text = text.replace(f"{{{name}}}", str(number))
    return text


class _Client:
    """Three sockets: all is sent from the first; the others are where messages may go instead."""

    def __enter__(self) -> Self:
        self._main, self._other = (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)
        )
        for each in (self._main, self._other):
            each.bind((HOST, 0))
        self._six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        self._six.bind(("::1", 0))
        self._second = free_port()
        self._names = {self._other: "other", self._six: "six"}
        return self

    def __exit__(self, *_: object) -> None:
        for each in (self._main, self._other, self._six):
            each.close()

    def ports(self, server: int) -> dict[str, int]:
        """By the names that stand for them in scripts and datagrams (see `Case`)."""
        return {
            "server": server,
            "second": self._second,
            "client": self._main.getsockname()[1],
            "other": self._other.getsockname()[1],
            "six": self._six.getsockname()[1],
        }

    def is_ready(self, port: int) -> bool:
        self._send(_end_request("ready"), port)
        return any(_is_end_of("ready", each) for each in self._receive(_PROBE_SECONDS))

    def run(self, case: Case, port: int) -> list[str]:
        """Send the case, then the end marker; the replies that came before its answer."""
        for datagram in case.datagrams:
            self._send(datagram, port)
        replies: list[str] = []
        deadline = time.monotonic() + _ANSWER_SECONDS
        while case.waits and not replies and (left := deadline - time.monotonic()) > 0:
            replies = [each for each in self._receive(left) if not _is_end_of("ready", each)]
        self._send(_end_request(case.name), port)
        while (left := deadline - time.monotonic()) > 0:
            for reply in self._receive(left):
                if _is_end_of(case.name, reply):
                    # What the server sent elsewhere before this is there by now as well.
                    while more := self._receive(0):
                        replies += more
                    kept = [each for each in replies if not _is_end_of("ready", each)]
                    # Which of two sockets was read first means nothing.
                    return sorted(kept, key=lambda each: each.startswith("(to the "))
                replies.append(reply)
        pytest_message = f"{case.name}: no answer to the end marker; so far {replies}"
        raise TimeoutError(pytest_message)

    def _send(self, datagram: bytes, port: int) -> None:
        for name, number in self.ports(port).items():
            datagram = datagram.replace(b"{%s}" % name.encode(), str(number).encode())
        self._main.sendto(datagram, (HOST, port))

    def _receive(self, seconds: float) -> list[str]:
        ready, _, _ = select.select([self._other, self._six, self._main], [], [], seconds)
        replies = []
        for each in ready:
            data, source = each.recvfrom(65535)
            text = data.decode(errors="surrogateescape")
            if source[1] == self._second:
                text = f"(from the second socket)\r\n{text}"
            if each is not self._main:
                text = f"(to the {self._names[each]} port)\r\n{text}"
            replies.append(text)
        return replies


def _end_request(name: str) -> bytes:
    return request(user=_END, call_id=f"{_END}-{name}")


def _is_end_of(name: str, reply: str) -> bool:
    return f"\r\nCall-ID: {_END}-{name}\r\n" in reply


def _split_log(text: str) -> dict[str, list[str]]:
    """The marked lines of each case: those between the end of the case before and its own.

    What follows a marked line without a head of its own belongs to it: a value of several lines.
    """
    cases: dict[str, list[str]] = {}
    lines: list[str] = []
    marked = False
    for line in text.split("\n"):
        _, mark, told = line.partition(_MARK)
        if not mark:
            marked = marked and _LINE_HEAD.match(line) is None
            if marked and lines:
                lines[-1] += f"\n{line}"
            continue
        marked = True
        if told.startswith(f"{_END} "):
            name = told.removeprefix(f"{_END} {_END}-")
            cases[name] = [each.rstrip("\r\n") for each in lines]
            lines = []
        else:
            lines.append(told)
    return cases


def _plain(text: str, case: Case, ports: dict[str, int]) -> str:
    from tests.compat.normalise import normalise

    return normalise(text, sent=b"".join(case.datagrams).decode(errors="replace"), ports=ports)
