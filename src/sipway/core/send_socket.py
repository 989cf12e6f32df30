"""Which of our sockets a text names: `udp:192.0.2.1:5060`, as `$fs` and `listen` have it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from sipway.core.sockets import ListenSocket

_PROTOCOLS: Final = ("udp", "tcp", "tls", "sctp", "ws", "wss")
_SPECIFICATION: Final = re.compile(r"(?:([A-Za-z]+):)?(\[[^\]]+\]|[^:\[\]\s]+)(?::(\d{1,5}))?")


def find_socket(sockets: Iterable[ListenSocket], text: str) -> ListenSocket | None:
    """The first of our sockets that `[protocol:]host[:port]` means, None if none does.

    The host is an address of ours or one that we advertise. What is left out fits all.
    Raises ValueError for a text of another form.
    """
    match = _SPECIFICATION.fullmatch(text.strip())
    protocol = (match[1] or "").lower() if match else ""
    if match is None or (protocol and protocol not in _PROTOCOLS) or int(match[3] or 0) > 65535:
        raise ValueError(f'a socket is written protocol:address:port, not "{text:.60}"')
    host, port = match[2].strip("[]").lower(), int(match[3] or 0)
    for socket in sockets:
        if protocol in ("", socket.protocol) and (host, port) in _names(socket, port):
            return socket
    return None


def _names(socket: ListenSocket, port: int) -> list[tuple[str, int]]:
    """What a socket is known by; with port 0 its port does not matter."""
    names = [(socket.ip.lower(), socket.port if port else 0)]
    if socket.advertised is not None:
        host, advertised_port = socket.advertised
        names.append((host.strip("[]").lower(), advertised_port if port else 0))
    return names


def named_socket(sockets: Iterable[ListenSocket], name: str) -> ListenSocket | None:
    """The socket of ours that has this name, or None."""
    return next((socket for socket in sockets if socket.name == name), None)
