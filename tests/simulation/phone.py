"""A phone: an address, the calls it makes and the requests it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipway.sip.addresses import sockaddr
from tests.simulation.answers import Answer, InviteAnswer
from tests.simulation.calls import Call, Request
from tests.simulation.packet import Packet

if TYPE_CHECKING:
    from tests.simulation.network import Network
    from tests.simulation.tally import Tally
    from tests.simulation.world import World


class Phone:
    """A node of the network. When it dies it forgets everything, and is silent until it is back."""

    def __init__(self, host: str, world: World, network: Network, tally: Tally) -> None:
        self.host = host
        self.address = sockaddr(host, 5060)
        self.contact = f"<sip:{host}:5060>".encode()
        self.world = world
        self.network = network
        self.tally = tally
        self.is_up = True
        self.died = False
        self.requests: dict[tuple[bytes, bytes], Request] = {}
        self.answers: dict[tuple[bytes, bytes], Answer] = {}
        self.talks: dict[bytes, InviteAnswer] = {}
        network.add(self)

    def send(self, packet: Packet, destination: bytes) -> None:
        if self.is_up:
            self.network.send(packet, self.address, destination)

    def die(self, seconds: float) -> None:
        """Fall silent, forget all, and come back."""
        self.is_up = False
        self.died = True
        for request in self.requests.values():
            request.over = True
        for answer in self.answers.values():
            answer.over = True
        self.requests.clear()
        self.answers.clear()
        self.talks.clear()
        self.world.after(seconds, self._come_back)

    def _come_back(self) -> None:
        self.is_up = True

    def start(self, call: Call) -> None:
        if self.is_up:
            call.begin()
        else:
            call.phone_died = True

    def receive(self, packet: Packet, source: bytes) -> None:
        if not self.is_up:
            return
        if packet.status:
            request = self.requests.get((packet.branch, packet.method))
            if request is None:
                self.stray(f"a {packet.what} for nothing that was asked")
            else:
                request.on_reply(packet)
            return
        verb = packet.verb
        if verb == b"ACK":
            self._acknowledged(packet)
            return
        known = self.answers.get((packet.branch, verb))
        if known is not None:
            known.again()
        elif verb == b"INVITE":
            self._keep(InviteAnswer(self, packet, source)).begin()
        elif verb == b"CANCEL":
            self._cancelled(packet, source)
        elif verb == b"BYE":
            talk = self.talks.get(packet.to_tag)
            status = 481 if talk is None else 200
            if talk is not None:
                talk.over = True
            self._keep(Answer(self, packet, source)).send(status)
        else:
            self._keep(Answer(self, packet, source)).begin()

    def _keep(self, answer: Answer) -> Answer:
        packet = answer.request
        self.answers[packet.branch, packet.verb] = answer
        return answer

    def _cancelled(self, packet: Packet, source: bytes) -> None:
        invite = self.answers.get((packet.branch, b"INVITE"))
        answer = self._keep(Answer(self, packet, source))
        if not isinstance(invite, InviteAnswer):
            self.stray("a CANCEL of nothing")
            answer.send(481)
            return
        if (invite.request.uri, invite.request.number, invite.request.call_id) != (
            packet.uri,
            packet.number,
            packet.call_id,
        ):
            self.tally.fault(f"a CANCEL that is not like its INVITE: {packet.call_id!r}")
        answer.send(200)
        invite.on_cancel()

    def _acknowledged(self, packet: Packet) -> None:
        invite = self.answers.get((packet.branch, b"INVITE"))
        if isinstance(invite, InviteAnswer):
            invite.on_ack(packet)
            return
        talk = self.talks.get(packet.to_tag)
        if talk is None or talk.request.call_id != packet.call_id:
            self.stray(f"an ACK for nothing: {packet.call_id.decode()}")
        else:
            talk.acknowledged = True

    def stray(self, what: str) -> None:
        """Note what cannot be; after a death everything can."""
        if self.died:
            self.tally.count("strays")
        else:
            self.tally.fault(f"{self.host} got {what}")
