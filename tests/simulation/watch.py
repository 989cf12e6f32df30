"""What must hold on the wires of a server, whatever the network loses and whoever dies.

Kept apart from what the server keeps: from the datagrams alone.
"""

from __future__ import annotations

from tests.simulation.packet import Packet
from tests.simulation.tally import Tally
from tests.simulation.world import BEGIN, World

# A server remembers for 5 seconds what it has answered (wt_timer), a little less here.
_REMEMBERED = 4.9
_INVITE = b"INVITE"
_ACK = b"ACK"
_CANCEL = b"CANCEL"


class _Asked:
    """A request that the server got.

    replied    anything was answered
    finals     status and To-tag of its final answers
    deserves   whether it must get one
    forgotten  it came again so long after the answer that it may have been taken for a new one
    """

    __slots__ = ("answered", "began", "call", "cancelled", "deserves", "finals", "forgotten",
                 "method", "replied")  # fmt: skip

    def __init__(self, packet: Packet, now: float) -> None:
        self.began = now
        self.call = packet.call_id
        self.method = packet.verb
        self.finals: list[tuple[int, bytes]] = []
        self.cancelled = self.answered = 0.0
        self.forgotten = self.replied = False
        self.deserves = True


class _Sent:
    """A request that the server sent on; what came back, and what was said to that."""

    __slots__ = ("batch", "began", "destination", "failed", "final", "has_failed", "packet",
                 "provisional")  # fmt: skip

    def __init__(self, packet: Packet, destination: bytes, now: float) -> None:
        self.began = now
        self.packet = packet
        self.destination = destination
        self.provisional = False
        self.final = 0
        self.failed = 0.0
        self.has_failed = False
        self.batch = 0


class Watch:
    """One for each server; forgets when it dies."""

    def __init__(self, host: str, world: World, tally: Tally) -> None:
        self.host = host
        self.world = world
        self.tally = tally
        self._batch = 0
        self.forget()
        self.died = False

    def forget(self) -> None:
        self._asked: dict[tuple[bytes, bytes], _Asked] = {}
        self._sent: dict[tuple[bytes, bytes], _Sent] = {}
        self.died = True

    def fault(self, what: str, packet: Packet) -> None:
        now = self.world.now - BEGIN
        call = packet.call_id.decode()
        self.tally.fault(f"{self.host} at {now:.3f}: {what} ({packet.what}, {call})")

    # --- in -----------------------------------------------------------------------------------

    def begins(self) -> None:
        """A batch is about to be handed to the server."""
        self._batch += 1

    def came(self, packet: Packet, known: bool) -> None:
        """A datagram is in that batch; `known`: of a failure, whether its transaction is there."""
        if packet.status:
            self._reply_came(packet, known)
            return
        verb = packet.verb
        deserves = True
        if verb == _ACK:
            return
        if verb == _CANCEL:
            invite = self._asked.get((packet.branch, _INVITE))
            if invite is None or invite.finals or not invite.replied:
                deserves = False  # it comes too early, or too late
            elif not invite.cancelled:
                invite.cancelled = self.world.now
        key = (packet.branch, verb)
        if key not in self._asked:
            asked = self._asked[key] = _Asked(packet, self.world.now)
            asked.deserves = deserves
        else:
            asked = self._asked[key]
            if asked.finals and self.world.now - asked.answered > _REMEMBERED:
                asked.forgotten = True

    def _reply_came(self, packet: Packet, known: bool) -> None:
        sent = self._sent.get((packet.branch, packet.method))
        if sent is None:
            return
        if packet.status < 200:
            sent.provisional = True
            return
        if packet.status >= 300:
            sent.has_failed = True
        if not sent.final:
            sent.final = packet.status
            sent.batch = self._batch
            if packet.status >= 300 and packet.method == _INVITE and known:
                sent.failed = self.world.now

    # --- out ----------------------------------------------------------------------------------

    def went(self, packet: Packet, destination: bytes, stateless: bool) -> None:
        """The server sent a datagram; `stateless`: it may be a reply without a transaction."""
        if packet.status:
            self._reply_went(packet, stateless)
        elif packet.verb == _CANCEL:
            self._cancel_went(packet, destination)
        elif packet.verb == _ACK:
            self._ack_went(packet, destination)
        else:
            key = (packet.branch, packet.verb)
            if key not in self._sent:
                self._sent[key] = _Sent(packet, destination, self.world.now)

    def _reply_went(self, packet: Packet, stateless: bool) -> None:
        asked = self._asked.get((packet.branch, packet.method))
        if asked is None:
            if not self.died:
                self.fault("a reply to what nobody asked", packet)
            return
        asked.replied = True
        if stateless and self.died:
            asked.forgotten = True  # a reply to what was asked before the death
        if packet.status < 200:
            if asked.finals and not stateless and not asked.forgotten:
                self.fault("a provisional reply after a final one", packet)
            return
        final = (packet.status, packet.to_tag)
        if final in asked.finals:
            return
        asked.answered = self.world.now
        if asked.finals:
            if asked.forgotten:
                self.tally.count("forgotten requests")
            elif packet.method == _INVITE and packet.status < 300:
                self.tally.count("another 2xx")
            elif stateless:
                self.tally.count("stateless finals")
            else:
                self.fault(f"another final reply, after {asked.finals}", packet)
        asked.finals.append(final)

    def _cancel_went(self, packet: Packet, destination: bytes) -> None:
        sent = self._sent.get((packet.branch, _INVITE))
        if sent is None:
            self.fault("a CANCEL of what was not sent", packet)
            return
        key = (packet.branch, _CANCEL)
        again = key in self._sent
        if not again:
            self._sent[key] = _Sent(packet, destination, self.world.now)
        if sent.destination != destination:
            self.fault("a CANCEL that goes elsewhere than its INVITE", packet)
        if (packet.uri, packet.number, packet.call_id) != (
            sent.packet.uri,
            sent.packet.number,
            sent.packet.call_id,
        ):
            self.fault("a CANCEL that is not like its INVITE", packet)
        if not sent.provisional:
            self.fault("a CANCEL before any provisional reply", packet)
        if sent.final and not again and sent.batch != self._batch:
            self.fault(f"a CANCEL after the final reply {sent.final}", packet)

    def _ack_went(self, packet: Packet, destination: bytes) -> None:
        sent = self._sent.get((packet.branch, _INVITE))
        if sent is None:
            return  # to a 2xx: relayed
        if sent.destination != destination:
            self.fault("an ACK that goes elsewhere than its INVITE", packet)
        if not sent.has_failed:
            self.fault(f"an ACK by ourselves, the reply was {sent.final}", packet)
        sent.failed = 0.0

    # --- the end ------------------------------------------------------------------------------

    def ends(self) -> None:
        """All is over."""
        for asked in self._asked.values():
            if asked.deserves and not asked.finals:
                self.tally.fault(
                    f"{self.host}: {asked.method.decode()} of {asked.call.decode()} at"
                    f" {asked.began - BEGIN:.3f} got no final reply"
                )
        for sent in self._sent.values():
            if sent.failed:
                self.tally.fault(
                    f"{self.host}: no ACK to the {sent.final} of {sent.packet.call_id.decode()} at"
                    f" {sent.failed - BEGIN:.3f}, {sent.packet.branch.decode()}"
                )
