"""Where a message goes: by which socket or connection, to whom.

Compiled (see `flow.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from typing import Protocol


class Sender(Protocol):
    """A socket or a connection, as far as this room knows it.

    `outgoing` takes (bytes, raw sockaddr of the destination); whoever owns the socket sends
    what is in it when the batch is done.
    """

    outgoing: list[tuple[bytes, bytes]]


class Flow:
    """A way to a peer.

    sender       what sends
    destination  the raw sockaddr of the peer
    reliable     whether the transport sees to it that messages arrive (TCP, TLS, WebSocket)
    """

    def __init__(self, sender: Sender, destination: bytes, reliable: bool = False) -> None:
        self.sender = sender
        self.destination = destination
        self.reliable = reliable

    def send(self, data: bytes) -> None:
        self.sender.outgoing.append((data, self.destination))
