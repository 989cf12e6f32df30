"""Which of our sockets a message came by and leaves by, and from whom it came."""

from __future__ import annotations

from collections.abc import Callable

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.core.send_socket import find_socket, named_socket
from sipway.core.sockets import ListenSocket
from sipway.modules.corex._module import failed, mod
from sipway.sip.addresses import sockaddr


def _found(
    ctx: Context, text: str, find: Callable[[tuple[ListenSocket, ...], str], ListenSocket | None]
) -> ListenSocket | None:
    """The socket that a text means; without one that is logged."""
    try:
        socket = find(ctx.program.sockets, text)
    except ValueError:
        socket = None
    if socket is None:
        ctx.program.log.line(levels.WARN, f'there is no socket "{text:.60}"')
    return socket


@mod.function("set_send_socket")
def set_send_socket(ctx: Context, address: str) -> int:
    """Send by the socket with this address. Returns 1, also if there is none, which is logged."""
    ctx.send_socket = _found(ctx, address, find_socket) or ctx.send_socket
    return 1


@mod.function("set_send_socket_name")
def set_send_socket_name(ctx: Context, name: str) -> int:
    """Send by the socket with this name. Returns 1, also if there is none, which is logged."""
    ctx.send_socket = _found(ctx, name, named_socket) or ctx.send_socket
    return 1


@mod.function("set_recv_socket")
def set_recv_socket(ctx: Context, address: str) -> int:
    """Go on as if the message had come by the socket with this address. Returns 1, as above."""
    ctx.socket = _found(ctx, address, find_socket) or ctx.socket
    return 1


@mod.function("set_recv_socket_name")
def set_recv_socket_name(ctx: Context, name: str) -> int:
    """Go on as if the message had come by the socket with this name. Returns 1, as above."""
    ctx.socket = _found(ctx, name, named_socket) or ctx.socket
    return 1


@mod.function("is_socket_name")
def is_socket_name(ctx: Context, name: str) -> int:
    """1 if one of our sockets has this name, else -1."""
    return 1 if named_socket(ctx.program.sockets, name) is not None else -1


@mod.function("set_source_address")
def set_source_address(ctx: Context, address: str) -> int:
    """Go on as if the message had come from `udp:192.0.2.1:5060`; replies go there too.

    1; -1 if that is no address with a port.
    """
    _, _, rest = address.partition(":") if ":" in address else ("", "", "")
    host, colon, port = rest.rpartition(":")
    try:
        if not colon or not port.isdecimal():
            raise ValueError(f'"{address:.60}" is no address such as udp:192.0.2.1:5060')
        ctx.change_source(sockaddr(host, int(port)))
    except ValueError as error:
        return failed(ctx, "set_source_address", error)
    return 1


@mod.function("is_faked_msg")
def is_faked_msg(ctx: Context) -> int:
    """1 if the message was made here for an event and did not come from the network, else -1."""
    return -1 if ctx.source else 1
