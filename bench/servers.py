"""The servers that are measured: how each is started, found in /proc, and stopped."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

START_LIMIT: Final = 10.0
"""Seconds within which a server must answer."""

_STOP_LIMIT: Final = 5.0
_PROBE_INTERVAL: Final = 0.002
_TICKS: Final = os.sysconf("SC_CLK_TCK")

_PROBE: Final = (
    "OPTIONS sip:{target} SIP/2.0\r\n"
    "Via: SIP/2.0/UDP {local};branch=z9hG4bKprobe;rport\r\n"
    "Max-Forwards: 70\r\n"
    "From: <sip:probe@example.com>;tag=probe\r\n"
    "To: <sip:probe@example.com>\r\n"
    "Call-ID: probe@{local}\r\n"
    "CSeq: 1 OPTIONS\r\n"
    "Content-Length: 0\r\n\r\n"
)


class ServerError(Exception):
    """A server did not come up or did not stay up; the message has the end of its stderr."""


@dataclass(frozen=True)
class Server:
    """What is measured. ``command`` may name ``{script}``, ``{ip}``, ``{port}``, ``{scratch}``."""

    name: str
    command: tuple[str, ...]
    echoes: bool = False
    """It returns the request itself, so there is no SIP reply to check."""

    def is_installed(self) -> bool:
        return shutil.which(self.command[0]) is not None


def known_servers(echo: Path) -> list[Server]:
    """First sipway, then what it is held against."""
    listen = "udp:{ip}:{port}"
    sipway = (
        *(sys.executable, "-m", "sipway", "-f", "{script}", "-DD", "-E", "-l", listen),
        *("--state-dir", "{scratch}/state"),
    )
    # Its 64 MiB hold some 2,000 calls that are remembered for five seconds, or 70,000 contacts.
    kamailio = (
        *("kamailio", "-f", "{script}", "-DD", "-E", "-l", listen, "-X", "tlsf", "-x", "tlsf"),
        *("-m", "4096", "-Y", "{scratch}", "-P", "{scratch}/pid"),
    )
    return [
        Server("sipway", sipway),
        Server("kamailio", kamailio),
        Server("echo", (str(echo), "{ip}", "{port}"), echoes=True),
    ]


@dataclass(frozen=True)
class Usage:
    """Processor time (seconds) of all processes, and the worker's peak memory (KiB)."""

    user: float
    system: float
    peak_kib: int


class Running:
    """A started server."""

    def __init__(self, process: subprocess.Popen[bytes], ip: str, port: int) -> None:
        self.process = process
        self.target = f"{ip}:{port}"
        self.start_ms = 0.0

    def usage(self) -> Usage:
        """Of the process and all its descendants: whatever the server needs to do its work.

        Peak memory is that of the busiest process, the worker, because forked processes
        share most of theirs.
        """
        times = {pid: _cpu_ticks(pid) for pid in _descendants(self.process.pid)}
        worker = max(times, key=lambda pid: sum(times[pid]))
        return Usage(
            sum(user for user, _ in times.values()) / _TICKS,
            sum(system for _, system in times.values()) / _TICKS,
            _peak_kib(worker),
        )


@contextlib.contextmanager
def running(server: Server, script: Path, cpu: int) -> Iterator[Running]:
    """Start ``server`` on a free port of loopback, wait for its first reply; stop it in the end.

    Raises ``ServerError`` when it does not answer within ``START_LIMIT``.
    """
    ip = "127.0.0.1"
    port = _free_port(ip)
    with tempfile.TemporaryDirectory(prefix="sipway-bench-") as scratch:
        values = {"script": script, "ip": ip, "port": port, "scratch": scratch}
        command = [part.format(**values) for part in server.command]
        log = Path(scratch) / "output"
        with log.open("wb") as output, pinned(cpu):
            begin = time.monotonic()
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            started = Running(process, ip, port)
            started.start_ms = (_first_reply(process, ip, port, log) - begin) * 1000
            yield started
            if process.poll() is not None:
                raise ServerError(f"{server.name} ended by itself{_tail(log)}")
        finally:
            _stop(process)


@contextlib.contextmanager
def pinned(cpu: int) -> Iterator[None]:
    """What is started meanwhile inherits this one processor."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {cpu})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _free_port(ip: str) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((ip, 0))
        port: int = sock.getsockname()[1]
    return port


def _first_reply(process: subprocess.Popen[bytes], ip: str, port: int, log: Path) -> float:
    """The time at which the server first answered."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect((ip, port))
        sock.settimeout(_PROBE_INTERVAL)
        local = f"{ip}:{sock.getsockname()[1]}"
        probe = _PROBE.format(target=f"{ip}:{port}", local=local).encode()
        limit = time.monotonic() + START_LIMIT
        while time.monotonic() < limit:
            if process.poll() is not None:
                raise ServerError(f"it ended with status {process.returncode}{_tail(log)}")
            try:
                sock.send(probe)
                sock.recv(65_536)
            except TimeoutError:
                continue
            except ConnectionRefusedError:
                time.sleep(_PROBE_INTERVAL)
            else:
                return time.monotonic()
    raise ServerError(f"no reply within {START_LIMIT:g} s{_tail(log)}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            # Its own session, made by start_new_session: its helpers are in it, nobody else.
            os.killpg(process.pid, sign)
        try:
            process.wait(_STOP_LIMIT)
        except subprocess.TimeoutExpired:
            continue
        return


def _tail(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()[-12:]
    return "".join(f"\n    | {line}" for line in lines)


def _descendants(pid: int) -> list[int]:
    """The process and all below it."""
    found = [pid]
    for parent in found:  # grows while it is walked
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            children = Path(f"/proc/{parent}/task/{parent}/children").read_text()
            found.extend(map(int, children.split()))
    return found


def _cpu_ticks(pid: int) -> tuple[int, int]:
    """User and system time: fields 14 and 15 of proc_pid_stat(5), of all threads."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0, 0
    fields = stat.rpartition(")")[2].split()
    return int(fields[11]), int(fields[12])


def _peak_kib(pid: int) -> int:
    """VmHWM of proc_pid_status(5)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0
