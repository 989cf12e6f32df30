"""One worker: an event loop, its sockets, an Engine."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Coroutine, Iterator, Sequence
from math import inf
from typing import Any, Final

from sipway.core import log as levels
from sipway.core.engine import Engine
from sipway.core.program import Program
from sipway.core.sockets import ListenSocket
from sipway.errors import StoreError
from sipway.net.tcp import NOT_CONNECTED, TcpSocket
from sipway.net.udp import Datagram
from sipway.server.listening import RealSocket
from sipway.server.memory import give_back
from sipway.server.state import State
from sipway.sip.addresses import ip_text, port

logger: Final = logging.getLogger("sipway.worker")

_MAX_SAID: Final = 64
_TIDY_SECONDS: Final = 1.0
_YOUNG: Final = 50_000  # objects; to look at them takes a millisecond or two
_NEVER: Final = 1 << 30

# By so many seconds the time of day may move against the steady clock before it counts as set;
# less is how clocks are kept right, and what timers need not notice.
_CLOCK_SET: Final = 0.5


class Worker:
    """Brings messages to the Engine and its answers to the sockets.

    `bound` pairs what the script knows of each socket with the real one.

    send_failures      messages that a stream did not take
    closed_for_cause   connections that were refused, or ended otherwise than in order
    """

    def __init__(
        self,
        program: Program,
        bound: Sequence[tuple[ListenSocket, RealSocket]],
        state: State | None = None,
    ) -> None:
        self._state = State(None, print) if state is None else state
        self._bound = tuple(bound)
        self._described = {id(real): described for described, real in self._bound}
        self._streams = [
            (described, real) for described, real in self._bound if isinstance(real, TcpSocket)
        ]
        self._alone = len(self._bound) == 1 and not self._streams
        self._said: set[str] = set()
        self.send_failures = 0
        self.closed_for_cause = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._log = program.log
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = inf
        self._is_flush_due = False
        self._was_busy = False
        self._is_tidy = True
        self._gave_back = True
        self._offset = time.time() - time.monotonic()
        self.engine = Engine(program, self._spawn, self._on_resume)

    def on_batch(self, real: RealSocket, datagrams: list[Datagram]) -> list[Datagram]:
        """Handle what one socket received; returns what the same socket is to send."""
        described = self._described[id(real)]
        self._was_busy = True
        self.engine.receive(datagrams, described, self._now())
        if self._state.store is not None:
            self._commit()
        if self.engine.program.outgoing is not None:
            self._exchange()
        if not self._alone:
            self._send_others(described)
        self._log.flush()
        self._set_timer()
        outgoing = described.outgoing
        if outgoing:
            described.outgoing = []
        return outgoing

    def _exchange(self) -> None:
        """Let `Program.outgoing` change what is about to leave."""
        change = self.engine.program.outgoing
        if change is not None:
            now = self._now()
            for described, _ in self._bound:
                if described.outgoing:
                    described.outgoing = change(described.outgoing, described, now)

    def _commit(self) -> None:
        """Keep what has been written, before anybody is told that it is kept."""
        store = self._state.store
        if store is None:
            return
        try:
            store.commit()
        except StoreError as error:
            # Nothing of it is kept, so nobody is told so: whoever asked will ask again.
            for described, _ in self._bound:
                described.outgoing = []
            self._log.once(levels.ALERT, str(error))

    def on_send_failure(
        self, real: RealSocket, data: bytes, destination: bytes, reason: str
    ) -> None:
        """A stream could not send a message, or may not have: its transaction is told.

        Called once a message, from within `send` or when its connection has ended.
        """
        self.send_failures += 1
        blocked = self.engine.program.blocklist
        if blocked is not None and reason != NOT_CONNECTED:
            blocked.add(real.proto, destination, self._now())
        self._tell(levels.ERR, f"not sent to {_place(real, destination)}", reason)
        # Not at once: whoever is sending may be in the middle of a list of messages.
        asyncio.get_running_loop().call_soon(self._send_failed, data)

    def _send_failed(self, data: bytes) -> None:
        self.engine.send_failed(data, self._now())
        self._commit()
        self._exchange()
        self._send_others(None)
        self._log.flush()
        self._set_timer()

    def on_trouble(self, real: RealSocket, peer: bytes, reason: str) -> None:
        """A connection was refused or closed for a reason, or a socket is in trouble."""
        if not peer:
            self._log.once(levels.ERR, reason)
            return
        self.closed_for_cause += 1
        self._tell(levels.WARN, f"connection with {_place(real, peer)}", reason)

    def _tell(self, level: int, subject: str, reason: str) -> None:
        """Log each reason once at its level, then as information: peers must not fill the log."""
        known = reason in self._said
        if not known and len(self._said) < _MAX_SAID:
            self._said.add(reason)
        self._log.line(levels.INFO if known else level, f"{subject}: {reason}")
        self._log.flush()

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set."""
        loop = asyncio.get_running_loop()
        # What has been made so far lives as long as the server does: the collector need not look
        # at it again. Messages and transactions make no cycles, and a look at all those of a busy
        # server takes longer than a request may wait: so it looks at what is young only, for what
        # faults and tasks leave, and at all when nothing comes in.
        gc.collect()
        gc.freeze()
        before = gc.get_threshold()
        gc.set_threshold(_YOUNG, _NEVER, _NEVER)
        self._tidy()
        for _, real in self._bound:
            real.start(loop)
        for service in (self._state.keep, *self.engine.program.services):
            self._spawn(service())
        try:
            await stop.wait()
        finally:
            gc.set_threshold(*before)
            for task in tuple(self._tasks):
                task.cancel()
            for _, real in self._bound:
                real.close()
            # Connections and tasks learn of their end in the next turns of the loop.
            for _ in range(3):
                await asyncio.sleep(0)
            self._log.flush()

    def connections(self) -> Iterator[dict[str, Any]]:
        """What there is to say of each open connection, for operators."""
        for described, real in self._streams:
            yield from real.shown(described.protocol.upper())

    def _tidy(self) -> None:
        """When nothing has come in for a while: collect garbage, once.

        And give memory back, once, when the last transaction has ended.
        """
        if self._was_busy:
            self._is_tidy = self._gave_back = self._was_busy = False
        elif not self._is_tidy:
            self._is_tidy = True
            gc.collect()
        elif not self._gave_back and not len(self.engine.layer):
            self._gave_back = True
            give_back()
        asyncio.get_running_loop().call_later(_TIDY_SECONDS, self._tidy)

    def _set_timer(self) -> None:
        """Have the engine called when it has something to do next."""
        deadline = self.engine.next_deadline()
        timer = self._timer
        if timer is not None:
            if deadline >= self._timer_at:
                return  # it comes up too early at worst, and is set anew then
            timer.cancel()
            self._timer = None
        if deadline != inf:
            self._timer_at = deadline
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(0.0, deadline - self._now()), self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        self.engine.expire(self._now())
        self._flush()

    def _now(self) -> float:
        """The time of day. If somebody has set it, what waits for a time is moved along."""
        now = time.time()
        moved = now - time.monotonic() - self._offset
        if abs(moved) > _CLOCK_SET:
            # Not only that we were kept from running between two looks at two clocks?
            now = time.time()
            moved = now - time.monotonic() - self._offset
            if abs(moved) > _CLOCK_SET:
                self._offset += moved
                self._timer_at += moved
                self.engine.clock_was_set(moved)
        return now

    def _on_resume(self) -> float:
        """The time, for a route that goes on; what it sends up to its next wait goes out then."""
        self._flush_soon()
        return self._now()

    def _flush_soon(self) -> None:
        """Once for all routes that go on, or end, in this go of the event loop."""
        if not self._is_flush_due:
            self._is_flush_due = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._is_flush_due = False
        self._commit()
        self._exchange()
        self._send_others(None)
        self._log.flush()
        self._set_timer()

    def _send_others(self, but: ListenSocket | None) -> None:
        for described, stream in self._streams:
            if described.new_aliases:
                wanted, described.new_aliases = described.new_aliases, []
                for peer, number in wanted:
                    stream.alias(peer, number)
        for described, real in self._bound:
            if described is not but and described.outgoing:
                outgoing, described.outgoing = described.outgoing, []
                real.send(outgoing)

    def _spawn(self, route: Coroutine[Any, Any, Any]) -> None:
        """Run a route that waits; what it sends goes out when it has ended."""
        task = asyncio.get_running_loop().create_task(route)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            name = getattr(task.get_coro(), "__qualname__", task.get_name())
            logger.error("%s has ended with a fault of sipway's own", name, exc_info=error)
        self._flush_soon()


def _place(real: RealSocket, address: bytes) -> str:
    host = ip_text(address)
    return f"{real.proto}:{f'[{host}]' if ':' in host else host}:{port(address)}"
