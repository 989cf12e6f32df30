"""Locks: what is between lock() and unlock() is done for one message at a time.

A route that does not wait runs to its end before the next message is looked at. But one that
waits, for DNS, a database or a pause, lets others run, and then a lock keeps them out.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, cast

from sipway.core.context import Context
from sipway.core.transformations.encodings import core_hash
from sipway.modules.cfgutils._module import failed, kept, mod, number_of_locks

if TYPE_CHECKING:
    from asyncio import Future

MAX_WAITING: Final = 1024
"""How many messages wait for one lock; one more does not get it."""

LONGEST_WAIT: Final = 30.0
"""Seconds: who did not get a lock by then does not get it, lest a lost unlock() stop all."""


class _Held:
    """A lock that somebody holds, and those who wait for it, the first one first."""

    def __init__(self) -> None:
        self.waiting: deque[Future[bool]] = deque()


def _number(ctx: Context, key: str, key2: str | None) -> int | None:
    """The number of the lock for a key; None if there are no locks."""
    count = number_of_locks(ctx.program)
    if not count:
        return None
    texts = (key,) if key2 is None else (key, key2)
    return core_hash(*(text.encode("utf-8", "surrogateescape") for text in texts)) & (count - 1)


@mod.function("lock", may_wait=True)
async def lock(ctx: Context, key: str, key2: str | None = None) -> int:
    """Wait for the lock of a key, and hold it. Keys may share a lock, as many as there are.

    Returns 1; -1 without `lock_set_size`, and where it could not be had in 30 seconds.
    """
    number = _number(ctx, key, key2)
    if number is None:
        return failed(ctx, "lock", "there are no locks, lock_set_size is 0")
    locks = kept(ctx.program).locks
    held = cast("_Held | None", locks.get(number))
    if held is None:
        locks[number] = _Held()
        return 1
    if len(held.waiting) >= MAX_WAITING:
        return failed(ctx, "lock", f"{MAX_WAITING} messages wait for it already")
    if not await _wait(held):
        return failed(ctx, "lock", f"it was not free within {LONGEST_WAIT:g} seconds")
    return 1


async def _wait(held: _Held) -> bool:
    """Wait until the lock is ours; False if that takes too long."""
    import asyncio  # slow to import, and `check` waits for nothing

    loop = asyncio.get_running_loop()
    turn: Future[bool] = loop.create_future()
    held.waiting.append(turn)
    timer = loop.call_later(LONGEST_WAIT, _give_up, held, turn)
    try:
        return await turn
    finally:
        timer.cancel()


def _give_up(held: _Held, turn: Future[bool]) -> None:
    if not turn.done():
        held.waiting.remove(turn)
        turn.set_result(False)


@mod.function("trylock")
def trylock(ctx: Context, key: str, key2: str | None = None) -> int:
    """Hold the lock of a key if nobody does. 1; -1 if it is held, or without `lock_set_size`."""
    number = _number(ctx, key, key2)
    if number is None:
        return failed(ctx, "trylock", "there are no locks, lock_set_size is 0")
    locks = kept(ctx.program).locks
    if number in locks:
        return -1
    locks[number] = _Held()
    return 1


@mod.function("unlock")
def unlock(ctx: Context, key: str, key2: str | None = None) -> int:
    """Give the lock of a key to who waits for it longest, or set it free, whoever holds it.

    Returns 1; -1 without `lock_set_size`.
    """
    number = _number(ctx, key, key2)
    if number is None:
        return failed(ctx, "unlock", "there are no locks, lock_set_size is 0")
    locks = kept(ctx.program).locks
    held = cast("_Held | None", locks.get(number))
    while held is not None and held.waiting:
        turn = held.waiting.popleft()
        if not turn.done():
            turn.set_result(True)
            return 1
    locks.pop(number, None)
    return 1
