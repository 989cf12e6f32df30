"""Where a request goes next: from a URI to an address.

The URI says protocol, host and port (RFC 3261 section 19.1.1); what it leaves open is found out
in `locating`.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from sipway.core.locating import Hop, locate
from sipway.core.sockets import SIP_PORT, default_port
from sipway.errors import SipParseError
from sipway.sip.addresses import family, ip_text, port, sockaddr
from sipway.sip.uri import parse_uri

if TYPE_CHECKING:
    from sipway.core.program import Program

_PROTOCOLS: Final = frozenset(("udp", "tcp", "tls", "sctp", "ws", "wss"))

_SOURCE_SECONDS: Final = 1.0
_MAX_SOURCES: Final = 1024
_sources: dict[str, tuple[str | None, float]] = {}


class Target(NamedTuple):
    """A next hop as a URI names it; `host` is an address, without brackets, or a name.

    protocol, port     those to use unless DNS says otherwise
    port_given         whether the URI named the port: then DNS is not asked for one
    protocol_given     whether the URI named the transport, or the script did
    secure             whether it was a SIPS URI
    """

    protocol: str
    host: str
    port: int
    port_given: bool = True
    protocol_given: bool = True
    secure: bool = False

    @classmethod
    def from_uri(cls, text: str) -> Target:
        """Raises ValueError for what is no URI. An unknown transport is UDP.

        `maddr` does not count, as in Kamailio: scripts decide by `$rd` whom to serve. A tel URI
        has no host.
        """
        try:
            uri = parse_uri(text)
        except SipParseError as error:
            raise ValueError(f"{text:.100} is no URI: {error.reason}") from None
        protocol = (uri.param("transport") or "").lower()
        given = protocol in _PROTOCOLS
        if not given:
            protocol = "udp"
        secure = uri.scheme == "sips"
        if secure:
            protocol = "wss" if protocol in ("ws", "wss") else "tls"
        host = (uri.host or "").strip("[]")
        port = uri.port or default_port(protocol)
        return cls(protocol, host, port, bool(uri.port), given, secure)

    @classmethod
    def of_host(cls, protocol: str, host: str, port: int = 0) -> Target:
        """A host, IPv6 with or without brackets, that is reached by a protocol; port 0: any."""
        return cls(protocol, host.strip("[]"), port or default_port(protocol), bool(port))

    @property
    def address(self) -> bytes | None:
        """The raw address, or None if the host is a name."""
        try:
            return sockaddr(self.host, self.port)
        except ValueError:
            return None


def source_address(destination: bytes, now: float) -> str | None:
    """The address of this machine from which the system would send there, or None.

    Asked for by connecting a socket that sends nothing, and remembered for a second.
    """
    ip = ip_text(destination)
    known = _sources.get(ip)
    if known is not None and 0 <= now - known[1] < _SOURCE_SECONDS:
        return known[0]
    found: str | None = None
    with (
        suppress(OSError),
        socket.socket(family(destination), socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as probe,
    ):
        probe.connect((ip, port(destination) or SIP_PORT))
        found = str(probe.getsockname()[0])
    if len(_sources) >= _MAX_SOURCES:
        _sources.clear()
    _sources[ip] = (found, now)
    return found


async def look_up(program: Program, target: Target) -> Hop | None:
    """Where to send first; None if the target's host is a name without an address."""
    hops = await locate(program, target)
    return hops[0] if hops else None
