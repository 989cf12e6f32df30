"""What `ctx.now` is behind a wait: the time, whatever was waited for and wherever a block runs.

The clock is set by hand, and nothing here takes time: what sleeps moves the clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from sipway.core.databases import finish, prepare
from sipway.core.engine import Engine
from sipway.core.made_up import made_up_context
from sipway.sip.message import parse
from tests.core.stateful import BOB, CALLER, answer, invite
from tests.databases import sqlite_with
from tests.fake_names import FakeNames
from tests.modules.running import load

START = 5000.0
LATER = START + 10  # within the life of a transaction
T1, TICK = 0.5, 0.02
MODULES = ("tm", "tmx", "async", "sqlops", "db_sqlite")
PARAMETERS = 'modparam("async", "ms_timer", 1)\n'
CALL = '$ru = "sip:bob@192.0.2.2"; xlog("$Ts"); t_relay();'

REQUEST_WAITS = [
    "sleep(1);",
    "usleep(1000000);",
    "async_sleep(1);",
    "async_ms_sleep(1000);",
    'exec("true");',
    'dns_query("host.example", "x");',
    'sql_query("db", "select 1", "r");',
]
WAITS = [each for each in REQUEST_WAITS if not each.startswith("async")]


class Timed:
    """A server whose clock goes on only while something waits: to LATER, by whatever kind of wait.

    `sent` are the messages that left, `written` what the script wrote.
    """

    def __init__(self, script: str, folder: Path, parameters: str = "") -> None:
        url = sqlite_with(folder / "db", "create table t (id integer primary key)")
        self.program, self._log, self._socket = load(
            script,
            parameters=f'{PARAMETERS}modparam("sqlops", "sqlcon", "db=>{url}")\n{parameters}',
            names=FakeNames({"host.example A": ["192.0.2.7"]}),
            modules=MODULES,
        )
        self.now = START
        self._tasks: set[asyncio.Task[Any]] = set()
        self.engine = Engine(self.program, self.spawn, lambda: self.now)

    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        self._tasks.add(asyncio.ensure_future(coroutine))

    def receive(self, data: bytes, source: bytes = CALLER) -> None:
        self.engine.receive([(data, source)], self._socket, self.now)

    async def passes(self) -> None:
        """All waits come to their end, and it is later then."""
        self.now = LATER
        await self.ends()

    async def ends(self) -> None:
        while any(not task.done() for task in self._tasks):
            await asyncio.gather(*self._tasks)

    @property
    def written(self) -> list[str]:
        return [text.removeprefix("<script>: ").rstrip("\n") for _, text in self._log.written]

    @property
    def sent(self) -> list[bytes]:
        return [data for data, _ in self._socket.outgoing]

    def run(self, steps: Coroutine[Any, Any, None]) -> None:
        async def run() -> None:
            await prepare(self.program)
            await steps
            await finish(self.program)

        asyncio.run(run())


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sleep takes one turn of the loop."""
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        del seconds
        await real(0)

    monkeypatch.setattr(asyncio, "sleep", sleep)


def _check(timed: Timed) -> None:
    """The block has seen the time behind its wait, and its INVITE is sent again from then on."""
    assert timed.written[-1] == str(int(LATER))
    sent = timed.sent
    assert sent[-1].startswith(b"INVITE ")
    timed.engine.expire(LATER + T1 - TICK)
    assert len(timed.sent) == len(sent)
    timed.engine.expire(LATER + T1 + TICK)
    assert timed.sent[len(sent) :] == [sent[-1]]


@pytest.mark.parametrize("wait", REQUEST_WAITS)
def test_request_route(wait: str, tmp_path: Path) -> None:
    timed = Timed(f"request_route {{ {wait} {CALL} }}", tmp_path)

    async def steps() -> None:
        timed.receive(invite())
        await timed.passes()

    timed.run(steps())
    _check(timed)


@pytest.mark.parametrize("wait", REQUEST_WAITS)
def test_each_wait_counts(wait: str, tmp_path: Path) -> None:
    """The time behind the second wait is that of the clock, not a sum."""
    timed = Timed(f"request_route {{ {wait} {wait} {wait} {CALL} }}", tmp_path)

    async def steps() -> None:
        timed.receive(invite())
        await timed.passes()

    timed.run(steps())
    _check(timed)


@pytest.mark.parametrize(
    "call", ['async_route("NEXT", 1)', 'async_ms_route("NEXT", 5)', 'async_task_route("NEXT")']
)
@pytest.mark.parametrize("wait", ["", "sleep(1);"])
def test_a_route_that_a_request_goes_on_in(call: str, wait: str, tmp_path: Path) -> None:
    script = f"request_route {{ {call}; }} route[NEXT] {{ {wait} {CALL} }}"
    timed = Timed(script, tmp_path)

    async def steps() -> None:
        timed.receive(invite())
        await timed.passes()

    timed.run(steps())
    _check(timed)


