"""What comes in before it is looked at, and what leaves as it leaves: for event routes.

`event_route[core:msg-received]` sees what was received and may drop it (core cookbook,
`received_route_mode`); `event_route[network:msg]` of corex may put something else in its place.
Each runs for every message, so a script that has none of them pays nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sipway.core.context import Context
from sipway.core.functions import core
from sipway.core.made_up import made_up_context
from sipway.core.raw import BARE, MESSAGE, Raw, look_at
from sipway.core.waiting import at_once
from sipway.errors import SipParseError
from sipway.language.signatures import Routes
from sipway.sip.message import Message, parse
from sipway.sip.outgoing import Directed

if TYPE_CHECKING:
    from sipway.core.program import Block, Program
    from sipway.core.sockets import ListenSocket

Datagram: TypeAlias = tuple[bytes, bytes]

_received: Final = core.event("core:msg-received")
_EVENT: Final = Routes.EVENT.value


def run(ctx: Context, block: Block, name: str, raw: Raw) -> None:
    """Run an event route for it."""
    look_at(ctx, raw)
    ctx.kind = _EVENT
    result: Any = block(ctx)
    if block in ctx.program.waiting:
        at_once(result, ctx.program.log, f"event_route[{name}]")


def context_of(
    program: Program, data: bytes, socket: ListenSocket, address: bytes, now: float
) -> Context:
    """A Context for bytes that may be a message: what is none is the body of one made up."""
    ctx = made_up_context(program, now)
    ctx.message = _read(data, ctx.message)
    ctx.socket = socket
    ctx.change_source(address)
    return ctx


def _read(data: bytes, made_up: Message) -> Message:
    try:
        return parse(data)
    except SipParseError:
        # Fields of it are empty or nonsense, as in Kamailio; `$mb` and `$ml` are what counts.
        made_up.data = data
        return made_up


def before_parsing(
    program: Program,
) -> Callable[[list[Datagram], ListenSocket, float], list[Datagram]] | None:
    """What lets event_route[core:msg-received] look at each message first, if there is one."""
    block = program.events.get(_received.name)
    mode = program.settings.received_route_mode
    if block is None or not mode:
        return None
    kinds = [kind for kind in (BARE, MESSAGE) if mode & kind]

    def admit(datagrams: list[Datagram], socket: ListenSocket, now: float) -> list[Datagram]:
        return [each for each in datagrams if _is_admitted(each, socket, now)]

    def _is_admitted(datagram: Datagram, socket: ListenSocket, now: float) -> bool:
        data, source = datagram
        for kind in kinds:
            ctx = made_up_context(program, now)
            ctx.socket = socket
            ctx.change_source(source)
            run(ctx, block, _received.name, Raw(data, kind))
            if ctx.dropped:
                return False
        return True

    return admit


def replaced(datagram: Datagram, data: bytes) -> Datagram:
    """The same with other bytes."""
    if isinstance(datagram, Directed):
        return Directed.to(data, datagram[1], datagram.connection, datagram.options)
    return data, datagram[1]
