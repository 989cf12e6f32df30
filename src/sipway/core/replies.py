"""Replies made here without a transaction, and replies of others passed on.

RFC 3261 section 8.2.6 (what a reply holds), 8.2.7 (stateless), 18.2.2 and RFC 3581 (where
it goes), 16.11 (a stateless proxy and replies).

Compiled (see `replies.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipway.core import streams
from sipway.core.forwarding import onsend, socket_for
from sipway.core.via_xavps import reply_with_parameters
from sipway.sip._bytes import Writer
from sipway.sip.addresses import port, sockaddr, with_port
from sipway.sip.build import forwarded_reply, reply

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.core.sockets import ListenSocket
    from sipway.sip.via import Via

SIP_PORT = 5060

_PROTOCOLS = frozenset(("udp", "tcp", "tls", "sctp", "ws", "wss"))

_QUOTED = str.maketrans({'"': '\\"', "\\": "\\\\"})

# One for all tags: it is filled and emptied within one call of local_tag().
_writer = Writer()


def send_reply(ctx: Context, code: int, reason: str, extra: bytes = b"", body: bytes = b"") -> None:
    """Answer the request of `ctx`, wherever its top Via says.

    `extra` are complete header lines; those that the script added with
    append_to_reply() come before them.
    """
    data = local_reply(ctx, code, reason, extra, body)
    if ctx.socket.connections is None:
        ctx.send(data, _named_by_via(ctx))
    else:
        streams.send_reply(ctx, data, _sent_by(ctx))


def local_reply(
    ctx: Context,
    code: int,
    reason: str,
    extra: bytes = b"",
    body: bytes = b"",
    stateful: bool = False,
) -> bytes:
    """The bytes of such an answer; `stateful`: with the To-tag of answers in a transaction."""
    program = ctx.program
    lines = ctx.reply_lines
    if lines is not None:
        extra = b"".join(lines) + extra
    if ctx.reply_body is not None and not body:
        media_type, body = ctx.reply_body
        extra += b"Content-Type: " + media_type + b"\r\n"
    if program.sip_warning:
        extra += _warning(ctx)
    data = reply(
        ctx.message,
        code,
        reason,
        transaction_tag(ctx) if stateful else local_tag(ctx),
        ctx.source,
        ctx.force_rport,
        program.server_line,
        extra,
        body,
    )
    if ctx.extras is not None and ctx.extras.via_reply_xavp_params:
        return reply_with_parameters(ctx, data)
    return data


def destination(ctx: Context) -> bytes:
    """The raw address that answers to the request of `ctx` go to.

    Of one that came by a connection: when that has gone.
    """
    return _named_by_via(ctx) if ctx.socket.connections is None else _sent_by(ctx)


def _named_by_via(ctx: Context) -> bytes:
    """Where the topmost Via of a datagram wants answers."""
    via = ctx.message._read_via()
    source = ctx.source
    if ctx.force_rport or via.rport_end != 0:
        return source
    return _via_destination(via, source, ctx.program.reply_to_via)


def _sent_by(ctx: Context) -> bytes:
    """Where to call whoever sent a request by a connection that has gone (RFC 3261 18.2.2).

    The port is that of sent-by: on the one that the connection came from, which `rport` and
    force_rport() tell, nobody listens.
    """
    return with_port(ctx.source, ctx.message._read_via().port or SIP_PORT)


def _warning(ctx: Context) -> bytes:
    """A Warning (RFC 3261 section 20.43) that says from where and whereto the request was."""
    socket = ctx.socket
    text = (
        f"from {ctx.source_ip} port {ctx.source_port}, {len(ctx.message.vias())} Via,"
        f" to {ctx.message.uri}, now to {ctx.uri}"
    )
    quoted = "".join(c if c.isprintable() else " " for c in text.translate(_QUOTED))
    return f'Warning: 392 {socket.host}:{socket.port} "{quoted}"\r\n'.encode(
        "utf-8", "surrogateescape"
    )


def local_tag(ctx: Context) -> bytes:
    """The To-tag of stateless replies: the same for a request and its retransmissions.

    It begins with a secret of this server's start, by which an ACK to such a reply is
    known again (RFC 3261 section 8.2.7: a stateless UAS makes the tag from the request).
    """
    writer = _writer
    writer.clear()
    writer.add(ctx.program.tag_prefix)
    writer.add_hex(ctx.message.fingerprint())
    return writer.take()


def transaction_tag(ctx: Context) -> bytes:
    """The To-tag of answers in a transaction: another one, for an ACK to them is the script's."""
    return local_tag(ctx)[8:]


def _via_destination(via: Via, source: bytes, reply_to_via: bool) -> bytes:
    """Address and port without `rport`: the source's address, the Via's port.

    With `reply_to_via` the Via's own address is used where it is an IP address.
    """
    wanted = via.port or SIP_PORT
    if reply_to_via:
        try:
            return sockaddr(via.host, wanted)
        except ValueError:
            pass  # a name: it would have to be resolved, and the source is known to work
    return source if port(source) == wanted else with_port(source, wanted)


def forward_reply(ctx: Context, code: int = 0, reason: str = "") -> bool:
    """Pass a reply on to the second Via; False if it is not ours or goes nowhere.

    `code` and `reason` replace the reply's own if given.
    """
    message = ctx.message
    via = message.via
    program = ctx.program
    if message.via_count < 2:
        return False
    if program.settings.check_via and not program.is_myself(via.host, via.port or SIP_PORT):
        return False
    data, next_via = forwarded_reply(message, ctx.edits or (), code, reason)
    if ctx.extras is not None and ctx.extras.via_reply_xavp_params:
        data = reply_with_parameters(ctx, data)
    host = next_via.received or next_via.host
    sent_by = next_via.port or SIP_PORT
    try:
        address = sockaddr(host, next_via.rport_number or sent_by)
    except ValueError:
        return False
    socket: ListenSocket | None = ctx.socket
    protocol = next_via.protocol.lower()
    if protocol != ctx.socket.protocol and protocol in _PROTOCOLS:
        socket = socket_for(ctx, protocol, address)
    if socket is None:
        return False
    if socket.connections is not None and address not in socket.connections:
        address = with_port(address, sent_by)
    if program.settings.onsend_route_reply and not onsend(ctx, data, address, socket):
        return False
    if socket.connections is None:
        socket.outgoing.append((data, address))
        return True
    options = 0 if ctx.extras is None else ctx.extras.forward_options
    connection = streams.named_connection(via)
    socket.outgoing.append(streams.entry(socket, data, address, options, connection))
    return True
