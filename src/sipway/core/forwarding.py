"""Requests sent on without a transaction (RFC 3261 sections 16.6 and 16.11), and other data sent.

What a forwarded request gets: a Via of ours on top, `received` and `rport` in the one below it,
the script's Request-URI and edits. Max-Forwards is the script's business. The branch of our Via is
made from what a retransmission has in common with its request, and an ACK or CANCEL with the
INVITE, so that the next server knows them as one.

Compiled (see `forwarding.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sipway.core import log as levels
from sipway.core import streams
from sipway.core.destinations import source_address
from sipway.core.extras import extras
from sipway.core.late_edits import edits_for
from sipway.core.via_xavps import via_parameters, via_place
from sipway.core.waiting import at_once
from sipway.language.signatures import Routes
from sipway.sip._bytes import Writer
from sipway.sip.addresses import family, ip_text, port
from sipway.sip.build import forwarded_request
from sipway.sip.edits import Edit

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.core.sockets import ListenSocket
    from sipway.sip.message import Message

# Kamailio's codes for what goes wrong.
BAD_URI: Final = -479
NOT_RESOLVED: Final = -478
STOPPED: Final = -510
NO_SOCKET: Final = -7
BLOCKED: Final = -1

_ONSEND: Final = Routes.ONSEND.value
_COOKIE: Final = b"z9hG4bK"

# One for all branches: it is filled and emptied within one call of stateless_branch().
_writer = Writer()


def forward(ctx: Context, protocol: str, destination: bytes, single: bool = False) -> int:
    """Send the request on to a raw address.

    `single`: with our Via alone. What is longer than `udp_mtu` goes by `udp_mtu_try_proto` instead
    of UDP, if there is a socket for that. Returns 1; `NO_SOCKET` without a socket of that protocol
    and family, `BLOCKED` for a destination on the blocklist, `STOPPED` if onsend_route dropped it.
    """
    blocked = ctx.program.blocklist
    if blocked is not None and blocked.has(protocol, destination, ctx.now):
        return BLOCKED
    socket = socket_for(ctx, protocol, destination)
    if socket is None:
        return NO_SOCKET
    # Of the rest only the Via follows the switch to another protocol, as in Kamailio.
    edits = edits_for(ctx, socket)
    parameter = stateless_branch(ctx.message)
    data = request(ctx, socket, parameter, edits, single)
    other = socket_for_long(ctx, socket, len(data), destination)
    if other is not None:
        socket = other
        data = request(ctx, socket, parameter, edits, single)
    if not onsend(ctx, data, destination, socket):
        return STOPPED
    options = 0 if ctx.extras is None else ctx.extras.forward_options
    socket.outgoing.append(streams.entry(socket, data, destination, options))
    ctx.program.shared.forwarded_requests += 1
    return 1


def request(
    ctx: Context,
    socket: ListenSocket,
    branch: bytes,
    edits: Sequence[Edit],
    single: bool = False,
) -> bytes:
    """The request as it leaves by a socket, with this branch in our Via."""
    return forwarded_request(
        ctx.message,
        via_line(ctx, socket, branch),
        ctx.source,
        None if ctx.ruri is None else ctx.ruri.encode("utf-8", "surrogateescape"),
        ctx.force_rport,
        edits,
        single,
    )


def socket_for_long(
    ctx: Context, socket: ListenSocket, length: int, destination: bytes
) -> ListenSocket | None:
    """What a request is to leave by that is longer than `udp_mtu`, None if it may leave by UDP."""
    mtu = ctx.program.udp_mtu
    if not 0 < mtu < length or socket.protocol != "udp":
        return None
    chosen = None if ctx.extras is None else ctx.extras.mtu_protocol
    protocol = chosen or ctx.program.settings.udp_mtu_try_proto
    return None if protocol == "udp" else _find_socket(ctx, protocol, destination)


def onsend(ctx: Context, data: bytes, destination: bytes, socket: ListenSocket) -> bool:
    """Run `onsend_route` for what is about to be sent; False if it says drop."""
    route = ctx.program.onsend_route
    if route is None:
        return True
    kind, dropped, code = ctx.kind, ctx.dropped, ctx.retcode
    ctx.kind, ctx.dropped, ctx.retcode = _ONSEND, False, 0
    ctx.sending = (data, destination, socket)
    try:
        if route in ctx.program.waiting:
            at_once(route(ctx), ctx.program.log, "onsend_route")
        else:
            route(ctx)
        return not ctx.dropped
    finally:
        ctx.kind, ctx.dropped, ctx.retcode = kind, dropped, code
        ctx.sending = None


def send(ctx: Context, protocol: str, destination: bytes, data: bytes) -> int:
    """Send bytes as they are to a raw address; 1, or `NO_SOCKET`."""
    socket = socket_for(ctx, protocol, destination)
    if socket is None:
        return NO_SOCKET
    options = 0 if ctx.extras is None else ctx.extras.forward_options
    socket.outgoing.append(streams.entry(socket, data, destination, options))
    return 1


def socket_for(ctx: Context, protocol: str, destination: bytes) -> ListenSocket | None:
    """The socket to send by: the script's, else that of the message, else the first that fits.

    Protocol and address family must fit; of several for a stream one that has a connection to the
    destination goes first. Without one that fits, that is logged, once.
    """
    found = _find_socket(ctx, protocol, destination)
    if found is None:
        to = f"{protocol}:{ip_text(destination)}:{port(destination)}"
        why = (
            "no socket of ours is of its family"
            if protocol == "udp"
            else f"no socket of ours is for {protocol.upper()} and of its family"
            if protocol == "tcp"
            else "sipway sends over UDP and TCP only so far"
        )
        ctx.program.log.once(levels.ERR, f"cannot send to {to}: {why}")
    return found


def _find_socket(ctx: Context, protocol: str, destination: bytes) -> ListenSocket | None:
    wanted = family(destination)
    program = ctx.program
    own = ctx.socket
    if (
        ctx.send_socket is None
        and protocol == "udp"
        and not program.mhomed
        and own.family == wanted
        and own.protocol == "udp"
    ):
        return own
    first = None
    if ctx.send_socket is None:
        if protocol != "udp":
            first = _connected(program.sockets, protocol, destination)
        if first is None and program.mhomed:
            first = _routed(ctx, protocol, destination)
    for socket in (ctx.send_socket, first, ctx.socket, *program.sockets):
        if socket is not None and socket.family == wanted and socket.protocol == protocol:
            return socket
    return None


def _connected(
    sockets: tuple[ListenSocket, ...], protocol: str, destination: bytes
) -> ListenSocket | None:
    """The first socket that has a connection to an address, or None."""
    for socket in sockets:
        connections = socket.connections
        if connections and destination in connections and socket.protocol == protocol:
            return socket
    return None


def _routed(ctx: Context, protocol: str, destination: bytes) -> ListenSocket | None:
    """The socket with the address from which the system would send; of several one by its port."""
    ip = source_address(destination, ctx.now)
    found = [each for each in ctx.program.sockets if each.ip == ip and each.protocol == protocol]
    found.sort(key=lambda each: each.port != ctx.socket.port)
    return found[0] if found else None


def via_line(ctx: Context, socket: ListenSocket, branch: bytes) -> bytes:
    """Our Via for the request as it leaves by a socket, a complete header line."""
    more = ctx.extras
    number = streams.connection_of(ctx)
    if (more is None or not more.changes_via()) and not ctx.program.changes_via:
        if not number:
            return socket.via_start + branch + b"\r\n"
        return b"%b%b;i=%x\r\n" % (socket.via_start, branch, number)
    settings = ctx.program.settings
    connection = b";i=%x" % number if number else b""
    more = more or extras(ctx)
    host, port_shown = socket.advertised or (socket.ip, socket.port)
    host = more.advertised_host or settings.advertised_address or host
    port_shown = more.advertised_port or settings.advertised_port or port_shown
    shown = _in_brackets(host)
    place = via_place(ctx) if more.via_xavp_fields else None
    if place is not None:
        shown, port_shown = _in_brackets(place[0]), place[1]
    rport = settings.local_rport if more.local_rport is None else more.local_rport
    return b"Via: SIP/2.0/%s %s:%d;branch=%s%s%s%s%s\r\n" % (
        socket.protocol.upper().encode(),
        shown.encode("utf-8", "surrogateescape"),
        port_shown,
        branch,
        connection,
        b";rport" if rport else b"",
        b";srvid=%d" % settings.server_id if more.via_server_id and settings.server_id else b"",
        via_parameters(ctx) if more.via_xavp_params else b"",
    )


def _in_brackets(host: str) -> str:
    """A host as it stands in a Via: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def stateless_branch(message: Message) -> bytes:
    """The branch of our Via without a transaction: the same for a request sent again.

    From the topmost Via where its branch follows RFC 3261, else from the fields that ACK and
    CANCEL have in common with the INVITE (RFC 3261 section 16.11).
    """
    via = message.via
    theirs = via.branch_bytes
    if theirs.startswith(_COOKIE):
        known = theirs + via.data[via.host_start : via.params_at]
    else:
        sender = message.from_.tag or ""
        known = b"%b\0%b\0%b\0%b\0%d" % (
            via.data[via.start : via.end],
            message.uri.encode("utf-8", "surrogateescape"),
            sender.encode("utf-8", "surrogateescape"),
            message.call_id_bytes,
            message.cseq_number,
        )
    writer = _writer
    writer.clear()
    writer.add(_COOKIE)
    # Python's hash of bytes is keyed (PEP 456): nobody can make two requests share a branch.
    digest = hash(known)
    writer.add_hex(digest & 0xFFFFFFFF)
    writer.add_hex(digest >> 32 & 0xFFFFFFFF)
    return writer.take()
