"""Calls through a proxy: how many a second, at what cost, how fast, and what an overload does.

First every server is asked, in turn, how many calls it completes with `WINDOW` under way. From
that follow the two loads of the second part: half of what the slower one can do, for the time that
a proxy adds to a message; and twice what each can do, for what becomes of the calls that are too
many.
"""

from __future__ import annotations

import dataclasses
import json
import statistics
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench import servers
from bench.workloads import HERE

SCRIPT: Final = HERE / "scripts/calls.cfg"
WINDOW: Final = 100

_MANY: Final = 65_536
_FILL_SECONDS: Final = 5.5
"""So long, wt_timer and a little more, transactions become more; then as many end as begin."""

_OVERLOAD: Final = 2.0
_DRAIN_LIMIT: Final = 60.0


class CallError(Exception):
    """A server failed; the message says how."""


@dataclass(frozen=True, slots=True)
class CallSample:
    """What one server did in one round with `WINDOW` calls under way; times in microseconds."""

    server: str
    round: int
    rate: float
    user_us: float
    system_us: float
    failed: int
    lost: int
    peak_kib: int

    @property
    def cpu_us(self) -> float:
        return self.user_us + self.system_us


@dataclass(frozen=True, slots=True)
class LatencySample:
    """What one server added at a fixed rate in one round, to an INVITE and to its 200."""

    server: str
    round: int
    offered: float
    invite_p50_us: float
    invite_p99_us: float
    ok_p50_us: float
    ok_p99_us: float
    failed: int
    lost: int


@dataclass(frozen=True, slots=True)
class OverloadSample:
    """What became of twice as many calls as a server can do; all counts but the rates are calls."""

    server: str
    round: int
    offered: float
    completed: float
    refused: int
    unanswered: int
    accepted_lost: int


@dataclass
class Results:
    """All samples, and in words what went wrong."""

    calls: list[CallSample] = dataclasses.field(default_factory=list)
    latencies: list[LatencySample] = dataclasses.field(default_factory=list)
    overloads: list[OverloadSample] = dataclasses.field(default_factory=list)
    failures: list[str] = dataclasses.field(default_factory=list)


@dataclass(frozen=True)
class Bench:
    """Where and how long: the generator, processors for server and load, seconds of each run."""

    program: Path
    server_cpu: int
    load_cpu: int
    rounds: int
    seconds: float
    fill: bool = True
    """Measure once as many transactions end as begin."""

    def measure(self, present: Iterable[servers.Server]) -> Results:
        """Both parts, servers in turn."""
        found = Results()
        chosen = [server for server in present if not server.echoes]
        for number, server in self._turns(chosen):
            self._step(found, f"calls, {server.name}, round {number + 1}", server, number, {})
        rates = {
            server.name: statistics.median(
                [sample.rate for sample in found.calls if sample.server == server.name]
            )
            for server in chosen
            if any(sample.server == server.name for sample in found.calls)
        }
        able = [server for server in chosen if server.name in rates]
        for number, server in self._turns(able):
            where = f"calls at fixed rates, {server.name}, round {number + 1}"
            self._step(found, where, server, number, rates)
        return found

    def _turns(self, chosen: Sequence[servers.Server]) -> Iterator[tuple[int, servers.Server]]:
        for number in range(self.rounds):
            for server in chosen if number % 2 == 0 else chosen[::-1]:
                yield number, server

    def _step(
        self,
        found: Results,
        where: str,
        server: servers.Server,
        number: int,
        rates: dict[str, float],
    ) -> None:
        try:
            with servers.running(server, SCRIPT, self.server_cpu) as running:
                if rates:
                    self._fixed_rates(found, where, server, running, number, rates)
                else:
                    found.calls.append(self._capacity(where, server, running, number))
        except (servers.ServerError, CallError) as error:
            found.failures.append(f"{where}: {error}")

    def _capacity(
        self, where: str, server: servers.Server, running: servers.Running, number: int
    ) -> CallSample:
        window = ("--window", str(WINDOW))
        self._run(running, self._fill_seconds, *window)
        before = running.usage()
        result = self._run(running, self.seconds, *window)
        after = running.usage()
        print(f"{where}: {result['rate']:,.0f} calls/s", file=sys.stderr)
        done = result["completed"]
        if not done:
            raise CallError(f"no call was completed; refused: {result['refused']}")
        return CallSample(
            server=server.name,
            round=number,
            rate=result["rate"],
            user_us=(after.user - before.user) / done * 1e6,
            system_us=(after.system - before.system) / done * 1e6,
            failed=sum(result["refused"].values()),
            lost=sum(result["lost"].values()),
            peak_kib=after.peak_kib,
        )

    def _fixed_rates(
        self,
        found: Results,
        where: str,
        server: servers.Server,
        running: servers.Running,
        number: int,
        rates: dict[str, float],
    ) -> None:
        half = min(rates.values()) / 2
        many = ("--window", str(_MANY))
        self._run(running, self._fill_seconds, *many, "--rate", f"{half:.1f}")
        result = self._run(running, self.seconds, *many, "--rate", f"{half:.1f}")
        invite, ok = result["latency_us"]["invite"], result["latency_us"]["ok"]
        print(f"{where}: {invite['p50']:,.0f} us at {half:,.0f} calls/s", file=sys.stderr)
        found.latencies.append(
            LatencySample(
                server=server.name,
                round=number,
                offered=half,
                invite_p50_us=invite["p50"],
                invite_p99_us=invite["p99"],
                ok_p50_us=ok["p50"],
                ok_p99_us=ok["p99"],
                failed=sum(result["refused"].values()),
                lost=sum(result["lost"].values()),
            )
        )
        twice = rates[server.name] * _OVERLOAD
        result = self._run(running, self.seconds, *many, "--rate", f"{twice:.1f}")
        lost = result["lost"]
        print(f"{where}: {result['rate']:,.0f} of {twice:,.0f} calls/s", file=sys.stderr)
        found.overloads.append(
            OverloadSample(
                server=server.name,
                round=number,
                offered=result["begun"] / result["seconds"],
                completed=result["rate"],
                refused=sum(result["refused"].values()),
                unanswered=lost["unanswered"],
                accepted_lost=lost["accepted"],
            )
        )

    @property
    def _fill_seconds(self) -> float:
        return _FILL_SECONDS if self.fill else self.seconds / 2

    def _run(self, running: servers.Running, seconds: float, *arguments: str) -> dict[str, Any]:
        command = [str(self.program), "--target", running.target, "--seconds", str(seconds)]
        with servers.pinned(self.load_cpu):
            done = subprocess.run(
                [*command, *arguments],
                capture_output=True,
                text=True,
                timeout=seconds + _DRAIN_LIMIT,
                check=False,
            )
        if not done.stdout:
            raise CallError(done.stderr.strip())
        result: dict[str, Any] = json.loads(done.stdout)
        if result["wrong"]:
            raise CallError(f"{result['wrong']} wrong messages; the first {result['first_wrong']}")
        return result
