"""Event routes that the core runs: before the routes, for what is broken, before modules start.

`core:tkv` runs for events with a type, a key and a value (async_tkv_emit() of async, `$atkv`).

Source: core cookbook, section Core Event Routes; what `exit`, `return` and `drop` mean in
`core:pre-routing` was tried on Kamailio 5.6.3. `core:msg-received` is in `interception`,
`core:worker-one-init` where a Program is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sipway.core.extras import extras
from sipway.core.functions import core
from sipway.core.interception import context_of, run
from sipway.core.made_up import made_up_context
from sipway.core.made_up import run as run_made_up
from sipway.core.raw import Raw
from sipway.core.waiting import at_once
from sipway.language.nodes import BlockKind
from sipway.language.record import Record

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.core.program import Block, Program
    from sipway.core.sockets import ListenSocket
    from sipway.language.compiled import BlockKey

_pre_routing: Final = core.event("core:pre-routing")
_broken: Final = core.event("core:receive-parse-error")
_before_modules: Final = core.event("core:modinit-before")

_told: Final = core.event("core:tkv")

_REPLY: Final = (BlockKind.REPLY, None)
_TOLD: Final = "core:tkv"


def run_before_routes(blocks: dict[BlockKey, Block], waiting: frozenset[BlockKey]) -> None:
    """Have event_route[core:pre-routing] run before request_route and reply_route."""
    key = (BlockKind.EVENT, _pre_routing.name)
    first = blocks.get(key)
    if first is None:
        return
    if _REPLY not in blocks:
        blocks[_REPLY] = _nothing
    for route in ((BlockKind.REQUEST, None), _REPLY):
        if route in blocks:
            waits = route in waiting
            blocks[route] = _behind(first, blocks[route], key in waiting, waits=waits)


def _nothing(_: Context) -> int:
    return 1


def _behind(first: Block, route: Block, first_waits: bool, *, waits: bool) -> Block:
    """A route that runs behind another block, unless that says drop."""

    def admits(ctx: Context) -> bool:
        result: Any = first(ctx)
        if first_waits:
            at_once(result, ctx.program.log, f"event_route[{_pre_routing.name}]")
        return not ctx.dropped

    if waits:

        async def run_waiting(ctx: Context) -> Any:
            return await route(ctx) if admits(ctx) else 0

        return run_waiting

    def run_both(ctx: Context) -> Any:
        return route(ctx) if admits(ctx) else 0

    return run_both


def tell_broken(
    program: Program, data: bytes, socket: ListenSocket, source: bytes, now: float
) -> None:
    """Run event_route[core:receive-parse-error] for what could not be parsed, if it is there."""
    block = program.events.get(_broken.name)
    if block is not None:
        run(context_of(program, data, socket, source, now), block, _broken.name, Raw(data))


def before_modules(program: Program) -> None:
    """Run event_route[core:modinit-before], if it is there."""
    block = program.events.get(_before_modules.name)
    if block is not None:
        run(made_up_context(program), block, _before_modules.name, Raw(b""))


class Told(Record):
    """An event with a type, a key and a value; `group` is the name of who deals with it."""

    type: int
    key: str
    value: str
    group: str


def tell(program: Program, type: int, key: str, value: str) -> bool:  # noqa: A002
    """Run event_route[core:tkv], or the one of `async_tkv_evcb`, beside the message.

    False if there is none.
    """
    name = program.settings.async_tkv_evcb or _told.name
    block = program.events.get(name)
    if block is None or program.spawn is None:
        return False
    ctx = made_up_context(program)
    group = program.settings.async_tkv_gname or ""
    extras(ctx).of_modules[_TOLD] = Told(type, key, value, group)
    program.spawn(run_made_up(ctx, name, block))
    return True


def told(ctx: Context) -> Told | None:
    """The event that a block runs for; None in other blocks."""
    found: Told | None = None if ctx.extras is None else ctx.extras.of_modules.get(_TOLD)
    return found
