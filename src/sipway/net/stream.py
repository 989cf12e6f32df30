"""Sockets of streams as the kernel wants them: to listen, and to connect."""

from __future__ import annotations

import contextlib
import errno
import socket
import struct
from dataclasses import dataclass
from typing import Final

from sipway.errors import TransportError
from sipway.sip import addresses
from sipway.sip.framing import DEFAULT_LIMIT

__all__ = ["StreamOptions", "connecting_socket", "cooked", "listening_socket", "raw"]

# As in <linux/in.h>: the port is chosen when it is known where to, so ports do not run out.
_IP_BIND_ADDRESS_NO_PORT: Final = 24
_IP_FREEBIND: Final = 15
_SCOPE: Final = struct.Struct("=I")

_HINTS: Final = {
    errno.EADDRINUSE: "another process has it; `ss -tlpn` shows which",
    errno.EADDRNOTAVAIL: "this machine has no such address; `ip address` lists those it has",
    errno.EACCES: "ports below 1024 need root or CAP_NET_BIND_SERVICE",
    errno.EAFNOSUPPORT: "this machine has no IPv6",
    errno.EINVAL: "a link-local address cannot be bound without its interface",
}


@dataclass(frozen=True, slots=True)
class StreamOptions:
    """The `tcp_*` parameters, with Kamailio's defaults; None leaves it to the system.

    limit              bytes of the longest message
    accept_no_length   take messages without Content-Length
    answer_pings       answer CRLF CRLF with CRLF
    most_queued        bytes that may wait to be written to one peer
    no_connect         open no connections
    accept_unique      refuse a second connection from the same address and port
    most_from_ip       connections of one IP address, None for as many as there is room
    backlog            connections that the kernel keeps until they are accepted
    connect_timeout, send_timeout, lifetime, read_timeout, data_timeout
                       seconds: to be open; without a byte taken; idle; from the first byte of a
                       message to its last; until the first byte
    check_every        seconds between two looks at these
    source_ipv4, source_ipv6   address to connect from
    reuse_port         connect from the port that is listened on
    keepalive, keepalive_idle, keepalive_interval, keepalive_count   of the kernel
    delayed_ack        let the first acknowledgement wait for data
    defer_accept       seconds to wait for data before accepting, 0 not to
    fin_timeout        seconds in FIN_WAIT2 (TCP_LINGER2)
    connect_attempts   SYNs that are sent again (TCP_SYNCNT)
    type_of_service    0 to 255
    free_bind          bind an address that this machine does not have
    """

    limit: int = DEFAULT_LIMIT
    accept_no_length: bool = False
    answer_pings: bool = True
    most_queued: int = 32_768
    no_connect: bool = False
    accept_unique: bool = False
    most_from_ip: int | None = None
    backlog: int = 1024
    connect_timeout: float = 10
    send_timeout: float = 10
    lifetime: float = 120
    read_timeout: float = 20
    data_timeout: float = 20
    check_every: float = 1
    source_ipv4: str | None = None
    source_ipv6: str | None = None
    reuse_port: bool = False
    keepalive: bool = True
    keepalive_idle: int | None = None
    keepalive_interval: int | None = None
    keepalive_count: int | None = None
    delayed_ack: bool = True
    defer_accept: int = 0
    fin_timeout: int | None = None
    connect_attempts: int | None = None
    type_of_service: int | None = None
    free_bind: bool = False


def listening_socket(
    proto: str, family: int, ip: str, port: int, options: StreamOptions
) -> socket.socket:
    """A non-blocking socket that listens. Raises ``TransportError``."""
    made = None
    try:
        made = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if options.reuse_port:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if options.free_bind:
            made.setsockopt(socket.IPPROTO_IP, _IP_FREEBIND, 1)
        if options.defer_accept:
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, options.defer_accept)
        # Accepted sockets inherit these.
        _ask(made, options)
        made.bind((ip, port))
        made.listen(options.backlog)
    except OSError as error:
        if made is not None:
            made.close()
        host = f"[{ip}]" if family == socket.AF_INET6 else ip
        raise TransportError(
            f"cannot listen on {proto}:{host}:{port}: {error.strerror}",
            hint=_HINTS.get(error.errno or 0),
        ) from None
    return made


def connecting_socket(family: int, local: tuple[str, int], options: StreamOptions) -> socket.socket:
    """A non-blocking socket to connect with; `local` is where its owner listens.

    A source address that cannot be had is done without, as in Kamailio. Raises OSError.
    """
    made = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        _ask(made, options)
        source = options.source_ipv6 if family == socket.AF_INET6 else options.source_ipv4
        with contextlib.suppress(OSError):
            if options.reuse_port:
                made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
                made.bind((source or local[0], local[1]))
            elif source:
                made.setsockopt(socket.IPPROTO_IP, _IP_BIND_ADDRESS_NO_PORT, 1)
                made.bind((source, 0))
        if options.connect_attempts is not None:
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_SYNCNT, options.connect_attempts)
    except OSError:
        made.close()
        raise
    return made


def _ask(made: socket.socket, options: StreamOptions) -> None:
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, int(options.keepalive))
    for name, value in (
        (socket.TCP_KEEPIDLE, options.keepalive_idle),
        (socket.TCP_KEEPINTVL, options.keepalive_interval),
        (socket.TCP_KEEPCNT, options.keepalive_count),
        (socket.TCP_LINGER2, options.fin_timeout),
        (socket.TCP_QUICKACK, None if options.delayed_ack else 1),
    ):
        if value is not None:
            made.setsockopt(socket.IPPROTO_TCP, name, value)
    if options.type_of_service is not None:
        level, name = (
            (socket.IPPROTO_IPV6, socket.IPV6_TCLASS)
            if made.family == socket.AF_INET6
            else (socket.IPPROTO_IP, socket.IP_TOS)
        )
        made.setsockopt(level, name, options.type_of_service)


def raw(peer: tuple[str, int] | tuple[str, int, int, int]) -> bytes:
    """The raw sockaddr of an address as the ``socket`` module gives it."""
    address = addresses.sockaddr(peer[0].partition("%")[0], peer[1])
    return address if len(peer) == 2 or not peer[3] else address[:24] + _SCOPE.pack(peer[3])


def cooked(address: bytes) -> tuple[str, int] | tuple[str, int, int, int]:
    """The address as the ``socket`` module takes it. Raises ``ValueError``."""
    host, port = addresses.ip_text(address), addresses.port(address)
    if addresses.family(address) == socket.AF_INET:
        return host, port
    return host, port, 0, _SCOPE.unpack_from(address, 24)[0]
