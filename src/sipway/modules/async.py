"""async: requests that go on later, and tasks beside them.

Source: README of Kamailio's module async; what it leaves open was tried on Kamailio 5.6.3. There
are no processes for tasks: what waits holds nobody up.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.core.core_events import tell
from sipway.core.extras import extras
from sipway.core.made_up import made_up_context, run
from sipway.core.module import Module
from sipway.core.proxy import relaying, suspending
from sipway.language.signatures import Inner, Meaning, Routes
from sipway.sip.methods import ACK

if TYPE_CHECKING:
    from sipway.core.program import Block, Program
    from sipway.tx.transaction import Transaction

mod = Module("async", after=("tm", "tmx"))

MAX_SECONDS: Final = 100
MAX_MILLISECONDS: Final = 30_000

mod.param("workers", int, 1, meaning=Meaning.IGNORED, doc="processes for what goes on later")
mod.param("mode", int, 0, meaning=Meaning.IGNORED, doc="whether tm is wanted")
_ms_timer = mod.param("ms_timer", int, 0, doc="1: the functions with ms in their names work")
_return = mod.param("return", int, 0, doc="the code of what goes on later; 0 ends the script")


def _failed(ctx: Context, function: str, reason: str) -> int:
    ctx.program.log.line(levels.ERR, f"{function}(): {reason}")
    return -1


def _seconds(ctx: Context, function: str, number: int, *, small: bool = False) -> float | None:
    """A time as seconds; None, which is logged, if it cannot be waited."""
    most = MAX_MILLISECONDS if small else MAX_SECONDS
    if small and _ms_timer(ctx.program) <= 0:
        _failed(ctx, function, "ms_timer is 0")
        return None
    if not 0 <= number <= most:
        _failed(ctx, function, f"it waits from 0 to {most}, not {number}")
        return None
    return number / 1000 if small else number


def _begin(ctx: Context, function: str) -> Transaction | None:
    """The transaction of the request; None, which is logged, where there can be none."""
    if not ctx.program.stateful:
        _failed(ctx, function, "tm is not loaded")
        return None
    if ctx.transaction is None:
        if ctx.message.method_id == ACK:
            _failed(ctx, function, "an ACK has no transaction")
            return None
        relaying.begin(ctx)
    return ctx.transaction


# --- in a route, later ---------------------------------------------------------------------------


def _go_on_in(ctx: Context, function: str, name: str, seconds: float | None) -> int:
    program = ctx.program
    if seconds is None:
        return -1
    block = program.routes.get(name)
    if block is None:
        return _failed(ctx, function, f"there is no route[{name:.60}]")
    if program.spawn is None:
        return _failed(ctx, function, "there is nothing to do it on")
    transaction = _begin(ctx, function)
    if transaction is None:
        return -1
    suspending.suspend(ctx)
    program.spawn(_go_on(program, transaction, block, seconds))
    return _return(program)


async def _go_on(program: Program, transaction: Transaction, block: Block, seconds: float) -> None:
    await asyncio.sleep(seconds)
    suspending.go_on(transaction, block, program.now())


@mod.function("async_route", routes=Routes.REQUEST)
def async_route(ctx: Context, name: str, seconds: int) -> int:
    """Go on with the request in route[NAME] after some seconds, 100 at most.

    Returns what the parameter `return` says, so that the script ends; -1 if that cannot be done.
    """
    return _go_on_in(ctx, "async_route", name, _seconds(ctx, "async_route", seconds))


@mod.function("async_ms_route", routes=Routes.REQUEST)
def async_ms_route(ctx: Context, name: str, milliseconds: int) -> int:
    """As async_route(), after some milliseconds, 30,000 at most; -1 unless `ms_timer` is set."""
    function = "async_ms_route"
    return _go_on_in(ctx, function, name, _seconds(ctx, function, milliseconds, small=True))


@mod.function("async_task_route", routes=Routes.REQUEST)
def async_task_route(ctx: Context, name: str) -> int:
    """Go on with the request in route[NAME] as soon as what has come in is done; as async_route."""
    return _go_on_in(ctx, "async_task_route", name, 0.0)


@mod.function("async_task_group_route", routes=Routes.REQUEST)
def async_task_group_route(ctx: Context, name: str, group: str) -> int:
    """As async_task_route(); the group of processes means nothing, there are none."""
    del group
    return _go_on_in(ctx, "async_task_group_route", name, 0.0)


# --- in the same block, later --------------------------------------------------------------------


@mod.function("async_sleep", routes=Routes.REQUEST, may_wait=True)
async def async_sleep(ctx: Context, seconds: int) -> int:
    """Go on with the next statement after some seconds, 100 at most. 1; -1 if that cannot be."""
    return await _sleep(ctx, "async_sleep", _seconds(ctx, "async_sleep", seconds))


@mod.function("async_ms_sleep", routes=Routes.REQUEST, may_wait=True)
async def async_ms_sleep(ctx: Context, milliseconds: int) -> int:
    """As async_sleep(), after some milliseconds, 30,000 at most; -1 unless `ms_timer` is set."""
    function = "async_ms_sleep"
    return await _sleep(ctx, function, _seconds(ctx, function, milliseconds, small=True))


async def _sleep(ctx: Context, function: str, seconds: float | None) -> int:
    if seconds is None:
        return -1
    transaction = _begin(ctx, function)
    if transaction is None:
        return -1
    relaying.send_trying(ctx, transaction, transaction.user)
    await asyncio.sleep(seconds)
    return 1


# --- beside the request --------------------------------------------------------------------------


@mod.function("async_task_data")
def async_task_data(ctx: Context, name: str, data: str) -> int:
    """Run route[NAME] beside the message, on a request of its own; `$async(data)` has the text.

    1; -1 if there is no such route.
    """
    return _run_beside(ctx, "async_task_data", name, data)


@mod.function("async_task_group_data")
def async_task_group_data(ctx: Context, name: str, group: str, data: str) -> int:
    """As async_task_data(); the group of processes means nothing, there are none."""
    del group
    return _run_beside(ctx, "async_task_group_data", name, data)


def _run_beside(ctx: Context, function: str, name: str, data: str) -> int:
    program = ctx.program
    block = program.routes.get(name)
    if block is None:
        return _failed(ctx, function, f"there is no route[{name:.60}]")
    if program.spawn is None:
        return _failed(ctx, function, "there is nothing to do it on")
    made_up = made_up_context(program)
    extras(made_up).of_modules[mod.name] = data
    program.spawn(run(made_up, name, block))
    return 1


@mod.function("async_tkv_emit")
def async_tkv_emit(ctx: Context, type: int, key: str, value: str) -> int:  # noqa: A002
    """Run event_route[core:tkv], or that of `async_tkv_evcb`, beside the message.

    `$atkv` has type, key and value there. 1; -1 if there is no such block.
    """
    if not tell(ctx.program, type, key, value):
        return _failed(ctx, "async_tkv_emit", "there is no event_route[core:tkv]")
    return 1


def _key(name: str) -> str:
    if name != "data":
        raise ValueError(f"$async takes data, not {name}")
    return name


@mod.variable("async", inner=Inner.REQUIRED, values=(str,), prepare=_key)
def _data(ctx: Context, _: str) -> str | None:
    """`$async(data)`: what async_task_data() handed over; null elsewhere."""
    if ctx.extras is None:
        return None
    found: str | None = ctx.extras.of_modules.get(mod.name)
    return found
