"""Where the message came from, the socket that it came in by, and the one to send by."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from typing import Final

from sipway.core import log as levels
from sipway.core.builtin import add_number, add_text, core
from sipway.core.context import Context
from sipway.core.send_socket import find_socket, named_socket
from sipway.core.sockets import ListenSocket
from sipway.core.streams import connection_of
from sipway.language.signatures import Inner
from sipway.sip.addresses import family

PROTOCOL_IDS: Final = {"udp": 1, "tcp": 2, "tls": 3, "sctp": 4, "ws": 5, "wss": 6}
"""Kamailio's numbers for the transports (`$prid`)."""


def _bracketed(ip: str) -> str:
    return f"[{ip}]" if ":" in ip else ip


def _uri(protocol: str, host: str, port: int) -> str:
    """As a SIP URI that says its transport."""
    return f"sip:{host}:{port};transport={'ws' if protocol == 'wss' else protocol}"


def _short_uri(protocol: str, host: str, port: int) -> str:
    """As a SIP URI; UDP goes without saying."""
    return f"sip:{host}:{port}" if protocol == "udp" else _uri(protocol, host, port)


# --- the sender ---------------------------------------------------------------------------


@core.variable("si", "src_ip", values=(str,), nullable=False, attribute="source_ip")
def _source_ip(ctx: Context) -> str:
    """The sender's IP address, IPv6 without brackets."""
    return ctx.source_ip


def _family_part(name: str) -> str:
    if name not in ("id", "name"):
        raise ValueError(f"$af takes id or name, not {name}")
    return name


@core.variable("af", inner=Inner.REQUIRED, nullable=False, prepare=_family_part)
def _family(ctx: Context, part: str) -> int | str:
    """The family of the sender's address: `name` is IPv4 or IPv6, `id` the system's number."""
    number = family(ctx.source)
    return number if part == "id" else "IPv6" if number == socket.AF_INET6 else "IPv4"


@core.variable("sp", values=(int,), nullable=False, attribute="source_port")
def _source_port(ctx: Context) -> int:
    """The sender's port."""
    return ctx.source_port


def _source_host(ctx: Context) -> str:
    return _bracketed(ctx.source_ip)


add_text("siz", _source_host, "The sender's IP address, IPv6 in brackets.")
add_text(
    "su",
    lambda ctx: _short_uri(ctx.socket.protocol, _source_host(ctx), ctx.source_port),
    "The sender's address as a SIP URI, without a transport for UDP.",
)
add_text(
    "sut",
    lambda ctx: _uri(ctx.socket.protocol, _source_host(ctx), ctx.source_port),
    "The sender's address as a SIP URI with its transport.",
)
add_text(
    "sas",
    lambda ctx: f"{ctx.socket.protocol}:{_source_host(ctx)}:{ctx.source_port}",
    "The sender's address as `udp:192.0.2.1:5060`.",
)


# --- our socket ------------------------------------------------------------------------------


def _advertised(socket: ListenSocket) -> tuple[str, int]:
    """Host and port to show, those of the socket where nothing else is advertised."""
    return socket.advertised or (socket.ip, socket.port)


def _advertised_in_uri(socket: ListenSocket) -> tuple[str, int]:
    host, port = _advertised(socket)
    return _bracketed(host.strip("[]")), port


@core.variable("pr", "proto", values=(str,), nullable=False, attribute="socket.protocol")
def _protocol(ctx: Context) -> str:
    """The transport that the message came by: udp, tcp, tls, sctp, ws or wss."""
    return ctx.socket.protocol


@core.variable("prid", values=(int,), nullable=False)
def _protocol_id(ctx: Context) -> int:
    """The transport as a number: UDP is 1, TCP 2, TLS 3, SCTP 4, WS 5, WSS 6."""
    return PROTOCOL_IDS[ctx.socket.protocol]


@core.variable("Ri", values=(str,), nullable=False)
def _socket_ip(ctx: Context) -> str:
    """The IP address that the message came in on."""
    return ctx.socket.ip


@core.variable("Rp", values=(int,), nullable=False)
def _socket_port(ctx: Context) -> int:
    """The port that the message came in on."""
    return ctx.socket.port


add_text("Ras", lambda ctx: ctx.socket.text, "Our socket, as `udp:192.0.2.1:5060`.")
add_text("Rn", lambda ctx: ctx.socket.name, "The name of the socket, if it has one.")
add_text(
    "Ru",
    lambda ctx: _short_uri(ctx.socket.protocol, ctx.socket.host, ctx.socket.port),
    "Our socket as a SIP URI, without a transport for UDP.",
)
add_text(
    "Rut",
    lambda ctx: _uri(ctx.socket.protocol, ctx.socket.host, ctx.socket.port),
    "Our socket as a SIP URI with its transport.",
)
add_text("RAi", lambda ctx: _advertised(ctx.socket)[0], "The host that our socket advertises.")
add_number("RAp", lambda ctx: _advertised(ctx.socket)[1], "The port that our socket advertises.")
add_text(
    "RAu",
    lambda ctx: _short_uri(ctx.socket.protocol, *_advertised_in_uri(ctx.socket)),
    "What our socket advertises as a SIP URI, without a transport for UDP.",
)
add_text(
    "RAut",
    lambda ctx: _uri(ctx.socket.protocol, *_advertised_in_uri(ctx.socket)),
    "What our socket advertises as a SIP URI with its transport.",
)


add_number(
    "conid",
    lambda ctx: connection_of(ctx) or None,
    "The number of the connection that the message came by; null if it came by none, as over UDP.",
)


# --- the socket to send by ----------------------------------------------------------------------


def _setter(
    name: str, find: Callable[[Iterable[ListenSocket], str], ListenSocket | None], what: str
) -> Callable[[Context, int | str | None], None]:
    """What sets the socket to send by, `find` it by a text; `what` this text says for the user.

    A socket that is not ours is logged, and the one from before stays.
    """

    def assign(ctx: Context, value: int | str | None) -> None:
        if value is None:
            ctx.send_socket = None
            return
        if not isinstance(value, str) or not value:
            raise ValueError(f"{name} is set from text, {what}")
        found = find(ctx.program.sockets, value)
        if found is None:
            ctx.program.log.line(levels.WARN, f"{name}: there is no socket {value:.60}")
        else:
            ctx.send_socket = found

    return assign


_set_send_socket = _setter("$fs", find_socket, "such as udp:192.0.2.1:5060")
_set_send_socket_name = _setter("$fsn", named_socket, "the name of a socket")


@core.variable("fs", set=_set_send_socket, values=(str,))
def _send_socket(ctx: Context) -> str | None:
    """The socket to send by, as `udp:192.0.2.1:5060`; null lets the destination decide."""
    socket = ctx.send_socket
    return None if socket is None else socket.text


@core.variable("fsp", values=(int,), nullable=False)
def _send_socket_port(ctx: Context) -> int:
    """The port of the socket to send by; 0 without such a socket."""
    socket = ctx.send_socket
    return 0 if socket is None else socket.port


@core.variable("fsn", set=_set_send_socket_name, values=(str,))
def _send_socket_name(ctx: Context) -> str | None:
    """The name of the socket to send by; null without such a socket, or if it has no name."""
    socket = ctx.send_socket
    return None if socket is None else socket.name
