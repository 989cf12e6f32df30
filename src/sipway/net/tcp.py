"""A TCP socket on the event loop: connections that were accepted, and those opened from here.

It takes and gives what a UDP socket does: messages with the raw sockaddr of their peer, in
batches. Who sends says whom to, and the socket finds the connection or opens one:

1. the connection that the entry names (`sip.outgoing.Directed`), if it is open still;
2. the one to that address, its peer's or an alias;
3. a new one. Messages wait until it is open.

What could not be sent comes back with the reason, each message once. Nothing that the network
does raises out of here, and nobody waits for a peer: bytes that one does not take are kept up to
a bound, then its connection is closed.

TLS is this class with another `proto` and `security()`, WebSocket with another `framing()`.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final, NamedTuple

from sipway.errors import TransportError
from sipway.net.connections import ConnectionTable, ip_bytes
from sipway.net.stream import StreamOptions, connecting_socket, cooked, listening_socket, raw
from sipway.net.tcp_connection import Connection, Framing, why
from sipway.net.udp import Datagram
from sipway.sip import addresses
from sipway.sip.framing import Framer
from sipway.sip.outgoing import Directed, SendOption

__all__ = ["StreamEvents", "Table", "TcpSocket"]

Table = ConnectionTable[Connection]

_ACCEPTS: Final = 64
"""Connections accepted before others get their turn."""

_NO_ROOM: Final = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
_BREATH: Final = 1.0
"""Seconds until accepting is tried again when the system had no room."""

NOT_CONNECTED: Final = "there is no connection, and none is to be opened"
"""The reason for what was not to be sent by a new connection."""


class StreamEvents(NamedTuple):
    """Whom a socket tells what.

    on_batch    (socket, messages) -> what this socket is to send; as `udp.OnBatch`
    on_failure  (socket, data, destination, reason): a message was not sent, or maybe not
    on_trouble  (socket, peer, reason): a connection was closed or refused for that reason; of no
                peer if it is the socket that is in trouble
    """

    on_batch: Callable[[Any, list[Datagram]], list[Datagram]]
    on_failure: Callable[[Any, bytes, bytes, str], None]
    on_trouble: Callable[[Any, bytes, str], None]


class TcpSocket:
    """A listening TCP socket and its connections; they begin to work with ``start()``.

    ``ip`` is an IPv4 or IPv6 address, ``port`` 0 takes any free port. Raises ``TransportError``
    when it cannot be bound.

    names      address -> number of the connection that leads there
    """

    proto: ClassVar[str] = "tcp"

    def __init__(
        self,
        ip: str,
        port: int,
        table: Table,
        events: StreamEvents,
        options: StreamOptions | None = None,
    ) -> None:
        try:
            wanted = addresses.sockaddr(ip, port)
        except ValueError as error:
            raise TransportError(f"cannot listen on {self.proto}:{ip}:{port}: {error}") from None
        self.options: Final = options or StreamOptions()
        self.most_queued = self.options.most_queued
        self.family: Final = addresses.family(wanted)
        self.ip: Final = addresses.ip_text(wanted)
        self._socket = listening_socket(self.proto, self.family, self.ip, port, self.options)
        self.port: Final[int] = self._socket.getsockname()[1]
        self.address: Final = addresses.with_port(wanted, self.port)
        self.names: Final = table.new_names()
        self._table = table
        self._events = events
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connections: set[Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False
        self.received = 0
        self.sent = 0

    def __repr__(self) -> str:
        host = f"[{self.ip}]" if self.family == socket.AF_INET6 else self.ip
        return f"<{type(self).__name__} {self.proto}:{host}:{self.port}>"

    @property
    def connections(self) -> int:
        """How many connections it has, those that are being opened among them."""
        return len(self._connections)

    def shown(self, transport: str) -> list[dict[str, Any]]:
        """What there is to say of each connection, in the words of Kamailio's core.tcp_list.

        `queued` besides: bytes that wait to be written.
        """
        if self._loop is None:
            return []
        now = self._loop.time()
        return [
            {
                "id": each.number,
                "type": transport,
                "state": "CONN_OK" if each.usable and each.opened else "CONN_CONNECT",
                "timeout": max(0, round(each.used + self.options.lifetime - now)),
                "lifetime": round(self.options.lifetime),
                "ref_count": 1,
                "src_ip": addresses.ip_text(each.peer),
                "src_port": addresses.port(each.peer),
                "dst_ip": self.ip,
                "dst_port": self.port,
                "queued": each.queued,
            }
            for each in sorted(self._connections, key=lambda each: each.number)
        ]

    def framing(self) -> Framing:
        """How messages stand in the stream of a new connection."""
        options = self.options
        return Framer(
            options.limit,
            accept_no_length=options.accept_no_length,
            answer_pings=options.answer_pings,
        )

    def security(self, peer: bytes, *, outgoing: bool) -> dict[str, Any]:
        """What the loop is told besides for a connection (`ssl`, `server_hostname` ...)."""
        del peer, outgoing
        return {}

    # --- start and end --------------------------------------------------------------------------

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to accept on ``loop``, which runs."""
        self._loop = loop
        loop.add_reader(self._socket.fileno(), self._on_acceptable)
        self._timer = loop.call_later(self.options.check_every, self._check)

    def close(self) -> None:
        """Give the port back and end all connections; what waits for a slow peer is lost."""
        if self._closed:
            return
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._loop is not None:
            self._loop.remove_reader(self._socket.fileno())
        self._socket.close()
        for task in tuple(self._tasks):
            task.cancel()
        for connection in tuple(self._connections):
            if connection.queued:
                connection.abort()
            else:
                connection.close()

    def _check(self) -> None:
        assert self._loop is not None
        now = self._loop.time()
        for connection in tuple(self._connections):
            connection.late(now, self.options)
        self._timer = self._loop.call_later(self.options.check_every, self._check)

    # --- accepting --------------------------------------------------------------------------------

    def _on_acceptable(self) -> None:
        assert self._loop is not None
        for _ in range(_ACCEPTS):
            try:
                accepted, peer = self._socket.accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                if error.errno in _NO_ROOM:
                    self._take_breath(error)
                    return
                continue  # that one has gone already
            accepted.setblocking(False)
            address = raw(peer)
            refusal = self._refusal(address)
            if refusal is not None:
                accepted.close()
                self._events.on_trouble(self, address, refusal)
                continue
            connection = self._new(address)
            self._spawn(self._adopt(connection, accepted))

    def _refusal(self, peer: bytes) -> str | None:
        options = self.options
        if self._table.full:
            return f"one more than {self._table.most} connections (tcp_max_connections)"
        if options.most_from_ip is not None and self._table.from_ip(peer) >= options.most_from_ip:
            return f"more than {options.most_from_ip} of one address (tcp_accept_iplimit)"
        if options.accept_unique and self._table.find(self.names, peer) is not None:
            return "there is one with this peer already (tcp_accept_unique)"
        return None

    def _take_breath(self, error: OSError) -> None:
        """Without a free descriptor the socket stays readable: look again a little later."""
        assert self._loop is not None
        number = self._socket.fileno()
        self._loop.remove_reader(number)
        self._events.on_trouble(self, b"", f"cannot accept connections: {error.strerror}")
        self._loop.call_later(_BREATH, self._accept_again)

    def _accept_again(self) -> None:
        if not self._closed and self._loop is not None:
            self._loop.add_reader(self._socket.fileno(), self._on_acceptable)

    async def _adopt(self, connection: Connection, accepted: socket.socket) -> None:
        assert self._loop is not None
        try:
            await self._loop.connect_accepted_socket(
                lambda: connection, accepted, **self.security(connection.peer, outgoing=False)
            )
        except OSError as error:  # TLS: the handshake failed
            accepted.close()
            connection.end(f"broke: {why(error)}")
        except asyncio.CancelledError:
            accepted.close()
            connection.end(None)
            raise

    # --- opening ----------------------------------------------------------------------------------

    def _new(self, peer: bytes) -> Connection:
        assert self._loop is not None
        connection = Connection(self, self.names, peer, self.framing(), self._loop.time())
        self._connections.add(connection)
        self._table.add(connection)
        return connection

    def _open(self, peer: bytes) -> Connection:
        connection = self._new(peer)
        connection.heard = True  # who is called need not speak first
        self._spawn(self._connect(connection))
        return connection

    async def _connect(self, connection: Connection) -> None:
        assert self._loop is not None
        seconds = self.options.connect_timeout
        made = None
        try:
            async with asyncio.timeout(seconds):
                peer = cooked(connection.peer)
                made = connecting_socket(self.family, (self.ip, self.port), self.options)
                await self._loop.sock_connect(made, peer)
                security = self.security(connection.peer, outgoing=True)
                await self._loop.create_connection(lambda: connection, sock=made, **security)
                return
        except TimeoutError:
            reason = f"could not be opened within {seconds:g} s (tcp_connect_timeout)"
        except (OSError, ValueError) as error:
            reason = f"could not be opened: {why(error)}"
        except asyncio.CancelledError:
            connection.end(None)
            if made is not None:
                made.close()
            raise
        if made is not None:
            made.close()
        connection.end(reason)

    def _spawn(self, work: Any) -> None:
        assert self._loop is not None
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- sending ----------------------------------------------------------------------------------

    def send(self, outgoing: Sequence[Datagram]) -> None:
        """Send in order, now where a connection takes it, else as soon as it does."""
        touched: dict[Connection, bool] = {}
        for entry in outgoing:
            data, destination = entry
            options = entry.options if isinstance(entry, Directed) else 0
            found = self._connection_for(entry, destination, options)
            if isinstance(found, Connection):
                refusal = found.send(data, destination)
                if refusal is None:
                    self.sent += 1
                    closes = bool(options & SendOption.CLOSE)
                    touched[found] = touched.get(found, False) or closes
                    continue
                found = refusal
            self._events.on_failure(self, data, destination, found)
        for connection, closes in touched.items():
            connection.flush()
            if closes:
                connection.close()

    def _connection_for(
        self, entry: Datagram, destination: bytes, options: int
    ) -> Connection | str:
        """The connection to send by, a new one if need be; or why there is none."""
        if self._loop is None or self._closed:
            return "the server is ending"
        if isinstance(entry, Directed) and entry.connection:
            found = self._table.get(entry.connection)
            if found is not None and found.usable and _same_ip(found.peer, destination):
                return found
        found = self._table.find(self.names, destination)
        if found is not None and found.usable:
            return found
        if options & SendOption.NO_CONNECT or self.options.no_connect:
            return NOT_CONNECTED
        if self._table.full:
            return f"there are {self._table.most} connections already (tcp_max_connections)"
        return self._open(destination)

    def alias(self, peer: bytes, port: int) -> None:
        """Know the connection to a peer by another port too."""
        found = self._table.find(self.names, peer)
        if found is not None:
            self._table.alias(found, port)

    # --- what connections say ---------------------------------------------------------------------

    def arrived(self, connection: Connection, messages: list[bytes]) -> None:
        """Messages of one connection, as one batch."""
        self.received += len(messages)
        peer = connection.peer
        outgoing = self._events.on_batch(self, [(message, peer) for message in messages])
        if outgoing:
            self.send(outgoing)

    def queued(self, connection: Connection, size: int) -> bool:
        """Note how much waits for a connection; False if it is too much for all together."""
        table = self._table
        more = size - connection.queued
        if more > 0 and table.queued + more > table.most_queued:
            return False
        table.account(connection, size)
        return True

    def ended(self, connection: Connection, reason: str | None) -> None:
        """A connection is over, with or without a reason to tell."""
        self._connections.discard(connection)
        self._table.remove(connection)
        if self._closed:
            return
        for data, destination in connection.unsent:
            self.sent -= 1
            failure = reason or "the connection was closed"
            self._events.on_failure(self, data, destination, failure)
        if reason is not None:
            self._events.on_trouble(self, connection.peer, reason)


def _same_ip(one: bytes, other: bytes) -> bool:
    return len(one) == len(other) and ip_bytes(one) == ip_bytes(other)
