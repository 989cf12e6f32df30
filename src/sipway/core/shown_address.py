"""How an address of ours stands in a URI of ours, in Record-Route and Path: `192.0.2.1:5070`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipway.core.sockets import shown_place

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.core.sockets import ListenSocket


def shown_address(socket: ListenSocket, *, named: bool = False) -> str:
    """What a socket is known by to others; `named`: with its name as parameter `sn`."""
    return f"{socket.shown};sn={socket.name}" if named and socket.name else socket.shown


def shown_outgoing_address(ctx: Context, socket: ListenSocket, *, named: bool = False) -> str:
    """The same for the socket a request leaves by.

    What the socket advertises goes first, unlike in our Via; then what the script has set, then
    the parameters `advertised_address` and `advertised_port`.
    """
    if socket.advertised is not None:
        return shown_address(socket, named=named)
    more, settings = ctx.extras, ctx.program.settings
    host = settings.advertised_address or socket.ip
    port = settings.advertised_port or socket.port
    if more is not None:
        host, port = more.advertised_host or host, more.advertised_port or port
    text = shown_place(socket.protocol, host, port)
    return f"{text};sn={socket.name}" if named and socket.name else text
