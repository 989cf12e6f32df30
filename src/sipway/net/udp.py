"""A UDP socket on the event loop: batches in, batches out.

Each time the socket is readable it is drained, within bounds, and every batch goes once to the
callback. What the callback returns goes out with one call of the Sender. Nothing that the
network does raises out of here; it is counted.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sipway.errors import TransportError
from sipway.net._udp_batch import Receiver, Sender
from sipway.net.interfaces import interface_of, is_link_local, is_multicast
from sipway.sip import addresses

__all__ = ["Datagram", "OnBatch", "SocketOptions", "UdpSocket"]

Datagram = tuple[bytes, bytes]
"""The bytes, and the raw sockaddr they came from or go to."""

OnBatch = Callable[["UdpSocket", list[Datagram]], list[Datagram]]
"""Called with the socket and what it received; returns what this same socket is to send."""

_BATCH: Final = 64

# Other sockets and timers get their turn after this many full batches.
_MAX_BATCHES: Final = 8

# Holds half a second of 15,000 messages a second while the worker is at something else.
_KERNEL_BUFFER: Final = 4 << 20

# As in <asm-generic/socket.h>; the `socket` module does not name them. They go beyond
# net.core.rmem_max and wmem_max, which needs CAP_NET_ADMIN.
_SO_SNDBUFFORCE: Final = 32
_SO_RCVBUFFORCE: Final = 33

# As in <linux/in.h> and <linux/in6.h>.
_IP_MTU_DISCOVER: Final = 10
_IP_FREEBIND: Final = 15
_IPV6_MTU_DISCOVER: Final = 23

_HINTS: Final = {
    errno.EADDRINUSE: "another process has it; `ss -ulpn` shows which",
    errno.EADDRNOTAVAIL: "this machine has no such address; `ip address` lists those it has",
    errno.EACCES: "ports below 1024 need root or CAP_NET_BIND_SERVICE",
    errno.EAFNOSUPPORT: "this machine has no IPv6",
    errno.EINVAL: "a link-local address cannot be bound without its interface",
}


@dataclass(frozen=True, slots=True)
class SocketOptions:
    """What the kernel is asked for besides; None leaves it as it is.

    receive_buffer, send_buffer   bytes
    type_of_service               0 to 255
    fragmenting                   `IP_MTU_DISCOVER`: 0 fragment, 1 by the route, 2 never
    free_bind                     bind an address that this machine does not have
    multicast_loopback            what is sent to a group comes back to this machine
    multicast_hops                of what is sent to a group
    link_local                    bind an IPv6 link-local address, on the interface that has it
    """

    receive_buffer: int | None = None
    send_buffer: int | None = None
    type_of_service: int | None = None
    fragmenting: int | None = None
    free_bind: bool = False
    multicast_loopback: bool = False
    multicast_hops: int | None = None
    link_local: bool = False


class UdpSocket:
    """A bound UDP socket; it begins to receive with ``start()``.

    ``ip`` is an IPv4 or IPv6 address, ``port`` 0 takes any free port (``port`` then says which).
    Raises ``TransportError`` when it cannot be bound. The socket of a multicast group joins it, on
    ``interface`` or where the system thinks best.
    """

    proto: Final = "udp"

    def __init__(
        self,
        ip: str,
        port: int,
        on_batch: OnBatch,
        options: SocketOptions | None = None,
        interface: str | None = None,
    ) -> None:
        try:
            wanted = addresses.sockaddr(ip, port)
        except ValueError as error:
            raise TransportError(f"cannot listen on udp:{ip}:{port}: {error}") from None
        self.family: Final = addresses.family(wanted)
        self.ip: Final = addresses.ip_text(wanted)
        self._socket = _bind(self.family, self.ip, port, options or SocketOptions(), interface)
        self.port: Final[int] = self._socket.getsockname()[1]
        self.address: Final = addresses.with_port(wanted, self.port)
        self._on_batch = on_batch
        self._receiver = Receiver(self._socket, _BATCH)
        self._sender = Sender(self._socket, _BATCH)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waits_to_write = False
        self.received = 0
        self.sent = 0

    def __repr__(self) -> str:
        host = f"[{self.ip}]" if self.family == socket.AF_INET6 else self.ip
        return f"<UdpSocket {self.proto}:{host}:{self.port}>"

    @property
    def truncated(self) -> int:
        """Datagrams that were larger than the buffer and were dropped."""
        return self._receiver.truncated

    @property
    def dropped(self) -> int:
        """Datagrams not sent because too many were waiting for the socket already."""
        return self._sender.dropped

    @property
    def receive_errors(self) -> dict[int, int]:
        """How often receiving failed, by errno."""
        return dict(self._receiver.errors)

    @property
    def send_errors(self) -> dict[int, int]:
        """Datagrams the kernel refused to send, by errno."""
        return dict(self._sender.errors)

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to receive on ``loop``."""
        self._loop = loop
        loop.add_reader(self._socket.fileno(), self._on_readable)

    def send(self, outgoing: list[Datagram]) -> None:
        """Send in order, now if the socket takes it, else as soon as it is writable."""
        sender = self._sender
        self.sent += sender.send(outgoing)
        if sender.pending and not self._waits_to_write and self._loop is not None:
            self._waits_to_write = True
            self._loop.add_writer(self._socket.fileno(), self._on_writable)

    def close(self) -> None:
        """Stop receiving and give the port back. What is pending gets one last try."""
        if self._socket.fileno() < 0:
            return
        if self._loop is not None:
            self._loop.remove_reader(self._socket.fileno())
            self._loop.remove_writer(self._socket.fileno())
        self.sent += self._sender.flush()
        self._socket.close()

    def _on_readable(self) -> None:
        receive, on_batch = self._receiver.receive, self._on_batch
        for _ in range(_MAX_BATCHES):
            datagrams = receive()
            if not datagrams:
                return
            count = len(datagrams)
            self.received += count
            outgoing = on_batch(self, datagrams)
            if outgoing:
                self.send(outgoing)
            if count < _BATCH:
                return

    def _on_writable(self) -> None:
        self.sent += self._sender.flush()
        if not self._sender.pending and self._loop is not None:
            self._waits_to_write = False
            self._loop.remove_writer(self._socket.fileno())


