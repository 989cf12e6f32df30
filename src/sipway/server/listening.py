"""From `listen` in a script and `-l` on the command line to bound sockets."""

from __future__ import annotations

import logging
import math
import socket
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from sipway.core.settings import Settings
from sipway.core.sockets import ListenSocket
from sipway.errors import ConfigError, TransportError
from sipway.language.compiled import CompiledScript
from sipway.language.record import Record, field, replace
from sipway.net.interfaces import (
    interface_addresses,
    interface_names,
    is_link_local,
    is_multicast,
)
from sipway.net.stream import StreamOptions
from sipway.net.tcp import StreamEvents, Table, TcpSocket
from sipway.net.udp import Datagram, SocketOptions, UdpSocket
from sipway.server.options import Options

logger = logging.getLogger("sipway.server")

DEFAULT_PORT = 5060
_PROTOCOLS = ("udp", "tcp", "tls", "sctp", "ws", "wss")
_SPOKEN: Final = ("udp", "tcp")

# Of `bind_ipv6_link_local`.
_LEAVE_OUT: Final = 2

RealSocket = UdpSocket | TcpSocket
"""What of `net` stands behind a `ListenSocket`."""


class Endpoint(Record):
    """Where to listen; `host` is an address, a name of this machine or an interface.

    `protocol` None stands for UDP and TCP, as in Kamailio; `interface` is that of a multicast
    group.
    """

    protocol: str | None
    host: str
    port: int
    advertised: tuple[str, int] | None = None
    name: str | None = None
    interface: str | None = None


def parse_listen(text: str) -> Endpoint:
    """Read `-l` of the command line: `[udp:]HOST[:PORT]`, IPv6 in brackets.

    Raises ConfigError, with a sentence for the user.
    """
    protocol, rest = None, text.strip()
    head, colon, tail = rest.partition(":")
    if colon and head.lower() in _PROTOCOLS:
        protocol, rest = head.lower(), tail
    if rest.startswith("["):
        host, bracket, port = rest[1:].partition("]")
        if not bracket or (port and not port.startswith(":")):
            raise ConfigError(f'"{text}" is not an address to listen on, such as udp:[::1]:5060')
        port = port[1:]
    else:
        host, _, port = rest.partition(":")
    if not host or (port and not port.isdigit()) or (port and not 0 <= int(port) <= 65535):
        raise ConfigError(f'"{text}" is not an address to listen on, such as udp:127.0.0.1:5060')
    return Endpoint(protocol, host, int(port) if port else DEFAULT_PORT)


def endpoints(options: Options, compiled: CompiledScript, settings: Settings) -> list[Endpoint]:
    """Where the command line and the script together want to listen, each with its protocol.

    What is asked for over transports that are not there yet is left out, with a warning in the
    log. Raises ConfigError if nothing is left, or if TCP is wanted and switched off.
    """
    wanted = [parse_listen(text) for text in options.listen]
    wanted += [
        Endpoint(
            item.protocol,
            item.host,
            settings.port if item.port is None else item.port,
            _advertised(item.advertise, item.port),
            item.name,
            item.mcast,
        )
        for item in compiled.listen
    ]
    if not wanted:
        wanted = every_interface(settings.port, ipv6=settings.auto_bind_ipv6)
    without_tcp = settings.disable_tcp or options.disable_tcp
    if settings.bind_ipv6_link_local == _LEAVE_OUT:
        wanted = [each for each in wanted if not is_link_local(each.host)]
    found = list(_with_protocols(wanted, without_tcp=without_tcp))
    if not found:
        raise ConfigError("nothing to listen on: sipway listens on UDP and TCP only so far")
    return found


def _with_protocols(wanted: Iterable[Endpoint], *, without_tcp: bool) -> Iterator[Endpoint]:
    for endpoint in wanted:
        if endpoint.protocol == "tcp" and without_tcp:
            raise ConfigError(
                f"tcp:{endpoint.host}:{endpoint.port} is to be listened on, and TCP is switched off"
            )
        if endpoint.protocol is None:
            yield replace(endpoint, protocol="udp")
            if not without_tcp and not is_multicast(endpoint.host):
                yield replace(endpoint, protocol="tcp")
        elif endpoint.protocol in _SPOKEN:
            yield endpoint
        else:
            logger.warning(
                "%s:%s:%d is left out: sipway listens on UDP and TCP only so far",
                endpoint.protocol,
                endpoint.host,
                endpoint.port,
            )


def _advertised(
    advertise: tuple[str, int | None] | None, port: int | None
) -> tuple[str, int] | None:
    if advertise is None:
        return None
    return advertise[0], advertise[1] or port or DEFAULT_PORT


