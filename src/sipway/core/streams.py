"""Messages over connections: by which one they came, and by which one an answer leaves.

A request that came by a connection is answered by it (RFC 3261 section 18.2.2). One that is sent
on gets the number of that connection into our Via (`i=`), so that its reply finds the way back
whatever the Via below says; if the connection has gone, that Via decides.

Compiled (see `streams.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sipway.sip.outgoing import Directed

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.core.program import Filter
    from sipway.core.settings import Settings
    from sipway.core.sockets import ListenSocket
    from sipway.sip.via import Via

_ALL_METHODS: Final = 0xFFFF
_SIP_PORT: Final = 5060


def connection_of(ctx: Context) -> int:
    """The number of the connection that the message came by; 0 if it came by none."""
    connections = ctx.socket.connections
    return 0 if connections is None else connections.get(ctx.source, 0)


def entry(
    socket: ListenSocket, data: bytes, destination: bytes, options: int = 0, connection: int = 0
) -> tuple[bytes, bytes]:
    """What goes into the `outgoing` of a socket; `options` and `connection` as in `Directed`."""
    if socket.connections is None or not (options or connection):
        return data, destination
    return Directed.to(data, destination, connection, options)


def send_reply(ctx: Context, data: bytes, destination: bytes) -> None:
    """Answer a request by the connection that it came by, else as the Via wants."""
    options = 0 if ctx.extras is None else ctx.extras.reply_options
    socket = ctx.socket
    socket.outgoing.append(entry(socket, data, destination, options, connection_of(ctx)))


def named_connection(via: Via) -> int:
    """The number in `i=` of a Via of ours; 0 if there is none."""
    text = via.params.get("i") or ""
    try:
        return max(0, int(text, 16)) if len(text) <= 12 else 0
    except ValueError:
        return 0


def add_alias(ctx: Context, port: int = 0) -> bool:
    """Know the peer's connection by a port too, that of the Via if none is given; False if not so.

    Over UDP there is nothing to do, and that is well.
    """
    if ctx.socket.connections is None:
        return True
    port = port or ctx.message.via.port or _SIP_PORT
    if not 0 < port <= 65535 or not connection_of(ctx):
        return False
    ctx.socket.new_aliases.append((ctx.source, port))
    return True


def filters(settings: Settings, sockets: tuple[ListenSocket, ...]) -> tuple[Filter, ...]:
    """What is to be done for each request before the script sees it."""
    if not settings.tcp_accept_aliases or all(each.connections is None for each in sockets):
        return ()
    return ((_ALL_METHODS, _accept_alias),)


def _accept_alias(ctx: Context) -> bool:
    """`tcp_accept_aliases`: a Via with `alias` wants requests by this connection."""
    if ctx.socket.connections is not None and "alias" in ctx.message.via.params:
        add_alias(ctx)
    return True
