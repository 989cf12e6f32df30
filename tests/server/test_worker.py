"""A worker between sockets and Engine, on clocks set by hand."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sipway.core.sockets import ListenSocket
from sipway.server import worker as worker_module
from sipway.server.worker import Worker
from sipway.tx.layer import Layer
from tests.core.stateful import BOB, CALLER, MODULES, RELAY
from tests.fakes import LogInMemory, request
from tests.simulation.script import program_of


class _Clock:
    """Stands for the module `time`: the time of day, and the clock that nobody sets."""

    def __init__(self) -> None:
        self.day = 1_795_483_209.1
        self.steady = 77.0

    def time(self) -> float:
        return self.day

    def monotonic(self) -> float:
        return self.steady

    def passes(self, seconds: float) -> None:
        self.day += seconds
        self.steady += seconds


class _Real:
    """Stands for a UdpSocket."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def send(self, datagrams: list[tuple[bytes, bytes]]) -> None:
        self.sent += [data.partition(b" ")[0] for data, _ in datagrams]


def _worker(script: str) -> tuple[Worker, Any]:
    text = "".join(f'loadmodule "{name}.so"\n' for name in MODULES) + script
    socket = ListenSocket("udp", "192.0.2.9", 5060)
    real: Any = _Real()
    return Worker(program_of(text, socket, Layer(), LogInMemory()), [(socket, real)]), real


@pytest.mark.parametrize("by", [3600.0, -3600.0])
def test_the_clock_is_set(by: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Timers come up when they would have."""
    clock = _Clock()
    monkeypatch.setattr(worker_module, "time", clock)

    async def run() -> None:
        worker, real = _worker(RELAY)
        invite = request("INVITE", "sip:bob@192.0.2.2")
        sent = worker.on_batch(real, [(invite, CALLER)])
        assert [destination for _, destination in sent] == [CALLER, BOB]
        clock.passes(0.4)
        clock.day += by
        worker._on_timer()
        assert real.sent == []
        clock.passes(0.2)
        worker._on_timer()
        assert real.sent == [b"INVITE"]
        left = worker.engine.next_deadline() - clock.day
        assert 0.9 < left < 1.1

    asyncio.run(run())


def test_a_clock_that_is_moved_a_little_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = _Clock()
    monkeypatch.setattr(worker_module, "time", clock)

    async def run() -> None:
        worker, real = _worker(RELAY)
        worker.on_batch(real, [(request("INVITE", "sip:bob@192.0.2.2"), CALLER)])
        deadline = worker.engine.next_deadline()
        for _ in range(10):
            clock.day += 0.01
            worker._on_timer()
        assert worker.engine.next_deadline() == deadline

    asyncio.run(run())


def test_what_is_sent_between_two_waits_goes_out_at_once() -> None:
    """And the timers of what was begun there are set."""
    step = "sim_pass();"
    script = RELAY.replace("t_check_trans();\n    t_on", f"{step}\n    t_on").replace(
        "if (!t_relay()) sl_reply_error();", f"t_relay(); {step} {step} {step}"
    )

    async def run() -> None:
        worker, real = _worker(script)
        assert worker.on_batch(real, [(request("INVITE", "sip:bob@192.0.2.2"), CALLER)]) == []
        for _ in range(3):
            await asyncio.sleep(0)
        assert real.sent == [b"SIP/2.0", b"INVITE"]
        assert worker._tasks, "the route has not ended"
        assert worker._timer is not None
        for task in tuple(worker._tasks):
            await task
        await asyncio.sleep(0)
        worker._timer.cancel()

    asyncio.run(run())


def test_what_a_block_beside_the_messages_sends_before_its_wait_goes_out_then() -> None:
    steps = "sim_pass(); " * 9
    script = f"""{RELAY}
        event_route[core:worker-one-init] {{ send_udp("192.0.2.2:5060"); {steps} }}"""

    async def run() -> None:
        worker, real = _worker(script)
        (service,) = worker.engine.program.services
        worker._spawn(service())
        for _ in range(3):
            await asyncio.sleep(0)
        assert real.sent == [b"OPTIONS"]
        (task,) = worker._tasks
        await task

    asyncio.run(run())


def test_many_that_go_on_at_once_have_what_they_send_go_out_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def run() -> None:
        worker, _ = _worker(RELAY)
        flushes: list[int] = []
        flush = worker._flush

        def noted() -> None:
            flushes.append(1)
            flush()

        monkeypatch.setattr(worker, "_flush", noted)
        for _ in range(2):
            for _ in range(100):
                worker.engine.program.now()
            assert flushes == []
            await asyncio.sleep(0)
            assert flushes == [1]
            flushes.clear()

    asyncio.run(run())


def test_a_service_that_ends_with_a_fault_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    async def breaks() -> None:
        await asyncio.sleep(0)
        raise ValueError("something odd")

    async def ends() -> None:
        await asyncio.sleep(0)

    async def waits() -> None:
        await asyncio.Event().wait()

    async def run() -> None:
        worker, _ = _worker(RELAY)
        for each in (breaks, ends, waits):
            worker._spawn(each())
        for _ in range(4):
            await asyncio.sleep(0)
        (left,) = worker._tasks
        left.cancel()
        for _ in range(2):
            await asyncio.sleep(0)
        assert worker._tasks == set()
        (record,) = caplog.records
        assert record.name == "sipway.worker"
        assert ".breaks has ended with a fault" in record.getMessage()
        assert "ValueError: something odd" in caplog.text

    asyncio.run(run())
