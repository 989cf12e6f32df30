"""Ports for servers under test: free, and such that nobody takes them meanwhile."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import socket
import threading
from collections.abc import Iterator
from typing import Final

HOST: Final = "127.0.0.1"

_FIRST, _BEHIND = 10_000, 32_000
"""Below those that the system gives to whoever asks for any port: a phone of another test, say."""

# Between the look at a port and the server's bind, another test may look at it too: so each
# process of a run has ports of its own, and gives none of them again before all were given.
_lock: Final = threading.Lock()


def free_port(*, with_next: bool = False) -> int:
    """A port of the loopback interface on which nobody listens, by UDP or by TCP.

    `with_next`: nor on the one above, where baresip listens for TLS.
    """
    while True:
        with _lock:
            port = next(_pairs)
        if _is_free(port) and (not with_next or _is_free(port + 1)):
            return port


def free_sockets() -> tuple[socket.socket, socket.socket]:
    """One bound for UDP, and one that listens for TCP, on the same port."""
    while True:
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            datagrams.bind((HOST, free_port()))
            return datagrams, socket.create_server(datagrams.getsockname())
        except OSError:  # a test of another run has taken it meanwhile
            datagrams.close()


def _turn() -> Iterator[int]:
    """Every second port of this process's share, over and over, from anywhere in it."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    share = (_BEHIND - _FIRST) // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    ports = range(_FIRST + worker * share, _FIRST + (worker + 1) * share - 1, 2)
    # Not the generator that tests seed: runs beside each other should not begin at the same one.
    start = random.SystemRandom().randrange(len(ports))
    return itertools.islice(itertools.cycle(ports), start, None)


_pairs: Final = _turn()


def _is_free(port: int) -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, port))
        with socket.create_server((HOST, port)):
            return True
    return False
