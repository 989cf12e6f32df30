"""Messages and other data sent, without a transaction."""

from __future__ import annotations

import re
from typing import Final

from sipway.core import forwarding, replies
from sipway.core.context import Context
from sipway.core.destinations import Target, look_up
from sipway.core.send_socket import find_socket
from sipway.core.sockets import SIP_PORT
from sipway.language.signatures import Routes
from sipway.modules.corex._module import failed, mod

_REQUEST: Final = Routes.REQUEST | Routes.FAILURE
_PLACE: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]\s]+)(?::(\d{1,5}))?")


async def _send_message(ctx: Context, function: str, protocol: str, place: str) -> int:
    try:
        if place:
            match = _PLACE.fullmatch(place)
            if match is None or not 0 < int(match[2] or SIP_PORT) <= 65535:
                raise ValueError(f'"{place:.60}" is no host, or host and port')
            target = Target.of_host(protocol, match[1], int(match[2] or 0))
        else:
            target = Target.from_uri(ctx.dst_uri or ctx.uri or "")
            target = target._replace(protocol=protocol, protocol_given=True)
    except ValueError as error:
        return failed(ctx, function, error)
    hop = await look_up(ctx.program, target)
    if hop is None:
        return failed(ctx, function, f"{target.host:.100} has no address")
    code = forwarding.send(ctx, hop.protocol, hop.address, ctx.message.data)
    return 1 if code > 0 else -1


@mod.function("send_udp", may_wait=True, routes=_REQUEST)
async def send_udp(ctx: Context, place: str = "") -> int:
    """Send the message as it was received to a host, `host:port`, or where it would go next.

    1; -1 if that cannot be done.
    """
    return await _send_message(ctx, "send_udp", "udp", place)


@mod.function("send_tcp", may_wait=True, routes=_REQUEST)
async def send_tcp(ctx: Context, place: str = "") -> int:
    """As send_udp(), over TCP."""
    return await _send_message(ctx, "send_tcp", "tcp", place)


async def _send_data(ctx: Context, function: str, uri: str, data: str) -> int:
    try:
        target = Target.from_uri(uri)
    except ValueError as error:
        return failed(ctx, function, error)
    hop = await look_up(ctx.program, target)
    if hop is None:
        return failed(ctx, function, f"{target.host:.100} has no address")
    raw = data.encode("utf-8", "surrogateescape")
    return 1 if forwarding.send(ctx, hop.protocol, hop.address, raw) > 0 else -1


_WAITING: Final = Routes.REQUEST | Routes.REPLY | Routes.FAILURE | Routes.BRANCH


@mod.function("send_data", may_wait=True, routes=_WAITING)
async def send_data(ctx: Context, uri: str, data: str) -> int:
    """Send any text to where a URI says. 1; -1 if that cannot be done."""
    return await _send_data(ctx, "send_data", uri, data)


@mod.function("sendx", may_wait=True, routes=_WAITING)
async def sendx(ctx: Context, uri: str, socket: str, data: str) -> int:
    """As send_data(), by a socket of ours; by another one if that is not ours, which is logged."""
    try:
        found = find_socket(ctx.program.sockets, socket)
    except ValueError:
        found = None
    if found is None:
        failed(ctx, "sendx", f'there is no socket "{socket:.60}"')
    before, ctx.send_socket = ctx.send_socket, found or ctx.send_socket
    try:
        return await _send_data(ctx, "sendx", uri, data)
    finally:
        ctx.send_socket = before


async def _forward_uac(ctx: Context, uri: str) -> int:
    try:
        target = Target.from_uri(uri)
    except ValueError as error:
        return failed(ctx, "forward_uac", error)
    hop = await look_up(ctx.program, target)
    if hop is None:
        return failed(ctx, "forward_uac", f"{target.host:.100} has no address")
    return 1 if forwarding.forward(ctx, hop.protocol, hop.address, single=True) > 0 else -1


@mod.function("forward_uac", may_wait=True, routes=Routes.REQUEST)
async def forward_uac(ctx: Context, index: int = 0) -> int:
    """Send the request on with our Via alone: its reply comes here and goes no further.

    To `$du`, or the Request-URI. 1; -1 if that cannot be done. The number of a branch is taken
    and changes nothing.
    """
    del index
    return await _forward_uac(ctx, ctx.dst_uri or ctx.uri or "")


@mod.function("forward_uac_uri", may_wait=True, routes=Routes.REQUEST)
async def forward_uac_uri(ctx: Context, uri: str, index: int = 0) -> int:
    """As forward_uac(), to where a URI says."""
    del index
    return await _forward_uac(ctx, uri)


@mod.function("forward_reply", routes=Routes.REPLY)
def forward_reply(ctx: Context) -> int:
    """Pass the reply on now, along its Vias. 1; -1 if it is not ours to pass on."""
    return 1 if replies.forward_reply(ctx) else -1
