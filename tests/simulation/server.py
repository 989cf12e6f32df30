"""A server: a real Engine, a real script, simulated wires."""

from __future__ import annotations

import gc
from collections.abc import Coroutine
from math import inf
from typing import Any

from sipway.core.engine import Engine
from sipway.core.sockets import ListenSocket
from sipway.sip.addresses import sockaddr
from sipway.sip.message import parse
from sipway.tx.layer import Layer
from tests.simulation.network import Network
from tests.simulation.packet import Packet
from tests.simulation.script import QuietLog, program_of
from tests.simulation.tally import Tally
from tests.simulation.watch import Watch
from tests.simulation.world import World


class Server:
    """A node of the network.

    What arrives while it is busy is handled in one batch: `busy` seconds at most.
    """

    def __init__(
        self, host: str, text: str, world: World, network: Network, tally: Tally, busy: float
    ) -> None:
        self.host = host
        self.address = sockaddr(host, 5060)
        self.text = text
        self.world = world
        self.network = network
        self.tally = tally
        self.busy = busy
        self.watch = Watch(host, world, tally)
        self.log = QuietLog()
        self.is_up = False
        self._inbox: list[tuple[Packet, bytes]] = []
        self._waiting: dict[Coroutine[Any, Any, Any], None] = {}
        self._timer_at = inf
        self._come_up()
        network.add(self)

    def _come_up(self) -> None:
        self.socket = ListenSocket("udp", self.host, 5060)
        program = program_of(self.text, self.socket, self._layer(), self.log)
        self.engine = Engine(program, self._spawn, self._clock)
        self.is_up = True

    def _layer(self) -> Layer:
        return Layer(randbytes=self.world.rng.randbytes)

    def _clock(self) -> float:
        return self.world.now

    def reload(self) -> None:
        """Take the script anew, as another Program; the transactions go on."""
        if self.is_up:
            program = program_of(self.text, self.socket, self.engine.layer, self.log)
            self.engine.swap(program)

    def die(self, seconds: float) -> None:
        """Lose all, and come back."""
        self.is_up = False
        self.watch.forget()
        self._inbox.clear()
        for coroutine in self._waiting:
            coroutine.close()
        self._waiting.clear()
        self._timer_at = inf
        del self.engine, self.socket
        gc.collect()  # a process that dies leaves nothing; Layer and Program know each other
        self.world.after(seconds, self._come_up)

    # --- wires --------------------------------------------------------------------------------

    def receive(self, packet: Packet, source: bytes) -> None:
        if not self.is_up:
            return
        self._inbox.append((packet, source))
        if not self.busy:
            self._work()
        elif len(self._inbox) == 1:
            self.world.after(self.busy * self.world.rng.random(), self._work)

    def _work(self) -> None:
        if not self._inbox or not self.is_up:
            return
        inbox, self._inbox = self._inbox, []
        watch = self.watch
        watch.begins()
        for packet, _ in inbox:
            watch.came(packet, packet.status >= 300 and self._knows(packet))
        counters = self.engine.counters
        before = counters.forwarded_replies
        batch = [(packet.data, source) for packet, source in inbox]
        self.engine.receive(batch, self.socket, self.world.now)
        self._flush(counters.forwarded_replies != before)

    def _knows(self, packet: Packet) -> bool:
        """Whether there is a transaction for a reply."""
        return self.engine.layer.find_reply(parse(packet.data))[0] is not None

    def _flush(self, stateless: bool = False) -> None:
        outgoing = self.socket.outgoing
        if outgoing:
            self.socket.outgoing = []
            for data, destination in outgoing:
                packet = Packet(data)
                self.watch.went(packet, destination, stateless)
                self.network.send(packet, self.address, destination)
        self._set_timer()

    # --- time ---------------------------------------------------------------------------------

    def _set_timer(self) -> None:
        deadline = self.engine.next_deadline()
        if deadline < self._timer_at:
            self._timer_at = deadline
            self.world.after(max(0.0, deadline - self.world.now), self._on_timer, deadline)

    def _on_timer(self, due: float) -> None:
        if due != self._timer_at or not self.is_up:
            return  # another was set meanwhile
        self._timer_at = inf
        self.engine.expire(max(due, self.world.now))
        self._flush()

    def _spawn(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        self._waiting[coroutine] = None
        self._step(coroutine)

    def _step(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        if coroutine not in self._waiting:
            return
        try:
            coroutine.send(None)
        except StopIteration:
            del self._waiting[coroutine]
            self._flush()
        else:
            self.tally.count("waits")
            self.world.after(self.world.rng.expovariate(2.0), self._step, coroutine)

    # --- the end ------------------------------------------------------------------------------

    def ends(self) -> None:
        """All is over: nothing may be left."""
        self.watch.ends()
        if not self.is_up:
            return
        if len(self.engine.layer):
            self.tally.fault(f"{self.host}: {len(self.engine.layer)} transactions are left")
        if self.engine.next_deadline() != inf:
            self.tally.fault(f"{self.host}: a timer is left")
        if self._waiting:
            self.tally.fault(f"{self.host}: {len(self._waiting)} blocks still wait")
        if self.engine.counters.script_errors:
            self.tally.fault(f"{self.host}: {self.engine.counters.script_errors} errors in blocks")
