"""Runs a Program on what arrives: bytes in, bytes out, no socket and no clock of its own.

    datagrams -> parse -> filters of modules -> the script -> socket.outgoing

A Program is what a script has become: immutable, so that a reload swaps the one
reference that new messages use, while messages on their way keep theirs.

Nothing that arrives can raise out of `Engine.receive`: it is counted, answered or dropped.

Compiled (see `engine.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sipway.core import replies
from sipway.core import waiting as coroutines
from sipway.core.context import Context
from sipway.core.core_events import tell_broken
from sipway.core.program import Program
from sipway.core.proxy import failures, relaying, responses
from sipway.errors import SipParseError
from sipway.language.signatures import Routes
from sipway.sip.message import Message, parse
from sipway.sip.methods import ACK, CANCEL
from sipway.tx.keys import request_key
from sipway.tx.layer import ABSORBED
from sipway.tx.machines import PASS

if TYPE_CHECKING:
    from sipway.core.program import Block
    from sipway.core.sockets import ListenSocket

logger = logging.getLogger("sipway.engine")

_REQUEST = Routes.REQUEST.value
_REPLY = Routes.REPLY.value

_FAULT = "Server Internal Error"

# Datagrams this short are keepalives (CRLF, zero bytes, STUN-less pings), not SIP.
_SHORTEST_MESSAGE = 12


@dataclass(slots=True, eq=False)
class Counters:
    """What has come in and what became of it; one for each worker.

    matched_replies   belonged to a transaction
    unwanted_replies  were dropped by the script, those to no transaction
    broken_requests, broken_replies
                      began like one and were none; they are among `not_sip`
    """

    requests: int = 0
    replies: int = 0
    keepalives: int = 0
    absorbed: int = 0
    not_sip: int = 0
    refused: int = 0
    filtered: int = 0
    script_errors: int = 0
    forwarded_replies: int = 0
    dropped_replies: int = 0
    matched_replies: int = 0
    unwanted_replies: int = 0
    broken_replies: int = 0
    broken_requests: int = 0


class Engine:
    """Feeds messages to the current Program.

    `spawn` takes a coroutine and runs it to its end (a task of the event loop), and `clock` gives
    the time, as `now` does; they are needed only for scripts with functions that wait.
    """

    def __init__(
        self,
        program: Program,
        spawn: Callable[[Coroutine[Any, Any, Any]], object] | None = None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        program.spawn = spawn
        program.clock = clock
        self.program = program
        self.counters = Counters()
        program.shared.counters = self.counters
        self.layer = program.layer
        self._running: set[bytes] = set()

    def swap(self, program: Program) -> None:
        """Let new messages run on another Program, which must have been given the same layer."""
        program.spawn = self.program.spawn
        program.clock = self.program.clock
        self.program = program

    def receive(
        self, datagrams: list[tuple[bytes, bytes]], socket: ListenSocket, now: float
    ) -> None:
        """Handle a batch of (data, raw sockaddr of the sender) that came in by `socket`.

        What is to be sent is left in `outgoing` of the sockets.
        """
        program = self.program
        counters = self.counters
        layer = self.layer
        if program.incoming is not None:
            datagrams = program.incoming(datagrams, socket, now)
        # Also without tm, as long as transactions of an earlier Program are there.
        stateful = program.stateful or len(layer) > 0
        route = program.request_route
        mask = 0
        for methods, _ in program.filters:
            mask |= methods
        direct = route is not None and route not in program.waiting
        requests = 0
        for data, source in datagrams:
            try:
                message = parse(data)
            except SipParseError as error:
                self._refuse(error, data, socket, source, now)
                continue
            if not message.is_request:
                self._reply(program, message, socket, source, now)
                continue
            requests += 1
            if stateful and layer.receive_request(message, now)[0] == ABSORBED:
                counters.absorbed += 1
                continue
            ctx = Context.__new__(Context)
            ctx._begin(message, program, socket, source, now, _REQUEST)
            if message.method_id & mask and not self._admit(ctx):
                counters.filtered += 1
                continue
            if direct:
                try:
                    route(ctx)  # type: ignore[misc]
                    if ctx.transaction is not None:
                        relaying.leave(ctx)
                except Exception as error:  # noqa: BLE001 - logged and answered
                    self._failed(ctx, error)
            elif route is not None:
                self._start(route, ctx)
        counters.requests += requests

    def next_deadline(self) -> float:
        """When `expire` has something to do next (seconds since the epoch), or infinity."""
        return self.layer.next_deadline()

    def expire(self, now: float) -> None:
        """Do what is due in transactions: retransmit, give branches up."""
        for transaction, branch in self.layer.expire(now):
            try:
                if branch is None:
                    failures.end_of_life(transaction, now)
                else:
                    failures.give_up(transaction, branch, now)
            except Exception as error:  # noqa: BLE001 - logged; the lifetime ends what is left
                self._log_fault(error)

    def clock_was_set(self, seconds: float) -> None:
        """Somebody has set the clock by so many seconds: timers still take as long as before."""
        for transaction in self.layer.shift(seconds):
            state = transaction.user
            if state is not None:
                state.ends_at += seconds
            for branch in transaction.branches:
                if branch.user is not None:
                    branch.user.waits_until += seconds

    def send_failed(self, data: bytes, now: float) -> None:
        """A message could not be sent: a request of a branch has failed, as if 477 had come back.

        RFC 3261 sections 16.9 and 17.1.4; the code is Kamailio's.
        """
        try:
            message = parse(data)
        except SipParseError:
            return
        if not message.is_request or message.method_id == CANCEL:
            return
        transaction, branch = self.layer.find_reply(message)
        if transaction is None or branch is None:
            return
        if self.layer.broken(transaction, branch, now):
            failures.fail(transaction, branch, 477, now)

    def _admit(self, ctx: Context) -> bool:
        """Whether all filters let the request through to the script."""
        method = ctx.message.method_id
        for methods, check in ctx.program.filters:
            if methods & method and not check(ctx):
                return False
        return True

    def _start(self, route: Block, ctx: Context) -> None:
        """Run request_route up to its first wait at once, and the rest of it as a task.

        What comes again while it waits is absorbed.
        """
        if self._running and request_key(ctx.message) in self._running:
            self.counters.absorbed += 1
            return
        try:
            rest = coroutines.start(route(ctx), ctx)
            if rest is None and ctx.transaction is not None:
                relaying.leave(ctx)
        except Exception as error:  # noqa: BLE001 - logged and answered
            self._failed(ctx, error)
            return
        if rest is not None:
            key = request_key(ctx.message)
            self._running.add(key)
            ctx.program.go_on(self._finish(rest, ctx, key))

    async def _finish(self, rest: Coroutine[Any, Any, Any], ctx: Context, key: bytes) -> None:
        try:
            await rest
            if ctx.transaction is not None:
                relaying.leave(ctx)
        except Exception as error:  # noqa: BLE001 - logged and answered
            self._failed(ctx, error)
        finally:
            self._running.discard(key)

    async def _finish_reply(self, route: Block, ctx: Context) -> None:
        try:
            await route(ctx)
            self._pass_on(ctx)
        except Exception as error:  # noqa: BLE001 - logged
            self._log_fault(error)

    def _failed(self, ctx: Context, error: Exception) -> None:
        """A fault in a module's function or in the generated code, not in the script.

        The caller is told (500), unless the request is on its way already; the operator gets the
        traceback with the script's lines.
        """
        self._log_fault(error)
        transaction = ctx.transaction
        if transaction is None:
            if ctx.message.method_id != ACK:
                replies.send_reply(ctx, 500, _FAULT)
        elif not transaction.branches and not transaction.user.pending:
            relaying.reply(ctx, transaction, 500, _FAULT)

    def _log_fault(self, error: Exception) -> None:
        self.counters.script_errors += 1
        logger.error("the script stopped at a fault of sipway's own", exc_info=error)

    def _refuse(
        self, error: SipParseError, data: bytes, socket: ListenSocket, source: bytes, now: float
    ) -> None:
        """What could not be parsed: answered with 400 or 505 if that is possible, else counted."""
        counters = self.counters
        if len(data) < _SHORTEST_MESSAGE or not data.strip(b"\r\n\0 \t"):
            counters.keepalives += 1
            return
        program = self.program
        if program.events:
            self._tell_broken(data, socket, source, now)
        message = error.request
        if message is None:
            counters.not_sip += 1
            if data.startswith(b"SIP/2.0 "):
                counters.broken_replies += 1
            elif b" SIP/2.0" in data.partition(b"\n")[0]:
                counters.broken_requests += 1
            if program.log.level >= program.settings.corelog:
                program.log.line(
                    program.settings.corelog, f"dropped what is not SIP: {error.reason}"
                )
            return
        counters.refused += 1
        if program.log.level >= program.settings.corelog:
            program.log.line(program.settings.corelog, f"refused a broken request: {error.reason}")
        if message.method_id != ACK:
            ctx = Context(message, program, socket, source, now, _REQUEST)
            replies.send_reply(ctx, error.status, error.reason)

    def _tell_broken(self, data: bytes, socket: ListenSocket, source: bytes, now: float) -> None:
        try:
            tell_broken(self.program, data, socket, source, now)
        except Exception as error:  # noqa: BLE001 - logged; the message is dealt with as ever
            self._log_fault(error)

    def _reply(
        self, program: Program, message: Message, socket: ListenSocket, source: bytes, now: float
    ) -> None:
        """Run `reply_route`, then pass the reply on along its Vias unless it was dropped."""
        self.counters.replies += 1
        ctx = Context(message, program, socket, source, now, _REPLY)
        route = program.reply_route
        if route is not None and route in program.waiting:
            program.start(self._finish_reply(route, ctx), ctx)
            return
        try:
            if route is not None:
                route(ctx)
            self._pass_on(ctx)
        except Exception as error:  # noqa: BLE001 - logged
            self._log_fault(error)

    def _pass_on(self, ctx: Context) -> None:
        """Hand a reply to its transaction, or send it on along its Vias, unless it was dropped."""
        layer = self.layer
        if not ctx.dropped and len(layer):
            transaction, branch = layer.find_reply(ctx.message)
            if transaction is not None:
                assert branch is not None
                self.counters.matched_replies += 1
                done = layer.feed_reply(transaction, branch, ctx.message, ctx.now)
                if done & PASS:
                    responses.receive(ctx, transaction, branch)
                return
        if ctx.dropped:
            self.counters.unwanted_replies += 1
        if ctx.program.proxy.stray_reply is not None and not ctx.dropped:
            responses.receive_stray(ctx)
        if ctx.dropped or not replies.forward_reply(ctx):
            self.counters.dropped_replies += 1
        else:
            self.counters.forwarded_replies += 1
