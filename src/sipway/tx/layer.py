"""All transactions of a worker: what a message belongs to, and what time brings.

    found = layer.receive_request(message, now)     a retransmission, an ACK, a CANCEL, or new
    transaction = layer.create(message, flow, now)  the user decides that it is to have one
    layer.send(transaction, data, flow, now)        one branch more
    layer.reply(transaction, status, data, now)
    found = layer.receive_reply(message, now)       to which branch, and what is to be done with it
    layer.expire(now)                               at `layer.next_deadline()`

Nothing here decides anything a proxy or a user agent decides; that is the user's, who is told by
what these methods return. Requests and replies go out by the flows, as data.

Compiled (see `layer.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from sipway.sip.hop import ack, cancel
from sipway.sip.message import Message
from sipway.sip.methods import METHODS
from sipway.tx import machines
from sipway.tx.flow import Flow
from sipway.tx.identities import Identities
from sipway.tx.keys import branch_of, branch_parameter, invite_key, request_key
from sipway.tx.machine import ClientTransaction, ServerTransaction, Timing
from sipway.tx.timers import NEVER, TimerQueue
from sipway.tx.transaction import Transaction

_INVITE = METHODS["INVITE"]
_ACK = METHODS["ACK"]
_CANCEL = METHODS["CANCEL"]
_PASS = machines.PASS
_TELL = machines.TELL
_ACKNOWLEDGE = machines.ACKNOWLEDGE

# What a request is to the layer.
NEW: Final = 0  # no transaction knows it
ABSORBED: Final = 1  # a retransmission, or the ACK to a failure: all has been done
CANCELS: Final = 2  # a CANCEL, and there is something to cancel


class _Nobody:
    """Where nothing is sent."""

    def __init__(self) -> None:
        self.outgoing: list[tuple[bytes, bytes]] = []


_NOWHERE: Final = Flow(_Nobody(), b"")


class Told(NamedTuple):
    """What `expire` has to tell the user: a branch that timed out, or (None) the server side."""

    transaction: Transaction
    branch: ClientTransaction | None


class Layer:
    """`timing` is what new transactions get; `lifetimes` how long one may go unanswered at most:
    an INVITE, anything else (seconds; tm's max_inv_lifetime and max_noninv_lifetime); `randbytes`
    where its identities come from, which nobody may be able to guess.

    kept_headers    how the names of header fields begin that ACKs and CANCELs take over, in small
                    letters; "" for none
    call_id_counts  a reply has to have the Call-ID of its request
    served, made    transactions so far: of requests that were received, of our own
    change_cancel   what is sent in place of a CANCEL to a flow at a time, None for nothing at all;
                    None: CANCELs are sent as they are
    completed       how many of the former had a final reply, by its class
    replies_received, replies_sent
                    so far: from branches, to callers
    """

    def __init__(
        self,
        timing: Timing | None = None,
        lifetimes: tuple[float, float] = (180.0, 32.0),
        randbytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self.timing = timing or Timing()
        self.lifetimes = lifetimes
        self._by_key: dict[bytes, Transaction] = {}
        self._by_identity: dict[bytes, Transaction] = {}
        self._timers = TimerQueue()
        self._last: Message | None = None
        self._last_key = b""
        self.kept_headers = ""
        self.call_id_counts = False
        self._identities = Identities(randbytes)
        self.served = 0
        self.made = 0
        self.replies_received = 0
        self.replies_sent = 0
        self.completed = [0] * 7
        self.change_cancel: Callable[[bytes, Flow, float], Any] | None = None

    def __len__(self) -> int:
        return len(self._by_identity)

    def count_unanswered(self) -> int:
        """How many transactions have had no final reply; looks at all of them."""
        return sum(
            each.server is None or each.server.status < 200 for each in self._by_identity.values()
        )

    # --- requests -------------------------------------------------------------------------

    def receive_request(self, message: Message, now: float) -> tuple[int, Transaction | None]:
        """What a request is, NEW, ABSORBED or CANCELS, and to which transaction."""
        method = message.method_id
        if method == _ACK:
            transaction = self._by_key.get(invite_key(message))
            if transaction is None:
                return NEW, None
            return self._acknowledged(transaction, now), transaction
        key = request_key(message)
        transaction = self._by_key.get(key)
        if transaction is None:
            self._last, self._last_key = message, key  # `create` may want it in a moment
        else:
            assert transaction.server is not None
            transaction.server.step(machines.REQUEST, now)
            return ABSORBED, transaction
        if method == _CANCEL:
            transaction = self._by_key.get(invite_key(message))
            if transaction is not None:
                return CANCELS, transaction
        return NEW, None

    def _acknowledged(self, transaction: Transaction, now: float) -> int:
        server = transaction.server
        assert server is not None
        if server.state == machines.ACCEPTED and not server.failed:
            return NEW  # to a 2xx: it goes to where the 2xx came from
        server.step(machines.ACK, now)
        self._settle(transaction)
        return ABSORBED

    def find_request(self, message: Message) -> Transaction | None:
        """The transaction that a request made or, an ACK or a CANCEL, belongs to."""
        if message.method_id == _ACK or message.method_id == _CANCEL:
            return self._by_key.get(invite_key(message))
        if message is self._last:  # it has been looked for a moment ago
            return self._by_key.get(self._last_key)
        return self._by_key.get(request_key(message))

    def create(
        self,
        message: Message,
        flow: Flow | None,
        now: float,
        timing: Timing | None = None,
        lifetime: float = 0.0,
    ) -> Transaction:
        """Make a transaction of a request; `flow` is where its replies go.

        Without a flow the request is one of our own, and has no server side. `lifetime`: how long
        it may go unanswered at most (seconds), 0 for that of the layer.
        """
        server = None
        key = b""
        if flow is not None:
            invite = message.method_id == _INVITE
            server = ServerTransaction(invite, timing or self.timing, flow)
            server.wait_until = now + (lifetime or self.lifetimes[0 if invite else 1])
            key = self._last_key if message is self._last else request_key(message)
            self.served += 1
        else:
            self.made += 1
        identity = self._new_identity()
        transaction = Transaction(key, identity, message, server)
        if key:
            self._by_key[key] = transaction
        self._by_identity[identity] = transaction
        if server is not None:  # without one it begins with its first branch
            self._settle(transaction)
        return transaction

    def _new_identity(self) -> bytes:
        """One that no transaction has."""
        while True:
            identity = self._identities.draw()
            if identity not in self._by_identity:
                return identity

    def reply(self, transaction: Transaction, status: int, data: bytes, now: float) -> bool:
        """Send a reply; False if a final one has been sent, or there is nobody to send it to."""
        server = transaction.server
        if server is None:
            return False
        before = server.status
        if not server.send(status, data, now):
            return False
        self.replies_sent += 1
        if before < 200 <= status:
            self.completed[status // 100] += 1
        self._settle(transaction)
        return True

    def find(self, identity: bytes) -> Transaction | None:
        """The transaction of this identity, None if there is none any more."""
        return self._by_identity.get(identity)

    def find_call(self, call_id: bytes, cseq_number: int, own: bool = False) -> Transaction | None:
        """An INVITE transaction, by Call-ID and CSeq number: with a server side, or one of our own.

        All are looked at: this is for what is done by hand, not for each message.
        """
        for transaction in self._by_identity.values():
            if (transaction.server is None) != own:
                continue
            request = transaction.request
            if (
                request.method_id == _INVITE
                and request.call_id_bytes == call_id
                and request.cseq_number == cseq_number
            ):
                return transaction
        return None

    def transactions(self) -> list[Transaction]:
        """All of them, for operators."""
        return list(self._by_identity.values())

    def reschedule(self, transaction: Transaction) -> None:
        """Take notice of deadlines that the user has moved."""
        self._settle(transaction)

    # --- branches -------------------------------------------------------------------------

    def add_failed(self, transaction: Transaction) -> ClientTransaction:
        """One more branch, which nothing was sent for: it has ended already."""
        invite = transaction.request.method_id == _INVITE
        branch = ClientTransaction(invite, self.timing, _NOWHERE, len(transaction.branches))
        branch.state = machines.TERMINATED
        transaction.branches.append(branch)
        return branch

    def next_branch(self, transaction: Transaction) -> bytes:
        """The branch parameter that the Via of the next request has to have."""
        return branch_parameter(transaction.identity, len(transaction.branches))

    def send(
        self,
        transaction: Transaction,
        data: bytes,
        flow: Flow,
        now: float,
        timing: Timing | None = None,
    ) -> ClientTransaction:
        """Send a request as one more branch; its topmost Via has the `next_branch`."""
        invite = transaction.request.method_id == _INVITE
        number = len(transaction.branches)
        branch = ClientTransaction(invite, timing or self.timing, flow, number)
        transaction.branches.append(branch)
        branch.send(data, now)
        self._settle(transaction)
        return branch

    def receive_reply(
        self, message: Message, now: float
    ) -> tuple[Transaction | None, ClientTransaction | None, int]:
        """Whose reply this is, and what is done (`machines`); None, None, 0 for a stray one.

        The user has to do something about it only where PASS is among what is done.
        """
        transaction, branch = self.find_reply(message)
        if transaction is None or branch is None:
            return None, None, 0
        return transaction, branch, self.feed_reply(transaction, branch, message, now)

    def find_reply(self, message: Message) -> tuple[Transaction | None, ClientTransaction | None]:
        """Whose reply this is; None, None for a stray one. Nothing is done yet."""
        identity, number = branch_of(message)
        transaction = self._by_identity.get(identity)
        if transaction is None:
            return None, None
        branch = transaction.branch(number)
        if branch is None:
            return None, None
        if self.call_id_counts and message.call_id_bytes != transaction.request.call_id_bytes:
            return None, None
        method = message.method_id
        if method == transaction.request.method_id or (
            method == _CANCEL and branch.cancel is not None
        ):
            return transaction, branch
        return None, None

    def feed_reply(
        self, transaction: Transaction, branch: ClientTransaction, message: Message, now: float
    ) -> int:
        """Take in a reply that `find_reply` has found the branch of; returns what is done."""
        if message.method_id == _CANCEL and branch.cancel is not None:
            branch.cancel.receive(message, now)
            self._settle(transaction)
            return 0
        done = branch.receive(message, now)
        self.replies_received += 1
        if done & _ACKNOWLEDGE:
            if not branch.ack:
                branch.ack = ack(branch.data, message, self.kept_headers)
            branch.flow.send(branch.ack)
        if branch.wants_cancel:
            if message.status < 200:
                self._send_cancel(branch, branch.cancel_lines, now)
            else:
                branch.wants_cancel = False
        self._settle(transaction)
        return done

    def cancel(
        self, transaction: Transaction, branch: ClientTransaction, now: float, extra: bytes = b""
    ) -> None:
        """Cancel a branch, at once or as soon as a provisional reply has come (9.1).

        That holds for one that was given up too: it may ring after all.

        `extra`: complete header lines for the CANCEL.
        """
        if not branch.invite or branch.cancel is not None:
            return
        if branch.state == machines.PROCEEDING:
            self._send_cancel(branch, extra, now)
            self._settle(transaction)
        elif branch.state == machines.TRYING or branch.state == machines.TERMINATED:
            branch.wants_cancel = True
            branch.cancel_lines = extra

    def _send_cancel(self, branch: ClientTransaction, extra: bytes, now: float) -> None:
        branch.wants_cancel = False
        data = cancel(branch.data, extra, self.kept_headers)
        if self.change_cancel is not None:
            data = self.change_cancel(data, branch.flow, now)
        if data is not None:
            branch.cancel = ClientTransaction(False, branch.timing, branch.flow)
            branch.cancel.send(data, now)

    def broken(self, transaction: Transaction, branch: ClientTransaction, now: float) -> bool:
        """The transport of a branch failed; whether that is news."""
        done = branch.step(machines.BROKEN, now)
        self._settle(transaction)
        return done & _TELL != 0

    # --- time -----------------------------------------------------------------------------

    def next_deadline(self) -> float:
        """When `expire` has something to do next (seconds); NEVER if nothing is waited for."""
        return self._timers.next_deadline()

    def expire(self, now: float) -> list[Told]:
        """Do all that is due at `now`: retransmit, give up, forget. What the user must know of."""
        told: list[Told] = []
        for item in self._timers.expire(now):
            transaction: Transaction = item  # type: ignore[assignment]
            server = transaction.server
            if server is not None and server.deadline() <= now and server.expire(now) & _TELL:
                told.append(Told(transaction, None))
            for branch in transaction.branches:
                if branch.deadline() <= now and branch.expire(now) & _TELL:
                    told.append(Told(transaction, branch))
                if branch.cancel is not None and branch.cancel.deadline() <= now:
                    branch.cancel.expire(now)
            self._settle(transaction)
        return told

    def shift(self, seconds: float) -> list[Transaction]:
        """Move all deadlines: the clock that `now` comes from was set by so many seconds.

        Returns all transactions: their users may have deadlines of their own.
        """
        found = list(self._by_identity.values())
        for transaction in found:
            transaction.shift(seconds)
            self._settle(transaction)
        return found

    def _settle(self, transaction: Transaction) -> None:
        """Set the timer to what is due next, or earlier, or forget what has ended."""
        deadline = transaction.deadline()
        if deadline != NEVER:
            self._timers.advance(transaction, deadline)
        elif transaction.has_ended():
            self.forget(transaction)
        else:
            self._timers.cancel(transaction)

    def forget(self, transaction: Transaction) -> None:
        """Let go of a transaction, whatever its state."""
        self._timers.cancel(transaction)
        if transaction.key and self._by_key.get(transaction.key) is transaction:
            del self._by_key[transaction.key]
        self._by_identity.pop(transaction.identity, None)
