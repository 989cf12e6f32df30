"""htable: sht_lock() and sht_unlock()."""

from __future__ import annotations

import asyncio

import pytest

from sipway.core.program import Program
from sipway.core.waiting import start
from sipway.modules.htable import locking
from sipway.modules.htable._module import tables
from tests.modules.running import context, load
from tests.modules.test_htable import TABLES, played, program_of


def test_locks_can_be_taken_again_and_set_free_by_anybody() -> None:
    ran = played(
        'sht_lock("t=>a"); xlog("$rc"); sht_lock("t=>a"); xlog("$rc");'
        'sht_unlock("t=>a"); sht_unlock("t=>a"); sht_unlock("t=>a"); xlog("$rc");'
        'sht_lock("tt=>a"); xlog("$rc"); sht_unlock("tt=>a"); xlog("$rc");'
    )
    assert [each for each in ran.lines if len(each) < 4] == ["1", "1", "1", "-11", "-11"]


class _Waiting:
    """Two messages, of which one waits while it holds the lock, and what they log."""

    def __init__(self, first: str) -> None:
        code = f'if ($var(n) == 1) {{ {first} }} sht_lock("t=>a"); xlog("second $rc");'
        self.program, self.log, _ = load(f"request_route {{ {code} }}", parameters=TABLES)

    async def begin(self, number: int) -> asyncio.Task[None] | None:
        ctx = context(self.program)
        ctx.vars[self.program.variable_names.index("n")] = number
        assert self.program.request_route is not None
        rest = start(self.program.request_route(ctx), ctx)
        return None if rest is None else asyncio.create_task(rest)

    @property
    def lines(self) -> list[str]:
        return [text.removeprefix("<script>: ").strip() for _, text in self.log.written]


def _free(program: Program) -> bool:
    return not program.shared.of_module(locking._KEPT, locking._Locks)


def test_a_lock_keeps_out_others_while_its_holder_waits() -> None:
    async def play() -> None:
        scene = _Waiting('sht_lock("t=>a"); usleep(1000); xlog("first"); sht_unlock("t=>a"); exit;')
        first = await scene.begin(1)
        second = await scene.begin(2)
        assert first is not None
        assert second is not None
        await asyncio.gather(first, second)
        assert scene.lines[:2] == ["first", "second 1"]

    asyncio.run(play())


def test_who_waits_too_long_does_not_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locking, "LONGEST_WAIT", 0.001)

    async def play() -> None:
        scene = _Waiting('sht_lock("t=>a"); usleep(20000); exit;')
        first = await scene.begin(1)
        second = await scene.begin(2)
        assert first is not None
        assert second is not None
        await second
        assert scene.lines[-1] == "second -1"
        await first

    asyncio.run(play())


def test_so_many_wait_for_a_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locking, "MAX_WAITING", 0)

    async def play() -> None:
        scene = _Waiting('sht_lock("t=>a"); usleep(1000); exit;')
        first = await scene.begin(1)
        assert await scene.begin(2) is None
        assert scene.lines[-1] == "second -1"
        assert first is not None
        await first

    asyncio.run(play())


def test_a_lock_is_free_when_its_message_is_over() -> None:
    async def play() -> None:
        scene = _Waiting('sht_lock("t=>a"); sht_lock("t=>a"); exit;')
        for _ in range(3):
            assert await scene.begin(1) is None
            assert await scene.begin(2) is None
        assert scene.lines.count("second 1") == 3
        assert sum("a message ends with a lock of t" in each for each in scene.lines) == 1
        assert _free(scene.program)

    asyncio.run(play())


def test_who_waits_gets_the_lock_of_a_message_that_is_over() -> None:
    async def play() -> None:
        scene = _Waiting('sht_lock("t=>a"); usleep(1000); exit;')
        first = await scene.begin(1)
        second = await scene.begin(2)
        assert first is not None
        assert second is not None
        await first
        del first
        await second
        del second
        assert "second 1" in scene.lines
        await asyncio.sleep(0)
        assert _free(scene.program)

    asyncio.run(play())


def test_locks_that_are_free_take_no_memory() -> None:
    program, _ = program_of('sht_lock("t=>$ci"); sht_unlock("t=>$ci");')
    assert program.request_route is not None
    start(program.request_route(context(program)))
    assert _free(program)
    assert tables(program)["t"].values == {}