def _bind(
    family: int, ip: str, port: int, options: SocketOptions, interface: str | None
) -> socket.socket:
    """A non-blocking socket with generous buffers, bound; or a ``TransportError``."""
    bound = None
    try:
        bound = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        if family == socket.AF_INET6:
            # [::] must not take the port from 0.0.0.0, which is listened on by itself.
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        _enlarge(bound, _SO_RCVBUFFORCE, socket.SO_RCVBUF, options.receive_buffer)
        _enlarge(bound, _SO_SNDBUFFORCE, socket.SO_SNDBUF, options.send_buffer)
        _ask(bound, options)
        group = is_multicast(ip)
        if group:
            # Several servers may listen to one group.
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        number = socket.if_nametoindex(interface) if group and interface else 0
        if options.link_local and is_link_local(ip):
            number = interface_of(ip)
        bound.bind((ip, port, 0, number) if family == socket.AF_INET6 else (ip, port))
        if group:
            _join(bound, ip, options, number)
    except OSError as error:
        if bound is not None:
            bound.close()
        host = f"[{ip}]" if family == socket.AF_INET6 else ip
        raise TransportError(
            f"cannot listen on udp:{host}:{port}: {error.strerror}",
            hint=_HINTS.get(error.errno or 0),
        ) from None
    return bound


def _join(bound: socket.socket, group: str, options: SocketOptions, number: int) -> None:
    """Have the socket get what is sent to a group, on an interface or any (0). Raises OSError."""
    if bound.family == socket.AF_INET6:
        member = socket.inet_pton(socket.AF_INET6, group) + struct.pack("@I", number)
        bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, member)
        level, loop, hops, by = (
            socket.IPPROTO_IPV6,
            socket.IPV6_MULTICAST_LOOP,
            socket.IPV6_MULTICAST_HOPS,
            (socket.IPV6_MULTICAST_IF, struct.pack("@I", number)),
        )
    else:
        place = struct.pack("=4s4si", socket.inet_aton(group), bytes(4), number)
        bound.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, place)
        level, loop, hops, by = (
            socket.IPPROTO_IP,
            socket.IP_MULTICAST_LOOP,
            socket.IP_MULTICAST_TTL,
            (socket.IP_MULTICAST_IF, place),
        )
    bound.setsockopt(level, loop, int(options.multicast_loopback))
    if options.multicast_hops is not None:
        bound.setsockopt(level, hops, options.multicast_hops)
    if number:
        bound.setsockopt(level, *by)


def _ask(bound: socket.socket, options: SocketOptions) -> None:
    six = bound.family == socket.AF_INET6
    if options.type_of_service is not None:
        level, name = (
            (socket.IPPROTO_IPV6, socket.IPV6_TCLASS) if six else (socket.IPPROTO_IP, socket.IP_TOS)
        )
        bound.setsockopt(level, name, options.type_of_service)
    if options.fragmenting is not None:
        level, name = (
            (socket.IPPROTO_IPV6, _IPV6_MTU_DISCOVER)
            if six
            else (socket.IPPROTO_IP, _IP_MTU_DISCOVER)
        )
        bound.setsockopt(level, name, options.fragmenting)
    if options.free_bind:
        bound.setsockopt(socket.IPPROTO_IP, _IP_FREEBIND, 1)


def _enlarge(bound: socket.socket, force: int, plain: int, size: int | None) -> None:
    """As large as asked where we may, as large as the system allows where we may not."""
    wanted = _KERNEL_BUFFER if size is None else size
    try:
        bound.setsockopt(socket.SOL_SOCKET, force, wanted)
    except PermissionError:
        bound.setsockopt(socket.SOL_SOCKET, plain, wanted)
