"""A network that loses, doubles, delays and reorders datagrams, and now and then is cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sipway.sip.addresses import sockaddr
from tests.simulation.packet import Packet
from tests.simulation.world import World


@dataclass(frozen=True, slots=True)
class Weather:
    """How bad a network is: probabilities, and delays in seconds.

    A delay is `delay`, and up to `jitter` more: with jitter datagrams overtake each other.
    """

    loss: float = 0.0
    doubled: float = 0.0
    delay: float = 0.005
    jitter: float = 0.0


class Node(Protocol):
    """Somebody with an address."""

    host: str
    address: bytes

    def receive(self, packet: Packet, source: bytes) -> None: ...


class Network:
    """All nodes by address, and the datagrams between them."""

    def __init__(self, world: World, weather: Weather) -> None:
        self.world = world
        self.weather = weather
        self.nodes: dict[bytes, Node] = {}
        self._cuts: dict[frozenset[bytes], float] = {}
        self.trace: list[str] | None = None
        self.lost = self.sent = 0

    def add(self, node: Node) -> None:
        self.nodes[node.address] = node

    def cut(self, one: Node, other: Node, seconds: float) -> None:
        """Let nothing through between two nodes for so long."""
        self._cuts[frozenset((one.address, other.address))] = self.world.now + seconds

    def send(self, packet: Packet, source: bytes, destination: bytes) -> None:
        """Send a datagram: it may arrive once, more often, or not at all."""
        self.sent += 1
        rng, weather = self.world.rng, self.weather
        if self.trace is not None:
            self._note(packet, source, destination)
        if self._cuts and self._is_cut(source, destination):
            self.lost += 1
            return
        if weather.loss and rng.random() < weather.loss:
            self.lost += 1
        else:
            self._later(packet, source, destination)
        if weather.doubled and rng.random() < weather.doubled:
            self._later(packet, source, destination)

    def _later(self, packet: Packet, source: bytes, destination: bytes) -> None:
        weather = self.weather
        delay = weather.delay
        if weather.jitter:
            delay += weather.jitter * self.world.rng.random()
        self.world.after(delay, self._arrive, packet, source, destination)

    def _arrive(self, packet: Packet, source: bytes, destination: bytes) -> None:
        node = self.nodes.get(destination)
        if node is not None:
            node.receive(packet, source)

    def _is_cut(self, one: bytes, other: bytes) -> bool:
        return self._cuts.get(frozenset((one, other)), 0.0) > self.world.now

    def _note(self, packet: Packet, source: bytes, destination: bytes) -> None:
        assert self.trace is not None
        names = [
            node.host if (node := self.nodes.get(each)) else each.hex()
            for each in (source, destination)
        ]
        self.trace.append(
            f"{self.world.now - 1_795_483_209:11.4f} {names[0]:>9} > {names[1]:<9} "
            f"{packet.what:<14} {packet.call_id.decode()} {packet.branch.decode()}"
        )


def address_of(uri: bytes) -> bytes:
    """The raw address that a SIP URI with an IPv4 address, in brackets or not, leads to."""
    text = uri.partition(b"sip:")[2].partition(b">")[0].partition(b";")[0]
    host, _, port = text.rpartition(b"@")[2].partition(b":")
    known = _addresses.get((host, port))
    if known is None:
        known = _addresses[host, port] = sockaddr(host.decode(), int(port or 5060))
    return known


_addresses: dict[tuple[bytes, bytes], bytes] = {}
