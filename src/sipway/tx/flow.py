"""Where a message goes: by which socket or connection, to whom.

Compiled (see `flow.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from typing import Protocol

from sipway.sip.outgoing import Directed


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
    options      `SendOption`s for a stream, as bits
    connection   number of the connection to use as long as it is open; 0: the destination decides
    """

    def __init__(self, sender: Sender, destination: bytes, reliable: bool = False) -> None:
        self.sender = sender
        self.destination = destination
        self.reliable = reliable
        self.options = 0
        self.connection = 0

    def send(self, data: bytes) -> None:
        if self.reliable and (self.options or self.connection):
            directed = Directed.to(data, self.destination, self.connection, self.options)
            self.sender.outgoing.append(directed)
        else:
            self.sender.outgoing.append((data, self.destination))
