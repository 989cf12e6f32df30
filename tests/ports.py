"""Ports for servers under test: free, and such that nobody takes them meanwhile."""

from __future__ import annotations

import contextlib
import random
import socket
from typing import Final

HOST: Final = "127.0.0.1"

_FIRST, _BEHIND = 10_000, 32_000
"""Below those that the system gives to whoever asks for any port: a phone of another test, say."""

# Not the generator that tests seed: those that run at the same time must not get the same ports.
_random: Final = random.SystemRandom()


def free_port(*, with_next: bool = False) -> int:
    """A port of the loopback interface on which nobody listens, by UDP or by TCP.

    `with_next`: nor on the one above, where baresip listens for TLS.
    """
    while True:
        port = _random.randrange(_FIRST, _BEHIND)
        if _is_free(port) and (not with_next or _is_free(port + 1)):
            return port


def _is_free(port: int) -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, port))
        with socket.create_server((HOST, port)):
            return True
    return False
