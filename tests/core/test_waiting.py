"""Coroutines run by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from sipway.core.waiting import at_once, start, with_prefix
from tests.fakes import LogInMemory


async def _nothing() -> int:
    return 5


async def _sleeping(log: list[str]) -> int:
    log.append("begins")
    try:
        await asyncio.sleep(0)
        await asyncio.get_running_loop().run_in_executor(None, int)
    except asyncio.CancelledError:
        log.append("cancelled")
        raise
    log.append("ends")
    return 7


def test_what_does_not_wait_needs_no_event_loop() -> None:
    assert start(_nothing()) is None


def test_what_waits_goes_on_in_a_task() -> None:
    log: list[str] = []

    async def run() -> None:
        rest = start(_sleeping(log))
        assert rest is not None
        assert log == ["begins"]
        await asyncio.create_task(rest)

    asyncio.run(run())
    assert log == ["begins", "ends"]


def test_a_cancellation_reaches_it() -> None:
    log: list[str] = []

    async def run() -> None:
        rest = start(_sleeping(log))
        assert rest is not None
        task = asyncio.create_task(rest)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert log == ["begins", "cancelled"]


def test_an_error_comes_out() -> None:
    async def fails(first: bool) -> None:
        if not first:
            await asyncio.sleep(0)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        start(fails(first=True))

    async def run() -> None:
        rest = start(fails(first=False))
        assert rest is not None
        with pytest.raises(ZeroDivisionError):
            await asyncio.create_task(rest)

    asyncio.run(run())


def test_at_once() -> None:
    log, steps = LogInMemory(), list[str]()
    assert at_once(_nothing(), log, "here") == 5

    async def waits() -> int:
        try:
            await asyncio.sleep(0)
        finally:
            steps.append("closed")
        return 1

    assert at_once(waits(), log, "event_route[x:y]") == -1
    assert steps == ["closed"]
    assert log.written[0][1] == (
        "<core>: event_route[x:y] cannot wait, it is left where it would have to\n"
    )


def test_a_prefix_stands_only_while_the_coroutine_runs() -> None:
    log = LogInMemory()
    seen: list[str] = []

    def note(who: str) -> None:
        seen.append(f"{who}: {log.prefix() if log.prefix else 'none'}")

    async def speaks(who: str) -> str:
        note(who)
        await asyncio.sleep(0)
        note(who)
        return who

    async def one(who: str) -> str:
        waits: Coroutine[Any, Any, str] = speaks(who)
        found: str = await with_prefix(waits, log, lambda: who)
        return found

    async def run() -> list[str]:
        return list(await asyncio.gather(one("a"), one("b")))

    assert asyncio.run(run()) == ["a", "b"]
    assert seen == ["a: a", "b: b", "a: a", "b: b"]
    assert log.prefix is None
