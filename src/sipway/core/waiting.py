"""Coroutines driven by hand, so that a route that could wait and does not costs no task.

A block that can reach a function which waits is a coroutine function. Mostly it does not wait:
the destination of forward() is an address, a lookup is answered from memory. So the engine runs
it at once, up to the first wait, and only what is left then becomes a task of the event loop.
Until then there is no current task: a function that waits must not ask for one.

The rule on time: when a block goes on after a wait, of whatever kind, the `now` of its Context is
the time again, so that timers which are set then count from it. It is kept here (`_steps`), for
each coroutine that works on a Context; a function that waits need not know of it, and must not
reckon with how long it has waited.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Coroutine, Generator
from typing import TYPE_CHECKING, Any

from sipway.core import log as levels
from sipway.core.log import Log

if TYPE_CHECKING:
    from sipway.core.context import Context


def start(
    coroutine: Coroutine[Any, Any, Any], ctx: Context | None = None
) -> Coroutine[Any, Any, Any] | None:
    """Run up to the first wait; what is left, as a coroutine for a task, or None at the end.

    `ctx` is the Context that it works on, of now.
    """
    try:
        waits_for = coroutine.send(None)
    except StopIteration:
        return None
    return _rest(coroutine, waits_for, ctx)


async def _rest(
    coroutine: Coroutine[Any, Any, Any], waits_for: object, ctx: Context | None
) -> None:
    await _steps(coroutine, waits_for, ctx)


@types.coroutine
def _steps(
    coroutine: Coroutine[Any, Any, Any], waits_for: object, ctx: Context | None
) -> Generator[Any, Any, Any]:
    """Hand on what a coroutine waits for and what comes of it, until its end."""
    while True:
        result: Any = None
        error: BaseException | None = None
        try:
            result = yield waits_for
        except BaseException as thrown:  # noqa: BLE001 - the coroutine gets it
            error = thrown
        _tell_time(ctx)
        try:
            waits_for = coroutine.send(result) if error is None else coroutine.throw(error)
        except StopIteration as end:
            return end.value


def _tell_time(ctx: Context | None) -> None:
    if ctx is not None and ctx.program.clock is not None:
        ctx.now = ctx.program.clock()


@types.coroutine
def on_time(coroutine: Coroutine[Any, Any, Any], ctx: Context) -> Generator[Any, Any, Any]:
    """Await a coroutine that works on a Context which may have been made a while ago.

    What it sends up to its first wait goes out then, as after other waits (see `Program.now`).
    """
    _tell_time(ctx)
    try:
        waits_for = coroutine.send(None)
    except StopIteration as end:
        return end.value
    return (yield from _steps(coroutine, waits_for, ctx))


def at_once(coroutine: Coroutine[Any, Any, int], log: Log, where: str) -> int:
    """Run to the end without waiting; -1 if it has to wait, which is logged and ends it."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        code: int = end.value
        return code
    coroutine.close()
    log.line(levels.ERR, f"{where} cannot wait, it is left where it would have to")
    return -1


@types.coroutine
def with_prefix(
    coroutine: Coroutine[Any, Any, Any], log: Log, prefix: Callable[[], str]
) -> Generator[Any, Any, Any]:
    """Run a coroutine; while it runs, but not while it waits, `prefix` stands in the log."""
    result: Any = None
    error: BaseException | None = None
    while True:
        before = log.prefix
        log.prefix = prefix
        try:
            waits_for = coroutine.send(result) if error is None else coroutine.throw(error)
        except StopIteration as end:
            return end.value
        finally:
            log.prefix = before
        result = error = None
        try:
            result = yield waits_for
        except BaseException as thrown:  # noqa: BLE001 - the coroutine gets it
            error = thrown
