"""Locks of slots: what is between sht_lock() and sht_unlock() is done for one message at a time.

A route that does not wait runs to its end before the next message is looked at. One that waits, for
DNS, a database or a pause, lets others run: then the lock keeps out those who want it too. Items
can be read and set whoever holds a lock. A lock that a message leaves held when it is over is free.
"""

from __future__ import annotations

import asyncio
import weakref
from collections import deque
from typing import TYPE_CHECKING, Final

from sipway.core import log as levels
from sipway.core.extras import extras
from sipway.core.transformations.encodings import core_hash
from sipway.modules.htable._module import NAME, failed, mod, tables
from sipway.modules.htable.matching import Keyed, TableKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipway.core.context import Context
    from sipway.core.program import Program

MAX_WAITING: Final = 1024
"""How many messages wait for one lock; one more does not get it."""

LONGEST_WAIT: Final = 30.0
"""Seconds: who did not get a lock by then does not get it, lest a lost unlock stop all."""

_NO_TABLE: Final = -11
_KEPT: Final = f"{NAME}:locks"


class _Owner:
    """Stands for a message, without holding it: it goes when the message goes."""

    __slots__ = ("__weakref__",)


class _Held:
    """A lock: whose it is, how often they have taken it, and who waits for it, the first first."""

    def __init__(self) -> None:
        self._owner: weakref.ref[_Owner] | None = None
        self.times = 0
        self.waiting: deque[tuple[asyncio.Future[bool], _Owner]] = deque()

    def is_of(self, owner: _Owner) -> bool:
        return self._owner is not None and self._owner() is owner

    def give(self, owner: _Owner, when_over: Callable[[weakref.ref[_Owner]], None]) -> None:
        """`when_over` is called when the owner goes while it holds the lock."""
        self._owner = weakref.ref(owner, when_over)
        self.times = 1

    def take(self) -> None:
        """From now on it is nobody's."""
        self._owner = None


class _Locks(dict[tuple[str, int], _Held]):
    """Those that are held, by table and slot."""

    def give(self, slot: tuple[str, int], held: _Held, owner: _Owner, program: Program) -> None:
        """Have the lock of a slot be of this owner, until it is unlocked or the owner is gone."""

        def when_over(_: weakref.ref[_Owner]) -> None:
            program.log.once(
                levels.WARN,
                f"sht_lock(): a message ends with a lock of {slot[0]}, which is free now",
            )
            self.pass_on(slot, held, program)

        held.give(owner, when_over)

    def pass_on(self, slot: tuple[str, int], held: _Held, program: Program) -> None:
        """Give it to who waits for it longest, or set it free."""
        held.take()
        while held.waiting:
            turn, owner = held.waiting.popleft()
            if not turn.done():
                self.give(slot, held, owner, program)
                turn.set_result(True)
                return
        del self[slot]


def _locks(ctx: Context) -> _Locks:
    return ctx.program.shared.of_module(_KEPT, _Locks)


def _slot(ctx: Context, where: Keyed) -> tuple[str, int] | None:
    table = tables(ctx.program).get(where.table)
    if table is None:
        return None
    number = core_hash(where.key.encode("utf-8", "surrogateescape"))
    return where.table, number & (table.definition.slots - 1)


def _owner(ctx: Context) -> _Owner:
    of_modules = extras(ctx).of_modules
    owner: _Owner | None = of_modules.get(_KEPT)
    if owner is None:
        owner = of_modules[_KEPT] = _Owner()
    return owner


@mod.function("sht_lock", may_wait=True)
async def sht_lock(ctx: Context, where: TableKey) -> int:
    """Wait for the lock of an item's slot, `table=>key`, and hold it; it can be taken again.

    Returns 1; -1 where it could not be had in 30 seconds, -11 without such a table.
    """
    slot = _slot(ctx, where)
    if slot is None:
        failed(ctx, "sht_lock", f"there is no table {where.table}")
        return _NO_TABLE
    locks, owner = _locks(ctx), _owner(ctx)
    held = locks.get(slot)
    if held is None:
        held = locks[slot] = _Held()
        locks.give(slot, held, owner, ctx.program)
        return 1
    if held.is_of(owner):
        held.times += 1
        return 1
    if len(held.waiting) >= MAX_WAITING:
        return failed(ctx, "sht_lock", f"{MAX_WAITING} messages wait for it already")
    if not await _wait(held, owner):
        return failed(ctx, "sht_lock", f"it was not free within {LONGEST_WAIT:g} seconds")
    return 1


async def _wait(held: _Held, owner: _Owner) -> bool:
    """Wait until the lock is ours; False if that takes too long."""
    loop = asyncio.get_running_loop()
    turn: asyncio.Future[bool] = loop.create_future()
    held.waiting.append((turn, owner))
    timer = loop.call_later(LONGEST_WAIT, _give_up, held, turn)
    try:
        return await turn
    finally:
        timer.cancel()


def _give_up(held: _Held, turn: asyncio.Future[bool]) -> None:
    if not turn.done():
        held.waiting = deque(each for each in held.waiting if each[0] is not turn)
        turn.set_result(False)


@mod.function("sht_unlock")
def sht_unlock(ctx: Context, where: TableKey) -> int:
    """Give the lock of an item's slot to who waits for it longest, or set it free.

    Returns 1, whether it was held or not; -11 without such a table.
    """
    slot = _slot(ctx, where)
    if slot is None:
        failed(ctx, "sht_unlock", f"there is no table {where.table}")
        return _NO_TABLE
    locks = _locks(ctx)
    held = locks.get(slot)
    if held is None:
        return 1
    held.times -= 1
    if not held.times:
        locks.pass_on(slot, held, ctx.program)
    return 1