@pytest.mark.parametrize("wait", WAITS)
def test_failure_route(wait: str, tmp_path: Path) -> None:
    script = f"""
        request_route {{ t_on_failure("AGAIN"); $ru = "sip:bob@192.0.2.2"; t_relay(); }}
        failure_route[AGAIN] {{ {wait} {CALL} }}
    """
    timed = Timed(script, tmp_path)

    async def steps() -> None:
        timed.receive(invite())
        timed.receive(answer(parse(timed.sent[-1]), 486), BOB)
        await timed.passes()

    timed.run(steps())
    _check(timed)


@pytest.mark.parametrize("wait", WAITS)
def test_reply_routes(wait: str, tmp_path: Path) -> None:
    script = f"""
        request_route {{ t_on_reply("ANSWER"); $ru = "sip:bob@192.0.2.2"; t_relay(); }}
        reply_route {{ {wait} xlog("$Ts"); }}
        onreply_route[ANSWER] {{ {wait} xlog("$Ts"); }}
    """
    timed = Timed(script, tmp_path)

    async def steps() -> None:
        timed.receive(invite())
        timed.receive(answer(parse(timed.sent[-1]), 180), BOB)
        await timed.passes()

    timed.run(steps())
    assert timed.written == [str(int(LATER))] * 2


@pytest.mark.parametrize("wait", WAITS)
def test_a_route_beside_a_request(wait: str, tmp_path: Path) -> None:
    script = f"""
        request_route {{ async_task_data("BESIDE", "x"); }}
        route[BESIDE] {{ xlog("$Ts"); {wait} xlog("$Ts"); }}
    """
    timed = Timed(script, tmp_path)

    async def steps() -> None:
        timed.receive(invite())
        await timed.passes()

    timed.run(steps())
    assert timed.written == [str(int(LATER))] * 2


@pytest.mark.parametrize("wait", WAITS)
def test_an_event_beside_a_request(wait: str, tmp_path: Path) -> None:
    script = f"""
        request_route {{ async_tkv_emit("1", "k", "v"); }}
        event_route[core:tkv] {{ xlog("$Ts"); {wait} xlog("$Ts"); }}
    """
    timed = Timed(script, tmp_path)

    async def steps() -> None:
        timed.receive(invite())
        await timed.passes()

    timed.run(steps())
    assert timed.written == [str(int(LATER))] * 2


@pytest.mark.parametrize("wait", WAITS)
def test_the_first_event_of_a_worker(wait: str, tmp_path: Path) -> None:
    script = f"""
        request_route {{ exit; }}
        event_route[core:worker-one-init] {{ xlog("$Ts"); {wait} xlog("$Ts"); }}
    """
    timed = Timed(script, tmp_path)
    (service,) = timed.program.services

    async def steps() -> None:
        task = asyncio.ensure_future(service())
        await asyncio.sleep(0)
        timed.now = LATER
        await task

    timed.run(steps())
    assert timed.written == [str(int(START)), str(int(LATER))]


@pytest.mark.parametrize("wait", WAITS)
def test_a_timer(wait: str, tmp_path: Path) -> None:
    """The second route of a timer begins when the first one has waited."""
    script = f"""
        request_route {{ exit; }}
        route[ONE] {{ {wait} xlog("$Ts"); $shv(n) = $shv(n) + 1; if ($shv(n) == 2) exit; }}
        route[TWO] {{ xlog("$Ts"); }}
    """
    timer = 'modparam("rtimer", "timer", "name=t;interval=1")\n'
    execs = "".join(
        f'modparam("rtimer", "exec", "timer=t;route={each}")\n' for each in ("TWO", "ONE")
    )
    timed = Timed(script, tmp_path, timer + execs)
    (service,) = timed.program.services

    async def steps() -> None:
        timed.spawn(service())
        timed.now = LATER
        async with asyncio.timeout(15):
            while len(timed.written) < 2:
                await asyncio.sleep(0)
        for task in timed._tasks:
            task.cancel()

    timed.run(steps())
    assert timed.written[:2] == [str(int(LATER))] * 2


def test_a_request_that_nobody_sent_is_of_the_programs_time(tmp_path: Path) -> None:
    timed = Timed("request_route { exit; }", tmp_path)
    assert made_up_context(timed.program).now == START
    timed.now = LATER
    assert made_up_context(timed.program).now == LATER
    assert made_up_context(timed.program, 7.0).now == 7.0
