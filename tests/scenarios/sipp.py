"""sipp, a program that tests SIP servers: callers and callees as the scenarios in calls/ say."""

from __future__ import annotations

import contextlib
import csv
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.ports import free_port

_CALLS: Final = Path(__file__).parent / "calls"
_PATIENCE: Final = 30
_TABLES: Final = {"u1": ("udp", "udp6"), "t1": ("tcp", "tcp6")}
_LISTENS: Final = {"u1": "07", "t1": "0A"}  # what the kernel's tables call a socket that listens


class SippFailed(AssertionError):  # noqa: N818 - what pytest is to show
    """A call did not go as written; the text is what sipp said."""


@dataclass(slots=True)
class Sipp:
    """One sipp that runs a scenario: `port` is the one that it speaks from."""

    name: str
    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    def finish(self) -> None:
        """Wait for the last call. It exits with 0 only if every call went as written."""
        status = self.process.wait(_PATIENCE + 5)
        if status != 0:
            raise SippFailed(f"{self.name} ended with {status}\n{self._story()}")

    def retransmissions(self) -> int:
        """How many messages it has sent once more."""
        with (self.folder / "statistics.csv").open() as file:
            *_, last = csv.DictReader(file, delimiter=";")
        return int(last["Retransmissions(C)"])

    def _story(self) -> str:
        """What went wrong first, as sipp tells it, and how far the calls got."""
        errors, output = (
            path.read_text("utf-8", "replace") if path.exists() else ""
            for path in (self.folder / "errors", self.folder / "output")
        )
        table = re.search(r"(?s)\n +Messages  Retrans.*?\n-----", output)
        return errors[:2000] + (table[0] if table else output[-2000:])


@contextlib.contextmanager
def sipp(
    scenario: str,
    folder: Path,
    *more: str,
    to: str = "",
    ip: str = "127.0.0.1",
    port: int | None = None,
    transport: str = "u1",
    calls: int = 10,
) -> Iterator[Sipp]:
    """Run a scenario of calls/ for so many calls: a caller if it is said whom to send to.

    It is ended, if it still runs, when the block ends. A callee listens when the block begins.
    """
    port = free_port() if port is None else port
    folder = folder / f"{scenario}-{port}"
    folder.mkdir()
    command = ["sipp", *([to] if to else []), "-sf", str(_CALLS / f"{scenario}.xml")]
    command += ["-i", ip, "-p", str(port), "-bind_local", "-t", transport, "-m", str(calls)]
    command += ["-default_behaviors", "abortunexp", "-r", "50", "-l", str(calls), "-nostdin"]
    command += [
        "-max_socket",
        "100",
        "-timeout",
        str(_PATIENCE),
        "-timeout_error",
        "-trace_err",
        "-error_file",
        "errors",
    ]
    command += [
        "-trace_msg",
        "-message_file",
        "messages",
        "-trace_stat",
        "-stf",
        "statistics.csv",
        *more,
    ]
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        if not to:
            _wait_until_bound(process, port, transport)
        yield Sipp(scenario, port, folder, process)
    finally:
        process.kill()
        process.wait()


def _wait_until_bound(process: subprocess.Popen[bytes], port: int, transport: str) -> None:
    """Wait until somebody listens on the port, as the kernel's tables of sockets tell."""
    wanted = re.compile(rf"(?m)^ *\d+: [0-9A-F]+:{port:04X} \S+ {_LISTENS[transport]} ")
    ends = time.monotonic() + _PATIENCE
    tables = [Path("/proc/net") / each for each in _TABLES[transport]]
    while not any(wanted.search(each.read_text()) for each in tables if each.exists()):
        if process.poll() is not None:
            raise SippFailed(f"sipp ended with {process.returncode} before it listened")
        if time.monotonic() > ends:
            raise SippFailed(f"sipp does not listen on {port}")
        time.sleep(0.005)  # until the next look
