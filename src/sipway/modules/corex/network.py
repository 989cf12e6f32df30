"""Messages as they come from the network and as they go there: network:msg, corex:reply-out.

Source: README of corex, sections 3.5 to 3.7, 4.6, 6.1 and 6.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sipway.core import log as levels
from sipway.core.avps import avp_parameter, avp_text
from sipway.core.context import Context
from sipway.core.interception import Datagram, context_of, replaced, run
from sipway.core.program import Program
from sipway.core.raw import Raw, raw_of
from sipway.language.signatures import Routes
from sipway.modules.corex._module import mod

if TYPE_CHECKING:
    from sipway.core.program import Block
    from sipway.core.sockets import ListenSocket

_NO_NAME: Final[str | None] = None


def _to_length(value: int) -> int:
    if value < 0:
        raise ValueError(f"a length is not negative, as {value} is")
    return value


_intercept = mod.param("nio_intercept", int, 0, doc="run event_route[network:msg]")
_shortest = mod.param(
    "nio_min_msg_len", int, 0, convert=_to_length, doc="shorter ones do not run it (bytes)"
)
_result = mod.param(
    "nio_msg_avp", str, _NO_NAME, convert=avp_parameter, doc="the AVP with what is to go on instead"
)
_event = mod.event("network:msg")
_reply_out = mod.event("corex:reply-out")
_REPLY: Final = b"SIP/2.0 "


@mod.on_start
def _watch_replies(program: Program) -> None:
    """Run event_route[corex:reply-out] for each reply that leaves, as it leaves."""
    block = program.events.get(_reply_out.name)
    if block is None:
        return

    def outgoing(datagrams: list[Datagram], socket: ListenSocket, now: float) -> list[Datagram]:
        for data, address in datagrams:
            if data.startswith(_REPLY):
                ctx = context_of(program, data, socket, address, now)
                run(ctx, block, _reply_out.name, Raw(data, incoming=False))
        return datagrams

    program.outgoing = outgoing


@mod.on_start
def _start(program: Program) -> None:
    block = program.events.get(_event.name)
    if block is None or not _intercept(program):
        return
    before, after = program.incoming, program.outgoing

    def incoming(datagrams: list[Datagram], socket: ListenSocket, now: float) -> list[Datagram]:
        if before is not None:
            datagrams = before(datagrams, socket, now)
        return [_exchanged(program, block, each, socket, now, incoming=True) for each in datagrams]

    def outgoing(datagrams: list[Datagram], socket: ListenSocket, now: float) -> list[Datagram]:
        if after is not None:
            datagrams = after(datagrams, socket, now)
        return [_exchanged(program, block, each, socket, now, incoming=False) for each in datagrams]

    program.incoming, program.outgoing = incoming, outgoing


def _exchanged(
    program: Program,
    block: Block,
    datagram: Datagram,
    socket: ListenSocket,
    now: float,
    *,
    incoming: bool,
) -> Datagram:
    """What goes on in place of a message: what the block says, or the message itself."""
    data, address = datagram
    if len(data) < _shortest(program):
        return datagram
    ctx = context_of(program, data, socket, address, now)
    run(ctx, block, _event.name, Raw(data, incoming=incoming))
    text = avp_text(ctx, _result(program))
    if text is None:
        program.log.line(levels.WARN, "event_route[network:msg] left nothing: it goes on unchanged")
        return datagram
    return replaced(datagram, text.encode("utf-8", "surrogateescape"))


@mod.function("is_incoming", routes=Routes.EVENT)
def is_incoming(ctx: Context) -> int:
    """Whether event_route[network:msg] looks at what was received: 1, else -1."""
    raw = raw_of(ctx)
    return 1 if raw is not None and raw.incoming else -1
