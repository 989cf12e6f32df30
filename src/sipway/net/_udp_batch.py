"""Datagrams by the batch, in plain Python: the twin of ``_udp_batch.pyx``.

The same two classes, one system call for each datagram instead of one for up to 64. An import
of ``sipway.net._udp_batch`` finds the compiled file where it has been built and this one
where it has not; the same tests run against both. The rules are stated here, the compiled
file keeps them:

- ``receive()`` and ``send()`` never wait and never raise for what the network does. What goes
  wrong is counted by its errno, in ``errors``.
- Order is kept. A datagram that the kernel refuses (EPERM of a firewall, EMSGSIZE, ENETUNREACH
  ...) is counted and skipped, those behind it still go out.
- When the socket's send buffer is full (EAGAIN) the rest stays with the Sender, at most
  ``max_pending`` datagrams; ``flush()`` goes on with it once the socket is writable.
- The socket is the caller's: it need not be non-blocking, and is not used after it is closed.
- Addresses are raw sockaddrs (see ``sipway.sip.addresses``). An empty destination is the peer
  to which the socket is connected.
"""

from __future__ import annotations

import errno
import socket
import struct
from collections import deque
from typing import Final

from sipway.sip import addresses

__all__ = ["BUFFER_SIZE", "COMPILED", "Receiver", "Sender"]

COMPILED: Final = False

BUFFER_SIZE: Final = 65_536
"""Bytes for one datagram: more than UDP can carry (65,507 over IPv4, 65,527 over IPv6)."""

_FLAGS: Final = socket.MSG_DONTWAIT
_SCOPE: Final = struct.Struct("=I")


class Receiver:
    """Takes what has arrived on a socket, up to ``batch`` datagrams a call."""

    def __init__(
        self, source: socket.socket, batch: int = 64, buffer_size: int = BUFFER_SIZE
    ) -> None:
        if batch < 1 or buffer_size < 1:
            raise ValueError("batch and buffer_size must be at least 1")
        self._socket = source
        self._batch = batch
        self._buffer = memoryview(bytearray(buffer_size))
        self.truncated = 0
        self.errors: dict[int, int] = {}

    def receive(self) -> list[tuple[bytes, bytes]]:
        """``(data, source)`` of each datagram, oldest first; an empty list when none is there.

        A datagram larger than the buffer is dropped and counted in ``truncated``.
        """
        datagrams: list[tuple[bytes, bytes]] = []
        for _ in range(self._batch):
            try:
                size, _ancillary, flags, peer = self._socket.recvmsg_into([self._buffer], 0, _FLAGS)
            except BlockingIOError:
                break
            except OSError as error:
                _count(self.errors, error)
                break
            if flags & socket.MSG_TRUNC:
                self.truncated += 1
            else:
                datagrams.append((bytes(self._buffer[:size]), _raw(peer)))
        return datagrams


class Sender:
    """Sends datagrams in order and keeps what the socket would not take yet."""

    def __init__(self, target: socket.socket, batch: int = 64, max_pending: int = 4096) -> None:
        if batch < 1 or max_pending < 0:
            raise ValueError("batch must be at least 1 and max_pending at least 0")
        self._socket = target
        self._max_pending = max_pending
        self._pending: deque[tuple[bytes, bytes]] = deque()
        self.dropped = 0
        self.errors: dict[int, int] = {}

    @property
    def pending(self) -> int:
        """How many datagrams wait for ``flush()``."""
        return len(self._pending)

    def send(self, outgoing: list[tuple[bytes, bytes]]) -> int:
        """Send each ``(data, destination)``; return how many went out.

        What the socket does not take is kept for ``flush()``, and what exceeds ``max_pending``
        is dropped and counted in ``dropped``.
        """
        sent = handled = 0
        if not self._pending:
            sent, handled = self._transmit(outgoing)
        rest = outgoing[handled:]
        room = self._max_pending - len(self._pending)
        self._pending.extend(rest[:room])
        self.dropped += max(0, len(rest) - room)
        return sent

    def flush(self) -> int:
        """Go on with what is pending; return how many went out."""
        sent, handled = self._transmit(list(self._pending))
        for _ in range(handled):
            self._pending.popleft()
        return sent

    def _transmit(self, outgoing: list[tuple[bytes, bytes]]) -> tuple[int, int]:
        """How many were sent, and how many were sent or refused, before the socket was full."""
        sent = 0
        for handled, (data, destination) in enumerate(outgoing):
            try:
                if destination:
                    self._socket.sendto(data, _FLAGS, _cooked(destination))
                else:
                    self._socket.send(data, _FLAGS)
            except BlockingIOError:
                return sent, handled
            except OSError as error:
                _count(self.errors, error)
            else:
                sent += 1
        return sent, len(outgoing)


def _count(errors: dict[int, int], error: OSError) -> None:
    number = error.errno or errno.EIO
    errors[number] = errors.get(number, 0) + 1


def _raw(peer: tuple[str, int] | tuple[str, int, int, int] | str | None) -> bytes:
    """The raw sockaddr of an address as the ``socket`` module gives it."""
    if not isinstance(peer, tuple):
        return b""
    host, _, _scope_name = peer[0].partition("%")
    raw = addresses.sockaddr(host, peer[1])
    return raw if len(peer) == 2 or not peer[3] else raw[:24] + _SCOPE.pack(peer[3])


def _cooked(raw: bytes) -> tuple[str, int] | tuple[str, int, int, int]:
    """The address as the ``socket`` module takes it."""
    try:
        host, port = addresses.ip_text(raw), addresses.port(raw)
    except (ValueError, struct.error, IndexError):
        raise OSError(errno.EINVAL, "destination is not a sockaddr") from None
    if addresses.family(raw) == socket.AF_INET:
        return host, port
    return host, port, 0, _SCOPE.unpack_from(raw, 24)[0]
