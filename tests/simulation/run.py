"""One simulation from its seed: who is there, what goes wrong, who calls whom; and its verdict."""

from __future__ import annotations

import gc
from collections import Counter
from dataclasses import dataclass, field
from random import Random

from sipway.core.context import Context
from sipway.core.proxy.state import BranchState, ResponseContext
from sipway.tx.machine import ClientTransaction, ServerTransaction
from sipway.tx.transaction import Transaction
from tests.simulation.answers import MANNERS
from tests.simulation.calls import Call, Plan
from tests.simulation.network import Network, Weather
from tests.simulation.phone import Phone
from tests.simulation.script import Variant, script
from tests.simulation.server import Server
from tests.simulation.tally import Tally
from tests.simulation.world import BEGIN, World

_MANNERS = tuple(MANNERS)
_WEIGHTS = tuple(MANNERS.values())
_WEATHERS = (
    Weather(),
    Weather(jitter=0.05),
    Weather(jitter=0.6, doubled=0.05),
    Weather(loss=0.02, doubled=0.02, jitter=0.02),
    Weather(loss=0.1, doubled=0.02, jitter=0.05),
    Weather(loss=0.3, doubled=0.1, jitter=0.3),
)

# What must be gone when all transactions are.
_KINDS = (
    Transaction, ServerTransaction, ClientTransaction, ResponseContext, BranchState, Context,
)  # fmt: skip

# How long after the last call all timers have run out: a chain of servers, each with serial
# forking and the longest timers, and what lingers after that.
_SETTLES = 1200.0


@dataclass(slots=True)
class Setting:
    """What a seed means: printed with what goes wrong."""

    seed: int
    calls: int
    seconds: float
    servers: int
    phones: int
    weather: Weather
    variants: list[Variant]
    busy: float
    deaths: bool
    crashes: bool
    cuts: bool
    reloads: bool

    @property
    def clean(self) -> bool:
        """Whether all arrives, and nobody dies."""
        return not (self.weather.loss or self.deaths or self.crashes or self.cuts)


@dataclass(slots=True)
class Result:
    """What came of a simulation. `faults` is empty if all held that must."""

    setting: Setting
    faults: list[str]
    counts: Counter[str]
    seconds: float
    events: int
    trace: list[str] = field(default_factory=list)


def setting(seed: int, calls: int = 500, seconds: float = 1800.0) -> Setting:
    """What a seed means."""
    rng = Random(f"setting {seed}")
    servers = rng.choice((1, 1, 2, 3))
    forks_at = rng.randrange(servers)
    waits = frozenset(each for each in ("request", "onreply", "failure") if rng.random() < 0.25)
    variants = [
        Variant(
            following=f"10.0.0.{number + 2}" if number + 1 < servers else "",
            forks=number == forks_at,
            waits=waits if rng.random() < 0.7 else frozenset(),
            fr_timer=rng.choice((30_000, 30_000, 5_000, 1_500)),
            fr_inv_timer=rng.choice((120_000, 120_000, 20_000)),
            max_inv_lifetime=rng.choice((180_000, 180_000, 60_000)),
        )
        for number in range(servers)
    ]
    return Setting(
        seed=seed,
        calls=calls,
        seconds=seconds,
        servers=servers,
        phones=rng.randrange(4, 16),
        weather=rng.choice(_WEATHERS),
        variants=variants,
        busy=rng.choice((0.0, 0.001, 0.02)),
        deaths=rng.random() < 0.25,
        crashes=rng.random() < 0.2,
        cuts=rng.random() < 0.25,
        reloads=rng.random() < 0.3,
    )


