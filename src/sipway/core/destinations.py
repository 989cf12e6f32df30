"""Where a request goes next: from a URI to an address.

The URI says protocol, host and port (RFC 3261 section 19.1.1). A name is
resolved to its first address; what RFC 3263 says of NAPTR and SRV is not done yet.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from sipway.errors import SipParseError
from sipway.sip.addresses import family, ip_text, port, sockaddr
from sipway.sip.uri import parse_uri

if TYPE_CHECKING:
    import asyncio

SIP_PORT: Final = 5060
SIPS_PORT: Final = 5061

MAX_LOOKUPS: Final = 256
"""How many names are looked up at a time; one more is a failure at once."""

_PROTOCOLS: Final = frozenset(("udp", "tcp", "tls", "sctp", "ws", "wss"))

# A process has one resolver, whatever scripts run in it: those who want the same name share it.
_lookups: dict[str, asyncio.Future[str | None]] = {}


_SOURCE_SECONDS: Final = 1.0
_MAX_SOURCES: Final = 1024
_sources: dict[str, tuple[str | None, float]] = {}


class Target(NamedTuple):
    """A next hop as a URI names it; `host` is an address, without brackets, or a name."""

    protocol: str
    host: str
    port: int

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
        protocol = (uri.param("transport") or "udp").lower()
        if protocol not in _PROTOCOLS:
            protocol = "udp"
        if uri.scheme == "sips":
            protocol = "wss" if protocol in ("ws", "wss") else "tls"
        return cls(protocol, (uri.host or "").strip("[]"), uri.port or default_port(protocol))

    @property
    def address(self) -> bytes | None:
        """The raw address, or None if the host is a name."""
        try:
            return sockaddr(self.host, self.port)
        except ValueError:
            return None


def default_port(protocol: str) -> int:
    """The port of a URI that has none (RFC 3261 section 19.1.2)."""
    return SIPS_PORT if protocol in ("tls", "wss") else SIP_PORT


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


async def look_up(target: Target) -> bytes | None:
    """The raw address of a target; None if its host is a name without an address."""
    address = target.address
    if address is not None or not target.host:
        return address
    import asyncio  # slow to import, and `check` looks nothing up

    lookup = _lookups.get(target.host)
    if lookup is None:
        if len(_lookups) >= MAX_LOOKUPS:
            return None
        lookup = asyncio.ensure_future(_first_address(target.host))
        _lookups[target.host] = lookup
        lookup.add_done_callback(lambda _: _lookups.pop(target.host, None))
    # One that stops waiting must not take the answer away from the others.
    ip = await asyncio.shield(lookup)
    return None if ip is None else sockaddr(ip, target.port)


async def _first_address(name: str) -> str | None:
    import asyncio

    loop = asyncio.get_running_loop()
    try:
        answers = await loop.getaddrinfo(name, None, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError):
        return None
    # IPv4 first, as most peers have it, and as Kamailio asks unless told otherwise.
    answers.sort(key=lambda answer: answer[0] != socket.AF_INET)
    return str(answers[0][4][0]).partition("%")[0] if answers else None
