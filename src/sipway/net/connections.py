"""The open connections of a worker: which there are, whom they lead to, what they may keep.

What a connection is, bytes over TCP, TLS or WebSocket, does not matter here. A connection is
found by its number, or by an address: that of the peer, or an alias of it, the same IP address
with another port (draft-ietf-sip-connect-reuse). Each listening socket has addresses of its own;
numbers are the worker's.
"""

from __future__ import annotations

from collections import Counter
from typing import Final, Generic, Protocol, TypeVar

from sipway.sip.addresses import family, with_port

__all__ = ["ConnectionTable", "Entry"]

MAX_ALIASES: Final = 12


class Entry(Protocol):
    """What the table must know of a connection.

    number     given by `ConnectionTable.add`, from 1
    peer       raw sockaddr
    names      the `peers` of the socket that it belongs to
    aliases    further addresses that it is known by
    queued     bytes that wait to be written
    """

    number: int
    peer: bytes
    names: dict[bytes, int]
    aliases: list[bytes]
    queued: int


E = TypeVar("E", bound=Entry)


class ConnectionTable(Generic[E]):
    """All connections of a worker, open ones and those that are being opened.

    most_queued  bytes that may wait to be written, for all of them together (`tcp_wq_max`)
    queued       how many do
    """

    def __init__(self, most: int = 2048, most_queued: int = 10 << 20) -> None:
        self.most: Final = most
        self.most_queued: Final = most_queued
        self.queued = 0
        self._by_number: dict[int, E] = {}
        self._per_ip: Counter[bytes] = Counter()
        self._names: list[dict[bytes, int]] = []
        self._last = 0

    def __len__(self) -> int:
        return len(self._by_number)

    @property
    def full(self) -> bool:
        """Whether there is room for one more."""
        return len(self._by_number) >= self.most

    def new_names(self) -> dict[bytes, int]:
        """The addresses of one more listening socket: address -> number of the connection."""
        names: dict[bytes, int] = {}
        self._names.append(names)
        return names

    def add(self, connection: E) -> None:
        """Number a connection; from now on it is found. Of one peer the newest is."""
        self._last += 1
        connection.number = self._last
        self._by_number[self._last] = connection
        connection.names[connection.peer] = self._last
        self._per_ip[ip_bytes(connection.peer)] += 1

    def remove(self, connection: E) -> None:
        """Forget a connection and all its names; a second time does nothing."""
        number = connection.number
        if self._by_number.pop(number, None) is None:
            return
        for name in (connection.peer, *connection.aliases):
            if connection.names.get(name) == number:
                del connection.names[name]
        self.account(connection, 0)
        ip = ip_bytes(connection.peer)
        self._per_ip[ip] -= 1
        if not self._per_ip[ip]:
            del self._per_ip[ip]

    def get(self, number: int) -> E | None:
        """The connection of that number, or None."""
        return self._by_number.get(number)

    def peer_of(self, number: int) -> bytes | None:
        """The raw address of the peer of that connection, or None."""
        found = self._by_number.get(number)
        return None if found is None else found.peer

    def find(self, names: dict[bytes, int], address: bytes) -> E | None:
        """The connection to an address: of this socket, else of any other one; or None."""
        number = names.get(address)
        if number is None:
            others = (each[address] for each in self._names if address in each)
            number = next(others, 0)
        return self._by_number.get(number)

    def from_ip(self, address: bytes) -> int:
        """How many connections there are with the IP address of that peer."""
        return self._per_ip[ip_bytes(address)]

    def alias(self, connection: E, port: int) -> bool:
        """Know a connection by another port of its peer too; False if that is not done.

        Of several with one alias the newest is found. The address of an open connection is no
        alias: behind one NAT a phone must not get what is meant for another.
        """
        name = with_port(connection.peer, port)
        if connection.names.get(name) == connection.number:
            return True
        holder = self._by_number.get(connection.names.get(name, 0))
        if (holder is not None and holder.peer == name) or len(connection.aliases) >= MAX_ALIASES:
            return False
        connection.names[name] = connection.number
        connection.aliases.append(name)
        return True

    def account(self, connection: E, queued: int) -> None:
        """Note how many bytes of a connection wait."""
        self.queued += queued - connection.queued
        connection.queued = queued


def ip_bytes(address: bytes) -> bytes:
    """The IP address in a raw sockaddr, as bytes."""
    return address[4:8] if family(address) == 2 else address[8:24]