def every_interface(port: int = DEFAULT_PORT, *, ipv6: bool = False) -> list[Endpoint]:
    """What Kamailio listens on when nobody says: the IPv4 address of every interface.

    `ipv6`: the IPv6 addresses too (`auto_bind_ipv6`).
    """
    found = [ip for name in interface_names() for ip in interface_addresses(name, ipv6=ipv6)]
    return [Endpoint(None, ip, port) for ip in dict.fromkeys(found)]


# pmtu_discovery -> IP_MTU_DISCOVER: 0 fragment, 1 never, 2 as the route says.
_FRAGMENTING = {None: None, 0: 0, 1: 2, 2: 1}


def socket_options(settings: Settings) -> SocketOptions:
    """What the script's parameters ask of the sockets."""
    return SocketOptions(
        receive_buffer=settings.maxbuffer,
        send_buffer=settings.maxsndbuffer,
        type_of_service=settings.tos,
        fragmenting=_FRAGMENTING[settings.pmtu_discovery],
        free_bind=settings.ip_free_bind,
        multicast_loopback=settings.mcast_loopback,
        multicast_hops=settings.mcast_ttl,
        link_local=settings.bind_ipv6_link_local == 1,
    )


def stream_options(settings: Settings) -> StreamOptions:
    """What the script's parameters ask of TCP."""
    return StreamOptions(
        limit=settings.tcp_rd_buf_size,
        accept_no_length=settings.tcp_accept_no_cl,
        answer_pings=settings.tcp_crlf_ping,
        most_queued=settings.tcp_conn_wq_max,
        no_connect=settings.tcp_no_connect,
        accept_unique=settings.tcp_accept_unique,
        most_from_ip=settings.tcp_accept_iplimit,
        backlog=settings.tcp_listen_backlog,
        connect_timeout=settings.tcp_connect_timeout,
        send_timeout=settings.tcp_send_timeout,
        lifetime=settings.tcp_connection_lifetime,
        read_timeout=settings.tcp_msg_read_timeout or math.inf,
        data_timeout=settings.tcp_msg_data_timeout or math.inf,
        check_every=settings.tcp_check_timer,
        source_ipv4=settings.tcp_source_ipv4,
        source_ipv6=settings.tcp_source_ipv6,
        reuse_port=settings.tcp_reuse_port,
        keepalive=settings.tcp_keepalive,
        keepalive_idle=settings.tcp_keepidle,
        keepalive_interval=settings.tcp_keepintvl,
        keepalive_count=settings.tcp_keepcnt,
        delayed_ack=settings.tcp_delayed_ack,
        defer_accept=settings.tcp_defer_accept,
        fin_timeout=settings.tcp_linger2,
        connect_attempts=settings.tcp_syncnt,
        type_of_service=settings.tos,
        free_bind=settings.ip_free_bind,
    )


def _not_told(*_: object) -> None:
    """Nobody wants to know."""


class Streams(Record):
    """What all stream sockets of a worker share; the functions are those of `StreamEvents`."""

    options: StreamOptions = field(default_factory=StreamOptions)
    table: Table = field(default_factory=Table)
    on_failure: Callable[[Any, bytes, bytes, str], None] = _not_told
    on_trouble: Callable[[Any, bytes, str], None] = _not_told


def bind(
    endpoints: Iterable[Endpoint],
    on_batch: Callable[[Any, list[Datagram]], list[Datagram]],
    options: SocketOptions | None = None,
    streams: Streams | None = None,
) -> list[tuple[ListenSocket, RealSocket]]:
    """Bind every endpoint; all or none. Raises TransportError."""
    streams = streams or Streams()
    events = StreamEvents(on_batch, streams.on_failure, streams.on_trouble)
    bound: list[tuple[ListenSocket, RealSocket]] = []
    real: RealSocket
    try:
        for endpoint in dict.fromkeys(endpoints):
            for ip in _addresses(endpoint.host):
                names = None
                if endpoint.protocol == "tcp":
                    stream = TcpSocket(ip, endpoint.port, streams.table, events, streams.options)
                    real, names = stream, stream.names
                else:
                    real = UdpSocket(ip, endpoint.port, on_batch, options, endpoint.interface)
                described = ListenSocket(
                    real.proto, real.ip, real.port, endpoint.name, endpoint.advertised
                )
                described.connections = names
                bound.append((described, real))
    except TransportError:
        for _, real in bound:
            real.close()
        raise
    return bound


def _addresses(host: str) -> list[str]:
    """The addresses of an interface, or that which a name of this machine stands for."""
    if host in interface_names():
        found = interface_addresses(host)
        if not found:
            raise TransportError(f"the interface {host} has no IPv4 address to listen on")
        return found
    try:
        answers = socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    except socket.gaierror as error:
        raise TransportError(
            f"cannot listen on {host}: {error.strerror}",
            hint="give an address of this machine, or the name of an interface",
        ) from None
    return [str(answers[0][4][0])]
