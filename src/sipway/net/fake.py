"""A network in memory, for tests: what is sent to a socket arrives when the test says so.

::

    network = FakeNetwork()
    server = network.socket("127.0.0.1", 5060, on_batch)
    network.inject(b"OPTIONS ...", source=sockaddr("192.0.2.1", 5060), to=server)
    network.outgoing   # [(server, data, destination), ...]
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sipway.errors import TransportError
from sipway.net.udp import Datagram
from sipway.sip import addresses

__all__ = ["FakeNetwork", "FakeSocket", "OnFakeBatch", "Sent"]

OnFakeBatch = Callable[["FakeSocket", list[Datagram]], list[Datagram]]


class Sent(NamedTuple):
    """A datagram that left a socket of the network."""

    socket: FakeSocket
    data: bytes
    destination: bytes


class FakeSocket:
    """As ``sipway.net.udp.UdpSocket``, without the kernel. Made by ``FakeNetwork.socket``."""

    proto = "udp"

    def __init__(self, network: FakeNetwork, ip: str, port: int, on_batch: OnFakeBatch) -> None:
        self.address = addresses.sockaddr(ip, port)
        self.family = addresses.family(self.address)
        self.ip = addresses.ip_text(self.address)
        self.port = port
        self.received = 0
        self.sent = 0
        self._network = network
        self._on_batch = on_batch

    def receive(self, datagrams: list[Datagram]) -> None:
        """Hand one batch to the callback and send what it returns."""
        self.received += len(datagrams)
        self.send(self._on_batch(self, datagrams))

    def send(self, outgoing: list[Datagram]) -> None:
        """Everything goes out at once: a fake network is never full."""
        self.sent += len(outgoing)
        self._network.outgoing.extend(Sent(self, *datagram) for datagram in outgoing)

    def close(self) -> None:
        """Give the port back."""
        self._network.sockets.pop(self.address, None)


class FakeNetwork:
    """The sockets of a test and what they have sent, oldest first."""

    def __init__(self) -> None:
        self.sockets: dict[bytes, FakeSocket] = {}
        self.outgoing: list[Sent] = []
        self._next_port = 49_152

    def socket(self, ip: str, port: int, on_batch: OnFakeBatch) -> FakeSocket:
        """Bind a socket; port 0 takes a free one. ``TransportError`` if it is in use."""
        if port == 0:
            port, self._next_port = self._next_port, self._next_port + 1
        bound = FakeSocket(self, ip, port, on_batch)
        if bound.address in self.sockets:
            raise TransportError(f"cannot listen on udp:{ip}:{port}: Address already in use")
        self.sockets[bound.address] = bound
        return bound

    def inject(self, *data: bytes, source: bytes, to: FakeSocket) -> list[Sent]:
        """Let ``data`` arrive from ``source`` as one batch; return what was sent because of it."""
        before = len(self.outgoing)
        to.receive([(datagram, source) for datagram in data])
        return self.outgoing[before:]

    def deliver(self) -> int:
        """Carry what was sent to a socket of this network to it, in one batch for each.

        Returns how many arrived. What those sockets send in turn waits for the next call, and
        what is addressed to nobody here stays in ``outgoing``.
        """
        batches: dict[bytes, list[Datagram]] = {}
        stays: list[Sent] = []
        for sent in self.outgoing:
            if sent.destination in self.sockets:
                datagram = (sent.data, sent.socket.address)
                batches.setdefault(sent.destination, []).append(datagram)
            else:
                stays.append(sent)
        self.outgoing = stays
        for destination, datagrams in batches.items():
            self.sockets[destination].receive(datagrams)
        return sum(map(len, batches.values()))
