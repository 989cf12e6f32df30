"""A state machine of `machines`, running: one client or server transaction.

It holds what it sent last, sends it again when that is due, and knows its two deadlines. What it
cannot do itself (hand a message on, make an ACK, tell the user) it returns, as the bits of
`machines`.

Compiled (see `machine.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from typing import Any

from sipway.sip.message import Message
from sipway.tx import machines
from sipway.tx.flow import Flow
from sipway.tx.machines import event_of
from sipway.tx.timers import NEVER

_EVENTS = machines.EVENTS
_TRYING = machines.TRYING
_PROCEEDING = machines.PROCEEDING
_ACCEPTED = machines.ACCEPTED
_TERMINATED = machines.TERMINATED
_RETRANSMIT = machines.RETRANSMIT
_GIVE_UP = machines.GIVE_UP
_LINGER = machines.LINGER
_RESEND = machines.RESEND
_START_RETRANSMIT = machines.START_RETRANSMIT
_STOP_RETRANSMIT = machines.STOP_RETRANSMIT
_START_GIVE_UP = machines.START_GIVE_UP
_START_LINGER = machines.START_LINGER
_START_SHORT_LINGER = machines.START_SHORT_LINGER
_START_ANY_LINGER = _START_LINGER | _START_SHORT_LINGER
_TIMERS = _START_RETRANSMIT | _STOP_RETRANSMIT | _START_GIVE_UP | _START_ANY_LINGER

_PASS = machines.PASS

_INVITE_CLIENT = machines.flat(machines.INVITE_CLIENT)
_CLIENT = machines.flat(machines.CLIENT)
_INVITE_SERVER = machines.flat(machines.INVITE_SERVER)
_SERVER = machines.flat(machines.SERVER)


class Timing:
    """The durations of a transaction's timers, all in seconds (RFC 3261 table 4).

    t1            first interval between retransmissions
    t2            longest interval
    give_up       a client that got no reply (B, F), a server that got no ACK (H)
    ringing       a client of an INVITE that got a provisional reply (C of 16.6)
    linger        how long a finished transaction answers stragglers (D, J, L, M)
    short_linger  likewise, where the RFC says T4 (I, K)
    """

    def __init__(
        self,
        t1: float = 0.5,
        t2: float = 4.0,
        give_up: float = 32.0,
        ringing: float = 180.0,
        linger: float = 32.0,
        short_linger: float = 5.0,
    ) -> None:
        self.t1 = t1
        self.t2 = t2
        self.give_up = give_up
        self.ringing = ringing
        self.linger = linger
        self.short_linger = short_linger


class Machine:
    """One machine. Use `ClientTransaction` or `ServerTransaction`.

    state          of `machines`
    data           what was sent last, b"" before that
    flow           where it goes
    retransmit_at  when it is sent again, else NEVER
    wait_until     when it gives up, or has lingered long enough, else NEVER
    """

    def _begin(self, table: tuple[int, ...], state: int, timing: Timing, flow: Flow) -> None:
        self._table = table
        self.state = state
        self.timing = timing
        self.flow = flow
        self.data = b""
        self._interval = 0.0
        self.retransmit_at = NEVER
        self.wait_until = NEVER
        self._waits_for = _GIVE_UP

    @property
    def state_name(self) -> str:
        return machines.STATE_NAMES[self.state]

    def step(self, event: int, now: float) -> int:
        """Take in an event; returns what is done, as bits of `machines`."""
        cell: int = self._table[self.state * _EVENTS + event]
        if cell < 0:
            return 0
        self.state = cell & 7
        done = cell >> 3
        if done & _RESEND and self.data:
            self.flow.send(self.data)
        if done & _TIMERS:
            self._set_timers(done, now)
        if self.state == _TERMINATED:
            self.retransmit_at = NEVER
            self.wait_until = NEVER
        return done

    def _set_timers(self, done: int, now: float) -> None:
        timing = self.timing
        reliable = self.flow.reliable
        if done & _STOP_RETRANSMIT:
            self.retransmit_at = NEVER
        if done & _START_RETRANSMIT and not reliable:
            self._retransmit_later(now)
        if done & _START_GIVE_UP:
            self._waits_for = _GIVE_UP
            self.wait_until = now + (
                timing.ringing if self.state == _PROCEEDING else timing.give_up
            )
        elif done & _START_ANY_LINGER:
            self.retransmit_at = NEVER
            self._waits_for = _LINGER
            # A 2xx is awaited, or awaited once more, whatever the transport (RFC 6026).
            if reliable and self.state != _ACCEPTED and self.state != _PROCEEDING:
                self.wait_until = now
            elif done & _START_LINGER:
                self.wait_until = now + timing.linger
            else:
                self.wait_until = now + timing.short_linger

    def _retransmit_later(self, now: float) -> None:
        """Twice the interval of the last time, up to T2; T2 at once for what is being worked on."""
        timing = self.timing
        if self._interval == 0.0:
            self._interval = timing.t1
        elif self._table is _CLIENT and self.state == _PROCEEDING:
            self._interval = timing.t2
        elif self._table is _INVITE_CLIENT or self._interval * 2 < timing.t2:
            self._interval *= 2
        else:
            self._interval = timing.t2
        self.retransmit_at = now + self._interval

    def deadline(self) -> float:
        """When `expire` has something to do next."""
        if self.retransmit_at < self.wait_until:
            return self.retransmit_at
        return self.wait_until

    def expire(self, now: float) -> int:
        """Do what is due at `now`; returns what is done, as `step` does."""
        if self.wait_until <= now:
            return self.step(self._waits_for, now)
        if self.retransmit_at <= now:
            return self.step(_RETRANSMIT, now)
        return 0

    def shift(self, seconds: float) -> None:
        """Move both deadlines by so many seconds; what is NEVER stays it."""
        self.retransmit_at += seconds
        self.wait_until += seconds

    def give_up_at(self, deadline: float) -> None:
        """Have it give up then instead of when its timing says, as long as it has not ended."""
        if self._waits_for == _GIVE_UP and self.state != _TERMINATED:
            self.wait_until = deadline


class ClientTransaction(Machine):
    """A request that we sent, and what came back; the user's side of it is the user's.

    status    of the last reply, 0 before one
    ack       the ACK to a failure, made once, b"" before that
    cancel    the CANCEL of this request, None before one; its own client transaction
    wants_cancel  it is to be cancelled as soon as a provisional reply allows it (9.1)
    cancel_lines  complete header lines for that CANCEL
    user      whatever the user keeps with it
    number    which of the branches of its Transaction it is
    """

    def __init__(self, invite: bool, timing: Timing, flow: Flow, number: int = 0) -> None:
        self.number = number
        self._begin(_INVITE_CLIENT if invite else _CLIENT, _TRYING, timing, flow)
        self.invite = invite
        self.status = 0
        self.ack = b""
        self.cancel: ClientTransaction | None = None
        self.wants_cancel = False
        self.cancel_lines = b""
        self.user: Any = None

    def send(self, data: bytes, now: float) -> None:
        """Send the request for the first time."""
        self.data = data
        self.flow.send(data)
        if not self.flow.reliable:
            self._retransmit_later(now)
        self.wait_until = now + self.timing.give_up

    def receive(self, message: Message, now: float) -> int:
        """Take in a reply to this request; returns what is done."""
        status = message.status
        done = self.step(event_of(status), now)
        if done & _PASS:
            self.status = status
        return done


class ServerTransaction(Machine):
    """A request that we received, and our answer to it.

    status    of the last reply sent, 0 before one
    failed    a failure was sent, though a 2xx may have come after it
    """

    def __init__(self, invite: bool, timing: Timing, flow: Flow) -> None:
        table, state = (_INVITE_SERVER, _PROCEEDING) if invite else (_SERVER, _TRYING)
        self._begin(table, state, timing, flow)
        self.invite = invite
        self.status = 0
        self.failed = False

    def send(self, status: int, data: bytes, now: float) -> bool:
        """Send a reply; False if the state does not allow it (a final one was sent before)."""
        done = self.step(event_of(status), now)
        if not done & _PASS:
            return False
        self.status = status
        if status >= 300:
            self.failed = True
        self.data = data
        self.flow.send(data)
        return True
