"""Requests sent on without a transaction.

forward() takes the next hop from `$du` or the Request-URI, or gets a host and a port. Names are
looked up while the server goes on with other messages.
"""

from __future__ import annotations

from typing import Annotated, Final

from sipway.core import forwarding
from sipway.core import log as levels
from sipway.core.builtin import core
from sipway.core.context import Context
from sipway.core.destinations import Target, look_up
from sipway.language.signatures import ArgumentKind, Routes

_ROUTES = Routes.REQUEST | Routes.FAILURE | Routes.BRANCH

_URI_HOST: Final = "uri:host"
_URI_PORT: Final = "uri:port"


def _to_host(text: str) -> str:
    if not text or "$" in text or any(each.isspace() for each in text):
        raise ValueError(f'"{text}" is no host')
    return text


def _to_port(value: int | str) -> int | str:
    if value == _URI_PORT:
        return value
    if isinstance(value, str) or not 0 < value <= 65535:
        raise ValueError(f"{value} is no port")
    return value


_HOST = ArgumentKind("a host or uri:host", base=str, dynamic=False, convert=_to_host)
_PORT = ArgumentKind("a port or uri:port", base=None, dynamic=False, convert=_to_port)


@core.function("forward", may_wait=True, routes=_ROUTES)
async def forward(ctx: Context) -> int:
    """Send the request on, without a transaction, to `$du`, or else to its Request-URI.

    Returns 1; -479 if that is no URI, -478 if its host has no address, -7 if there is no socket
    for it, -510 if onsend_route dropped it.
    """
    try:
        target = Target.from_uri(ctx.dst_uri or ctx.uri or "")
    except ValueError as error:
        ctx.program.log.line(levels.ERR, f"forward(): {error}")
        return forwarding.BAD_URI
    return await _forward(ctx, target)


async def _forward(ctx: Context, target: Target) -> int:
    destination = target.address
    if destination is not None:
        return forwarding.forward(ctx, target.protocol, destination)
    hop = await look_up(ctx.program, target)
    if hop is None:
        ctx.program.log.line(levels.ERR, f'forward(): "{target.host:.100}" has no address')
        ctx.program.shared.lost_requests += 1
        return forwarding.NOT_RESOLVED
    return forwarding.forward(ctx, hop.protocol, hop.address)


async def _forward_to(ctx: Context, protocol: str, host: str, port: int | str) -> int:
    if host == _URI_HOST or port == _URI_PORT:
        try:
            uri = Target.from_uri(ctx.uri or "")
        except ValueError as error:
            ctx.program.log.line(levels.ERR, f"forward(): {error}")
            return forwarding.BAD_URI
        if host == _URI_HOST:
            host = uri.host
        if port == _URI_PORT:
            port = uri.port
    number = port if isinstance(port, int) else 0
    return await _forward(ctx, Target.of_host(protocol, host, number))


@core.function("forward", "forward_udp", may_wait=True, routes=_ROUTES)
async def forward_udp(
    ctx: Context, host: Annotated[str, _HOST], port: Annotated[int | str, _PORT] = 0
) -> int:
    """Send the request on over UDP to a host, or `uri:host`, and a port, or `uri:port`.

    The codes are those of forward() without arguments.
    """
    return await _forward_to(ctx, "udp", host, port)


@core.function("forward_tcp", may_wait=True, routes=_ROUTES)
async def forward_tcp(
    ctx: Context, host: Annotated[str, _HOST], port: Annotated[int | str, _PORT] = 0
) -> int:
    """As forward_udp(), over TCP."""
    return await _forward_to(ctx, "tcp", host, port)


@core.function("forward_tls", may_wait=True, routes=_ROUTES)
async def forward_tls(
    ctx: Context, host: Annotated[str, _HOST], port: Annotated[int | str, _PORT] = 0
) -> int:
    """As forward_udp(), over TLS: -7, for there is none yet."""
    return await _forward_to(ctx, "tls", host, port)


@core.function("forward_sctp", may_wait=True, routes=_ROUTES)
async def forward_sctp(
    ctx: Context, host: Annotated[str, _HOST], port: Annotated[int | str, _PORT] = 0
) -> int:
    """As forward_udp(), over SCTP: -7, for there is none."""
    return await _forward_to(ctx, "sctp", host, port)
