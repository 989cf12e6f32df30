"""One TCP connection on the event loop: bytes to messages, messages to bytes.

It knows its own buffers and clocks. Whether it may exist, and who is told of what, decides the
socket that it belongs to.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Iterable
from typing import Protocol

__all__ = ["Connection", "Framing", "Owner", "why"]


class Framing(Protocol):
    """How messages stand in the stream: `sip.framing.Framer`, or what WebSocket has for it."""

    fault: str
    answer: bytes

    @property
    def partial(self) -> bool: ...
    def feed(self, data: bytes) -> list[bytes]: ...
    def encode(self, messages: Iterable[bytes]) -> bytes: ...


class Owner(Protocol):
    """What a connection needs of its socket."""

    most_queued: int

    def arrived(self, connection: Connection, messages: list[bytes]) -> None: ...
    def ended(self, connection: Connection, reason: str | None) -> None: ...
    def queued(self, connection: Connection, size: int) -> bool: ...


class Limits(Protocol):
    """Seconds, as `stream.StreamOptions` has them."""

    @property
    def send_timeout(self) -> float: ...
    @property
    def read_timeout(self) -> float: ...
    @property
    def data_timeout(self) -> float: ...
    @property
    def lifetime(self) -> float: ...


class Connection(asyncio.Protocol):
    """A connection, open or being opened.

    number     see `ConnectionTable`
    peer       raw sockaddr
    outgoing   whether it was opened from here
    names, aliases, queued   see `connections.Entry`
    used       when bytes came or went for the last time, in the loop's time
    """

    def __init__(
        self, owner: Owner, names: dict[bytes, int], peer: bytes, framing: Framing, now: float
    ) -> None:
        self.number = 0
        self.peer = peer
        self.names = names
        self.aliases: list[bytes] = []
        self.queued = 0
        self.used = now
        self.heard = False
        self._owner = owner
        self._framing = framing
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._batch: list[bytes] = []
        self._unsent: deque[tuple[bytes, bytes]] = deque()
        self._unsent_size = 0
        self._message_since: float | None = None
        self._stuck_since: float | None = None
        self._reason: str | None = None
        self._closing = False
        self._ended = False

    # --- sending ------------------------------------------------------------------------------

    @property
    def usable(self) -> bool:
        """Whether messages may be given to it."""
        transport = self._transport
        return not self._closing and (transport is None or not transport.is_closing())

    @property
    def opened(self) -> bool:
        """Whether the connection has been made."""
        return self._transport is not None

    @property
    def unsent(self) -> Iterable[tuple[bytes, bytes]]:
        """(data, destination) that the kernel has not taken for certain, oldest first."""
        return tuple(self._unsent)

    def send(self, data: bytes, destination: bytes) -> str | None:
        """Take a message; it goes out with `flush()`. Returns why not, or None if it was taken.

        A peer that has let too much wait is too slow: the connection is closed.
        """
        if not self.usable:
            return "the connection is closed"
        waiting = self._unsent_size
        if waiting and waiting + len(data) > self._owner.most_queued:
            if self._transport is None:
                return "too much waits for the connection to open (tcp_conn_wq_max)"
            self.abort("does not read what is sent (tcp_conn_wq_max)")
            return "the peer does not read what is sent"
        if not self._owner.queued(self, self._unsent_size + len(data)):
            return "too much waits for all connections (tcp_wq_max)"
        self._unsent.append((data, destination))
        self._unsent_size += len(data)
        self._batch.append(data)
        return None

    def flush(self) -> None:
        """Write what `send` has taken, at once."""
        transport = self._transport
        if transport is None or not self._batch:
            return
        batch, self._batch = self._batch, []
        transport.write(self._framing.encode(batch))
        self.used = self._loop.time()
        if not transport.is_closing():  # it closes itself where writing failed
            self._forget_sent()

    def _forget_sent(self) -> None:
        """Of what was taken keep what may not have been sent yet."""
        left = 0 if self._transport is None else self._transport.get_write_buffer_size()
        while self._unsent and self._unsent_size - len(self._unsent[0][0]) >= left:
            self._unsent_size -= len(self._unsent.popleft()[0])
        self._owner.queued(self, self._unsent_size)

    # --- ending -------------------------------------------------------------------------------

    def close(self, reason: str | None = None) -> None:
        """Write what is waiting, then close."""
        self._closing = True
        self._reason = self._reason or reason
        if self._transport is not None:
            self._transport.close()

    def abort(self, reason: str | None = None) -> None:
        """Close now; what has not been sent comes back as failed."""
        self._closing = True
        self._reason = self._reason or reason
        if self._transport is not None:
            self._transport.abort()

    def end(self, reason: str | None) -> None:
        """It is over; the owner is told, once."""
        self._closing = True
        if not self._ended:
            self._ended = True
            self._owner.ended(self, self._reason or reason)

    def late(self, now: float, limits: Limits) -> None:
        """Close it if it has been too slow or idle for too long."""
        if self._transport is None:
            return
        if self._stuck_since is not None:
            before = self._unsent_size
            self._forget_sent()
            if self._unsent_size < before:
                self._stuck_since = now
            elif now - self._stuck_since > limits.send_timeout:
                self.abort("takes nothing any more (tcp_send_timeout)")
        elif self._message_since is not None and now - self._message_since > limits.read_timeout:
            self.abort("does not end its message (tcp_msg_read_timeout)")
        elif not self.heard and now - self.used > limits.data_timeout:
            self.abort("says nothing (tcp_msg_data_timeout)")
        elif now - self.used > limits.lifetime:
            self.close()

    # --- what the event loop says ---------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.used = self._loop.time()
        if self._ended:
            transport.abort()
            return
        # So that pause_writing() and resume_writing() say when something waits and when nothing.
        transport.set_write_buffer_limits(high=0)
        self.flush()
        if self._closing:
            transport.close()

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return
        now = self.used = self._loop.time()
        self.heard = True
        framing = self._framing
        messages = framing.feed(data)
        if not framing.partial:
            self._message_since = None
        elif messages or self._message_since is None:
            self._message_since = now
        if framing.answer:
            self._pong()
        if messages:
            self._owner.arrived(self, messages)
        if framing.fault:
            self.close(f"sent {framing.fault}")

    def _pong(self) -> None:
        answer, self._framing.answer = self._framing.answer, b""
        transport = self._transport
        if transport is None:
            return
        if transport.get_write_buffer_size() > self._owner.most_queued:
            self.abort("does not read what is sent (tcp_conn_wq_max)")
            return
        transport.write(answer)

    def pause_writing(self) -> None:
        if self._stuck_since is None:
            self._stuck_since = self._loop.time()

    def resume_writing(self) -> None:
        self._stuck_since = None
        self._forget_sent()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self.end(None if exc is None else f"broke: {why(exc)}")


def why(error: Exception) -> str:
    """What an error says, without the address that asyncio adds."""
    number = getattr(error, "errno", None)
    return os.strerror(number) if isinstance(number, int) and number > 0 else str(error)