class Simulation:
    """The network of a setting, before it has run."""

    def __init__(self, setting: Setting, trace: bool = False) -> None:
        self.setting = setting
        self.world = World(setting.seed)
        self.tally = Tally(setting.clean)
        self.network = Network(self.world, setting.weather)
        if trace:
            self.network.trace = []
        self.servers = [
            Server(
                f"10.0.0.{number + 1}", script(variant), self.world, self.network, self.tally,
                setting.busy,
            )
            for number, variant in enumerate(setting.variants)
        ]  # fmt: skip
        self.phones = [
            Phone(f"10.1.0.{number + 1}", self.world, self.network, self.tally)
            for number in range(setting.phones)
        ]
        self.calls: list[Call] = []

    def run(self) -> Result:
        self._plan()
        world, setting = self.world, self.setting
        world.run(BEGIN + setting.seconds)
        world.run(BEGIN + setting.seconds + _SETTLES)
        if not world.is_over:
            self.tally.fault("it does not come to an end")
            world.clear()
        for server in self.servers:
            server.ends()
        if setting.clean:
            self._check_calls()
        elapsed = world.now - BEGIN
        self._check_memory()
        self.tally.count("datagrams", self.network.sent)
        self.tally.count("lost", self.network.lost)
        return Result(
            setting, self.tally.faults, self.tally.counts, elapsed, world.events,
            self.network.trace or [],
        )  # fmt: skip

    def _plan(self) -> None:
        world, setting = self.world, self.setting
        rng = world.rng
        for number in range(setting.calls):
            phone = rng.choice(self.phones)
            server = rng.choice(self.servers[:2])
            name = b"%d" % number
            call = Call(phone, name.decode(), self._call(rng), server.address)
            self.calls.append(call)
            world.after(rng.random() * setting.seconds, phone.start, call)
        if setting.deaths:
            for _ in range(setting.phones):
                at, for_long = rng.random() * setting.seconds, rng.expovariate(0.02)
                world.after(at, rng.choice(self.phones).die, for_long)
        if setting.crashes:
            for _ in range(3):
                at, for_long = rng.random() * setting.seconds, rng.expovariate(0.1)
                world.after(at, self._crash, rng.choice(self.servers), for_long)
        if setting.cuts:
            for _ in range(setting.phones * 2):
                at, for_long = rng.random() * setting.seconds, rng.expovariate(0.02)
                one, other = rng.choice(self.servers), rng.choice((*self.servers, *self.phones))
                world.after(at, self.network.cut, one, other, for_long)
        if setting.reloads:
            for _ in range(20):
                world.after(rng.random() * setting.seconds, rng.choice(self.servers).reload)

    def _crash(self, server: Server, seconds: float) -> None:
        if server.is_up:
            server.die(seconds)

    def _call(self, rng: Random) -> Plan:
        method = rng.choices((b"INVITE", b"MESSAGE", b"OPTIONS"), (8, 1, 1))[0]
        extra = b""
        for name, chance in (("X-Fork1", 0.2), ("X-Fork2", 0.1), ("X-Next", 0.2)):
            if rng.random() < chance:
                extra += b"%b: %b\r\n" % (name.encode(), self._target(rng))
        cancel = rng.expovariate(0.1) if method == b"INVITE" and rng.random() < 0.3 else None
        return Plan(
            method, self._target(rng), extra, cancel, rng.random() < 0.3, rng.expovariate(0.02)
        )

    def _target(self, rng: Random) -> bytes:
        manner = rng.choices(_MANNERS, _WEIGHTS)[0]
        return f"sip:{manner}@{rng.choice(self.phones).host}:5060".encode()

    def _check_calls(self) -> None:
        """Where nothing gets lost, each caller gets its answer."""
        for call in self.calls:
            finals = call.finals
            if not finals:
                if call.silent and call.plan.method != b"INVITE":
                    # A proxy waits 30 seconds for each phone it tries, a caller 32 in all.
                    self.tally.count("answers too late")
                    continue
                self.tally.fault(f"call {call.name} from {call.phone.host} got no final reply")
            elif len([status for status, _ in finals if status >= 300]) > 1:
                self.tally.count("callers with more than one failure")

    def _check_memory(self) -> None:
        """With the collector off, nothing may be left of all that was."""
        for server in self.servers:
            if server.is_up:
                server.socket.outgoing.clear()
        left = Counter(type(each).__name__ for each in gc.get_objects() if isinstance(each, _KINDS))
        for kind, number in left.items():
            self.tally.fault(f"{number} {kind} objects are left")


def simulate(setting: Setting, trace: bool = False) -> Result:
    """Run a simulation, with the collector off."""
    gc.disable()
    gc.freeze()  # what was there before is not looked at
    try:
        result = Simulation(setting, trace).run()
        gc.collect()  # phones and their calls know each other
        return result
    finally:
        gc.unfreeze()
        gc.enable()
