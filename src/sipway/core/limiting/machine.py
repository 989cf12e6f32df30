"""How busy the machine is, as Linux tells it.

Source: proc(5), `/proc/stat` and `/proc/net/udp`.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sipway.core.limiting.pipes import Load
    from sipway.core.program import Program
    from sipway.core.sockets import ListenSocket

logger = logging.getLogger("sipway.load")

_PROC: Final = Path("/proc")
_USER, _IDLE, _WAITING, _STEAL = 0, 3, 4, 7  # fields of the line "cpu"
_SOCKET_FIELDS: Final = 5


class Cpus:
    """The part of the time since the last look in which the CPUs had something to do.

    Waiting for a disk is having nothing to do; what other guests of the machine took is not.
    """

    def __init__(self, proc: Path = _PROC) -> None:
        self._file = proc / "stat"
        self._total = 0
        self._idle = 0

    def look(self) -> float:
        """From 0 to 1; the first time since the machine was started. Raises OSError, ValueError."""
        line = self._file.read_text(encoding="ascii").partition("\n")[0]
        ticks = [int(each) for each in line.split()[1 : _STEAL + 2]]
        if len(ticks) <= _WAITING:
            raise ValueError(f"{self._file} begins with {line[:60]!r}")
        total, idle = sum(ticks), ticks[_IDLE] + ticks[_WAITING]
        passed, rested = total - self._total, idle - self._idle
        self._total, self._idle = total, idle
        return min(max(1 - rested / passed, 0.0), 1.0) if passed > 0 else 0.0


def waiting_bytes(sockets: Sequence[ListenSocket], proc: Path = _PROC) -> int:
    """Bytes that wait in UDP sockets. Raises OSError, ValueError."""
    wanted = {_place(each.ip, each.port) for each in sockets if each.protocol == "udp"}
    found = 0
    for name in ("udp", "udp6"):
        try:
            text = (proc / "net" / name).read_text(encoding="ascii")
        except FileNotFoundError:  # a machine without IPv6
            continue
        for line in text.splitlines()[1:]:
            fields = line.split()
            if len(fields) >= _SOCKET_FIELDS and fields[1] in wanted:
                found += int(fields[4].partition(":")[2], 16)
    return found


def _place(ip: str, port: int) -> str:
    """An address as these files have it: words of 32 bits in the byte order of the machine."""
    kind = socket.AF_INET6 if ":" in ip else socket.AF_INET
    raw = socket.inet_pton(kind, ip)
    words = (raw[at : at + 4] for at in range(0, len(raw), 4))
    shown = "".join(f"{int.from_bytes(word, sys.byteorder):08X}" for word in words)
    return f"{shown}:{port:04X}"


async def watch(
    program: Program,
    interval: int,
    load: Load,
    wants: Callable[[], tuple[bool, bool]],
    proc: Path = _PROC,
) -> None:
    """Once in each interval look how busy the machine is, and tell `load`.

    `wants` says of the CPUs and of the network whether anybody wants to know. The files are read
    in a thread: on a machine with many sockets that takes its time.
    """
    cpus = Cpus(proc)
    told = False
    is_first = True
    while True:
        try:
            of_cpus, of_network = wants()
            if is_first:
                await asyncio.to_thread(cpus.look)  # what was before the server is not its affair
            elif of_cpus:
                load.take(await asyncio.to_thread(cpus.look))
            if of_network:
                sockets = tuple(program.sockets)
                load.waiting = await asyncio.to_thread(waiting_bytes, sockets, proc)
        except (OSError, ValueError) as error:
            if not told:
                logger.error("how busy the machine is cannot be read: %s", error)
            told = True
        is_first = False
        await asyncio.sleep(interval)
