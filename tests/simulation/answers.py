"""How phones answer: politely, or in one of the ways in which phones do not.

The user part of the Request-URI says which (`MANNERS`), so a trace shows what was to happen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.simulation.packet import Packet

if TYPE_CHECKING:
    from tests.simulation.phone import Phone

T1: Final = 0.5
T2: Final = 4.0
PATIENCE: Final = 32.0

MANNERS: Final = {
    "answers": 30,  # 180, 200
    "at-once": 6,  # 200
    "busy": 10,  # 180, 486
    "missing": 4,  # 404
    "challenges": 3,  # 401
    "broken": 3,  # 500
    "overloaded": 3,  # 503
    "moved": 3,  # 302
    "declines": 4,  # 603
    "rings": 8,  # 180, until it is cancelled
    "chatty": 5,  # 183 again and again, then 200
    "endless": 2,  # 180 each 20 seconds, as long as nobody cancels
    "silent": 3,  # nothing
    "trying": 3,  # 100, then nothing
    "twice": 3,  # 200, then another 200 with another tag
    "fickle": 3,  # 486, then 200
    "contrary": 3,  # 200, then 486
    "late": 5,  # rings; a CANCEL makes it answer 200
    "stubborn": 2,  # rings; a CANCEL changes nothing
}
"""What phones do with an INVITE, and how often."""

_FAILURES: Final = {
    "busy": 486, "missing": 404, "challenges": 401, "broken": 500, "overloaded": 503, "moved": 302,
    "declines": 603,
}  # fmt: skip


def reply(request: Packet, status: int, tag: bytes, contact: bytes) -> Packet:
    """A reply of a phone; `tag` b"" for none."""
    lines = [b"SIP/2.0 %d Because" % status]
    lines += [b"Via: " + via for via in request.vias]
    lines += [b"Record-Route: " + route for route in request.routes]
    lines.append(b"From: " + request.sender)
    to = request.to
    if tag and b";tag=" not in to:
        to += b";tag=" + tag
    lines.append(b"To: " + to)
    lines.append(b"Call-ID: " + request.call_id)
    lines.append(b"CSeq: " + request.cseq)
    if contact:
        lines.append(b"Contact: " + contact)
    if status == 401:
        lines.append(b'WWW-Authenticate: Digest realm="phone", nonce="%b"' % tag)
    lines.append(b"Content-Length: 0\r\n\r\n")
    return Packet(b"\r\n".join(lines))


class Answer:
    """A request that a phone got, and what it answered last."""

    def __init__(self, phone: Phone, request: Packet, source: bytes) -> None:
        self.phone = phone
        self.request = request
        self.source = source
        self.tag = b"%016x" % phone.world.rng.getrandbits(64)
        self.last: Packet | None = None
        self.over = False

    def send(self, status: int, tag: bytes = b"") -> None:
        tag = b"" if status == 100 else tag or self.tag
        self.last = reply(self.request, status, tag, self.phone.contact)
        self.phone.send(self.last, self.source)

    def again(self) -> None:
        """The request came again: so does the answer."""
        if self.last is not None:
            self.phone.send(self.last, self.source)

    def begin(self) -> None:
        """Answer what is no INVITE."""
        world = self.phone.world
        manner = self.request.uri.partition(b":")[2].partition(b"@")[0].decode()
        if manner == "silent":
            return
        if manner in ("trying", "chatty"):
            self.send(100)
        if manner != "trying":
            status = _FAILURES.get(manner, 200)
            slowest = 8.0 if manner == "late" else 0.2
            world.after(world.rng.random() * slowest, self._finish, status)

    def _finish(self, status: int) -> None:
        if not self.over:
            self.send(status)


class InviteAnswer(Answer):
    """An INVITE that a phone got.

    final         status of the final reply, 0 before one
    acknowledged  whether its ACK came
    """

    final = 0
    acknowledged = False

    def begin(self) -> None:
        phone = self.phone
        self.manner = self.request.uri.partition(b":")[2].partition(b"@")[0].decode()
        phone.tally.count(self.manner)
        rng, manner = phone.world.rng, self.manner
        if manner == "silent":
            return
        if manner == "trying" or rng.random() < 0.2:
            self.send(100)
            if manner == "trying":
                return
        if manner == "at-once":
            self.finish(200)
            return
        if manner == "missing" or manner == "moved":
            self.later(rng.random() * 0.3, _FAILURES[manner])
            return
        self.send(180)
        if manner in _FAILURES:
            self.later(rng.expovariate(0.2), _FAILURES[manner])
        elif manner == "chatty":
            for _ in range(8):
                phone.world.after(rng.random() * 10, self._chat)
            self.later(10.0, 200)
        elif manner == "endless":
            phone.world.after(20.0, self._ring_on, 20)
        elif manner == "fickle":
            self.later(rng.random() * 5, 486)
            phone.world.after(5.0 + rng.random(), self._change, 200)
        elif manner == "contrary":
            self.later(rng.random() * 5, 200)
            phone.world.after(5.0 + rng.random(), self._change, 486)
        elif manner == "twice":
            self.later(rng.random() * 5, 200)
            phone.world.after(5.0 + rng.random(), self._change, 200)
        elif manner == "answers":
            self.later(rng.expovariate(0.1), 200)

    def later(self, seconds: float, status: int) -> None:
        self.phone.world.after(seconds, self.finish, status)

    def _chat(self) -> None:
        if not self.final and not self.over:
            self.send(183)

    def _ring_on(self, left: int) -> None:
        if not self.final and not self.over and left:
            self.send(180)
            self.phone.world.after(20.0, self._ring_on, left - 1)

    def finish(self, status: int) -> None:
        """Give the final reply, once, and repeat it until it is acknowledged."""
        if self.final or self.over:
            return
        self.final = status
        self.send(status)
        if status < 300:
            self.phone.talks[self.tag] = self
        self.phone.world.after(T1, self._repeat, T1, self.phone.world.now + PATIENCE)

    def _change(self, status: int) -> None:
        """Say something else than before, once: a phone that should not."""
        if not self.over and self.final:
            tag = self.tag + b"b" if status < 300 else self.tag
            if status < 300:
                self.phone.talks[tag] = self
            self.phone.send(reply(self.request, status, tag, self.phone.contact), self.source)

    def _repeat(self, interval: float, end: float) -> None:
        if self.acknowledged or self.over:
            return
        world = self.phone.world
        if world.now >= end:
            self.phone.tally.unacknowledged(self.phone, self)
            return
        self.again()
        interval = min(2 * interval, T2)
        world.after(interval, self._repeat, interval, end)

    def on_cancel(self) -> None:
        if self.final or self.manner == "stubborn":
            return
        if self.manner == "late":
            self.finish(200)
        else:
            self.finish(487)

    def on_ack(self, packet: Packet) -> None:
        """An ACK with the branch of the INVITE: to a failure."""
        if self.final < 300 and self.manner != "contrary":
            self.phone.tally.fault(f"an ACK to a failure that was none: {packet.call_id!r}")
        elif packet.to_tag != self.tag:
            self.phone.tally.fault(f"an ACK with another tag: {packet.call_id!r}")
        elif packet.number != self.request.number:
            self.phone.tally.fault(f"an ACK with another CSeq: {packet.call_id!r}")
        if self.final >= 300:
            self.acknowledged = True
