"""From `listen` in a script and `-l` on the command line to bound sockets."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterable

from sipway.core.settings import Settings
from sipway.core.sockets import ListenSocket
from sipway.errors import ConfigError, TransportError
from sipway.language.compiled import CompiledScript
from sipway.language.record import Record
from sipway.net.interfaces import interface_addresses, interface_names
from sipway.net.udp import OnBatch, SocketOptions, UdpSocket
from sipway.server.options import Options

logger = logging.getLogger("sipway.server")

DEFAULT_PORT = 5060
_PROTOCOLS = ("udp", "tcp", "tls", "sctp", "ws", "wss")


class Endpoint(Record):
    """Where to listen; `host` is an address, a name of this machine or an interface."""

    protocol: str | None
    host: str
    port: int
    advertised: tuple[str, int] | None = None
    name: str | None = None


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
    """Where the command line and the script together want to listen; UDP only so far.

    What is asked for over other transports is left out, with a warning in the log.
    """
    wanted = [parse_listen(text) for text in options.listen]
    wanted += [
        Endpoint(
            item.protocol,
            item.host,
            settings.port if item.port is None else item.port,
            _advertised(item.advertise, item.port),
            item.name,
        )
        for item in compiled.listen
    ]
    for endpoint in wanted:
        if not is_udp(endpoint):
            logger.warning(
                "%s:%s:%d is left out: sipway listens on UDP only so far",
                endpoint.protocol,
                endpoint.host,
                endpoint.port,
            )
    if not wanted:
        return every_interface(settings.port, ipv6=settings.auto_bind_ipv6)
    usable = [endpoint for endpoint in wanted if is_udp(endpoint)]
    if not usable:
        raise ConfigError("nothing to listen on: sipway listens on UDP only so far")
    return usable


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
    return [Endpoint("udp", ip, port) for ip in dict.fromkeys(found)]


def is_udp(endpoint: Endpoint) -> bool:
    """Whether sipway can listen there: without a protocol UDP is meant, among others."""
    return endpoint.protocol in (None, "udp")


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
    )


def bind(
    endpoints: Iterable[Endpoint], on_batch: OnBatch, options: SocketOptions | None = None
) -> list[tuple[ListenSocket, UdpSocket]]:
    """Bind every endpoint; all or none. Raises TransportError."""
    bound: list[tuple[ListenSocket, UdpSocket]] = []
    try:
        for endpoint in dict.fromkeys(endpoints):
            for ip in _addresses(endpoint.host):
                real = UdpSocket(ip, endpoint.port, on_batch, options)
                described = ListenSocket(
                    "udp", real.ip, real.port, endpoint.name, endpoint.advertised
                )
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
