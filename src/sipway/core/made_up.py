"""Routing blocks run on a request that nobody sent, as Kamailio does for timers and tasks."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from sipway.core.context import Context
from sipway.core.proxy import relaying
from sipway.core.waiting import on_time
from sipway.language.signatures import Routes
from sipway.sip.addresses import sockaddr
from sipway.sip.message import parse

if TYPE_CHECKING:
    from sipway.core.program import Block, Program

logger = logging.getLogger("sipway.engine")

_SOURCE: Final = sockaddr("127.0.0.1", 5060)
_REQUEST: Final = (
    b"OPTIONS sip:you@kamailio.org SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK-made-up\r\n"
    b"From: <sip:you@kamailio.org>;tag=123\r\nTo: <sip:you@kamailio.org>\r\n"
    b"Call-ID: 123\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
)


def made_up_context(program: Program, now: float | None = None) -> Context:
    """The Context of such a request, of `now` (seconds since the epoch), by default the time."""
    socket = program.sockets[0]
    kind = Routes.REQUEST.value
    time = program.now() if now is None else now
    return Context(parse(_REQUEST), program, socket, _SOURCE, time, kind)


async def run(ctx: Context, name: str, block: Block) -> None:
    """Run route[name] on it. A fault of sipway's own is logged, and raises nothing.

    A block that waits has the time in its Context however it is started: as a task, a service or
    a part of them.
    """
    try:
        waits: Any = block(ctx)
        if block in ctx.program.waiting:
            await on_time(waits, ctx)
    except Exception as error:
        logger.error("route[%s] stopped at a fault of sipway's own", name, exc_info=error)
        return
    if ctx.transaction is not None:
        relaying.leave(ctx)
