"""rtimer, its timers run by hand; in a server: `tests/server/test_timers.py`."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from sipway.errors import ModuleError
from tests.fakes import LogInMemory
from tests.modules.running import load, mistakes

FAST = 'modparam("rtimer", "timer", "name=t;interval=1000u;mode=1;")\n'


def timed(parameters: str, code: str, until: int) -> list[str]:
    """What the routes write, up to so many lines."""
    program, log, _ = load(code, parameters=parameters)

    async def serve() -> None:
        tasks: set[asyncio.Task[Any]] = set()

        def spawn(coroutine: Coroutine[Any, Any, Any]) -> None:
            tasks.add(asyncio.ensure_future(coroutine))

        program.spawn = spawn
        for service in program.services:
            spawn(service())
        async with asyncio.timeout(10):
            while len(log.written) < until:
                await asyncio.sleep(0.001)
        for task in tasks:
            task.cancel()

    asyncio.run(serve())
    return _lines(log)[:until]


def _lines(log: LogInMemory) -> list[str]:
    return [text.removeprefix("<script>: ").rstrip("\n") for _, text in log.written]


def test_a_route_runs_again_and_again() -> None:
    parameters = FAST + 'modparam("rtimer", "exec", "timer=t;route=X")'
    code = 'route[X] { $shv(n) = $shv(n) + 1; xlog("$shv(n) $rm $ci"); exit; }'
    assert timed(parameters, code, 3) == ["1 OPTIONS 123", "2 OPTIONS 123", "3 OPTIONS 123"]


def test_several_routes_of_a_timer_run_from_the_last_to_the_first() -> None:
    parameters = FAST + (
        'modparam("rtimer", "exec", "timer=t;route=A")\n'
        'modparam("rtimer", "exec", "timer=t;route=B")\n'
    )
    code = 'route[A] { xlog("a"); } route[B] { xlog("b"); return 0; }'
    assert timed(parameters, code, 4) == ["b", "a", "b", "a"]


def test_a_timer_waits_for_a_route_that_waits() -> None:
    parameters = FAST + 'modparam("rtimer", "exec", "timer=t;route=X")'
    code = 'route[X] { xlog("in"); usleep(3000); xlog("out"); }'
    assert timed(parameters, code, 4) == ["in", "out", "in", "out"]


def test_a_fault_does_not_stop_a_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    from sipway.core.shared import SharedVariables

    def fail(*_: object) -> int:
        raise RuntimeError

    monkeypatch.setattr(SharedVariables, "get", fail)
    parameters = FAST + 'modparam("rtimer", "exec", "timer=t;route=X")'
    code = 'route[X] { xlog("in"); xlog("$shv(n)"); }'
    assert timed(parameters, code, 2) == ["in", "in"]


@pytest.mark.parametrize(
    ("timer", "count"),
    [("name=t", 1), ("name=t;mode=0", 1), ("name=t;mode=3", 3), (" name = t ; mode = 2 ;", 2)],
)
def test_how_often_a_timer_is_there(timer: str, count: int) -> None:
    parameters = f'modparam("rtimer", "timer", "{timer}")\n'
    execs = 'modparam("rtimer", "exec", "timer=t;route=X")'
    program, _, _ = load('route[X] { xlog("x"); }', parameters=parameters + execs)
    assert len(program.services) == count


def test_a_timer_without_routes_does_not_run() -> None:
    assert load("", parameters=FAST)[0].services == []


def test_a_route_that_is_not_there_is_told() -> None:
    parameters = FAST + 'modparam("rtimer", "exec", "timer=t;route=NOPE")'
    program, log, _ = load("", parameters=parameters)
    assert program.services == []
    assert _lines(log) == ["<core>: rtimer: there is no route[NOPE] to run"]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (FAST + FAST, "the timer t is there twice"),
        ('modparam("rtimer", "exec", "timer=u;route=X")', "there is no timer u to run X"),
    ],
)
def test_what_stops_the_start(parameters: str, message: str) -> None:
    with pytest.raises(ModuleError, match=message):
        load("", parameters=parameters)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("timer", "interval=1", "the timer has no name="),
        ("timer", "", "the timer has no name="),
        ("timer", "name=t;interval=x", 'interval is a number from 0 on, not "x"'),
        ("timer", "name=t;interval=-5", 'interval is a number from 0 on, not "-5"'),
        ("timer", "name=t;mode=x", 'mode is a number from 0 on, not "x"'),
        ("timer", "name=t;mode=65", "a timer is there at most 64 times, not 65"),
        ("timer", "name=t;foo=1", '"foo=1" is none of name=, mode=, interval='),
        ("exec", "timer=t", "route= is missing"),
        ("exec", "route=X", "timer= is missing"),
    ],
)
def test_wrong_parameters_are_found_before_the_script_runs(
    name: str, value: str, message: str
) -> None:
    parameter = f'modparam("rtimer", "{name}", "{value}")'
    found = mistakes("request_route { exit; } route[X] { exit; }", parameter)
    assert [each for each in found if message in each]
