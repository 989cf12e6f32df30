"""What commands can ask of the process that serves, and have it do."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any


class ServerProcess:
    """Plain data of the process; whoever serves fills it in.

    started      the time when it began, in seconds since the epoch
    arguments    its command line
    connections  what there is to say of each open connection of a stream
    peer_of      the raw address of the peer of an open connection, by its number; None if there is
                 none of that number
    """

    def __init__(
        self,
        connections: Callable[[], Iterable[dict[str, Any]]] = tuple,
        peer_of: Callable[[int], bytes | None] = lambda _: None,
    ) -> None:
        self.started = time.time()
        self.arguments = (Path(sys.argv[0]).name, *sys.argv[1:])
        self.connections = connections
        self.peer_of = peer_of


def memory() -> dict[str, int]:
    """Bytes of this process: `used` now, `most` so far, `total` and `free` of the machine."""
    import resource  # noqa: PLC0415 - most never ask

    page = os.sysconf("SC_PAGE_SIZE")
    used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * page
    return {
        "used": used,
        "most": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "total": os.sysconf("SC_PHYS_PAGES") * page,
        "free": os.sysconf("SC_AVPHYS_PAGES") * page,
    }
