"""How phones ask: INVITEs that are cancelled now and then, and other requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.simulation.network import address_of
from tests.simulation.packet import Packet

if TYPE_CHECKING:
    from tests.simulation.phone import Phone

T1: Final = 0.5
T2: Final = 4.0
PATIENCE: Final = 32.0


@dataclass(slots=True)
class Plan:
    """What a caller is going to do.

    uri           whom it calls
    extra         complete header lines for the script, which forks and the like by them
    cancel_after  seconds until it gives up, None if it does not
    rude          it cancels without waiting for a provisional reply, or after the final one
    talk          seconds until somebody hangs up
    """

    method: bytes
    uri: bytes
    extra: bytes = b""
    cancel_after: float | None = None
    rude: bool = False
    talk: float = 10.0


class Request:
    """A client transaction of a phone."""

    def __init__(self, phone: Phone, packet: Packet, destination: bytes, call: Call) -> None:
        self.phone = phone
        self.packet = packet
        self.destination = destination
        self.call = call
        self.status = 0
        self.over = False
        phone.requests[packet.branch, packet.verb] = self
        phone.send(packet, destination)
        world = phone.world
        world.after(T1, self._repeat, T1, world.now + PATIENCE)

    def _repeat(self, interval: float, end: float) -> None:
        invite = self.packet.verb == b"INVITE"
        if self.over or self.status >= 200 or (invite and self.status):
            return
        world = self.phone.world
        if world.now >= end:
            self.over = True
            self.call.on_silence(self)
            return
        self.phone.send(self.packet, self.destination)
        interval *= 2
        if not invite:
            interval = min(interval, T2)
        interval = min(interval, end - world.now)
        world.after(interval, self._repeat, interval, end)

    def on_reply(self, packet: Packet) -> None:
        if self.over:
            return
        if self.status < 200:
            self.status = packet.status
        self.call.on_reply(self, packet)


class Call:
    """A request out of the blue and what comes of it.

    finals      (status, To-tag) of the final replies, each once
    silent      nobody ever answered
    phone_died  the caller did, before the end
    """

    def __init__(self, phone: Phone, name: str, plan: Plan, server: bytes) -> None:
        self.phone = phone
        self.name = name
        self.plan = plan
        self.server = server
        self.finals: list[tuple[int, bytes]] = []
        self.silent = False
        self.phone_died = False
        self.cancelled = False
        self._wants_cancel = False
        self._invite: Request | None = None
        self._acks: dict[bytes, tuple[Packet, bytes]] = {}

    def _packet(
        self, method: bytes, uri: bytes, number: bytes, to: bytes, branch: bytes, extra: bytes
    ) -> Packet:
        phone = self.phone
        via = b"%b:5060;branch=%b" % (phone.host.encode(), branch)
        return Packet(
            b"%b %b SIP/2.0\r\nVia: SIP/2.0/UDP %b\r\nMax-Forwards: 70\r\n"
            b"From: <sip:%b>;tag=f%b\r\nTo: %b\r\nCall-ID: %b\r\nCSeq: %b %b\r\n"
            b"Contact: %b\r\n%bContent-Length: 0\r\n\r\n"
            % (
                method, uri, via, phone.host.encode(), self.name.encode(), to, self.name.encode(),
                number, method, phone.contact, extra,
            )
        )  # fmt: skip

    def begin(self) -> None:
        plan = self.plan
        to = b"<" + plan.uri + b">"
        branch = b"z9hG4bK-%b-1" % self.name.encode()
        packet = self._packet(plan.method, plan.uri, b"1", to, branch, plan.extra)
        self.phone.tally.count("requests")
        self._invite = Request(self.phone, packet, self.server, self)
        if plan.cancel_after is not None:
            self.phone.world.after(plan.cancel_after, self._cancel)

    def _cancel(self) -> None:
        invite = self._invite
        assert invite is not None
        if invite.over or (invite.status >= 200 and not self.plan.rude):
            return
        if not invite.status and not self.plan.rude:
            self._wants_cancel = True
            return
        self._wants_cancel = False
        self.cancelled = True
        sent = invite.packet
        packet = self._packet(b"CANCEL", sent.uri, b"1", sent.to, sent.branch, b"")
        self.phone.tally.count("cancelled")
        Request(self.phone, packet, self.server, self)

    def on_silence(self, request: Request) -> None:
        if request is self._invite:
            self.silent = True

    def on_reply(self, request: Request, packet: Packet) -> None:
        if request is not self._invite:
            return
        status = packet.status
        if self._wants_cancel and status < 200:
            self._cancel()
        if status < 200:
            return
        final = (status, packet.to_tag)
        new = final not in self.finals
        if new:
            self.finals.append(final)
        if self.plan.method != b"INVITE":
            return
        if status >= 300:
            sent = request.packet
            ack = self._packet(b"ACK", sent.uri, b"1", packet.to, sent.branch, b"")
            self.phone.send(ack, self.server)
        elif new:
            self._answered(packet)
        else:
            self.phone.send(*self._acks[packet.to_tag])

    def _answered(self, packet: Packet) -> None:
        """A 2xx: acknowledged by a request of its own, and hung up later."""
        routes = packet.routes[::-1]
        target = packet.contact[1:-1]
        extra = b"".join(b"Route: %b\r\n" % route for route in routes)
        hop = address_of(routes[0] if routes else target)
        branch = b"z9hG4bK-%b-a%d" % (self.name.encode(), len(self._acks))
        ack = self._packet(b"ACK", target, b"1", packet.to, branch, extra)
        self._acks[packet.to_tag] = ack, hop
        self.phone.send(ack, hop)
        bye = self._packet(b"BYE", target, b"2", packet.to, branch + b"b", extra)
        self.phone.world.after(self.plan.talk, self._hang_up, bye, hop)

    def _hang_up(self, bye: Packet, hop: bytes) -> None:
        assert self._invite is not None
        if not self._invite.over and self.phone.is_up:
            Request(self.phone, bye, hop, self)
