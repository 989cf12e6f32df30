"""What the script can know of the sockets that the server listens on.

Compiled (see `sockets.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

import socket
from typing import Final

SIP_PORT: Final = 5060
SIPS_PORT: Final = 5061


def default_port(protocol: str) -> int:
    """The port of a URI that has none (RFC 3261 section 19.1.2)."""
    return SIPS_PORT if protocol in ("tls", "wss") else SIP_PORT


def shown_place(protocol: str, host: str, port: int) -> str:
    """An address of ours as it stands in a URI of ours, in Record-Route and Path.

    The port is left out where it is the default one, `transport` where it is UDP.
    """
    text = f"[{host}]" if ":" in host and not host.startswith("[") else host
    if port != default_port(protocol):
        text += f":{port}"
    return text if protocol == "udp" else f"{text};transport={protocol}"


class ListenSocket:
    """One listening socket, as plain data; the real one belongs to `net`.

    protocol    "udp", "tcp" ...
    ip          without brackets
    name        given in the script, or None
    advertised  host and port to show to others, None for the real address
    family      socket.AF_INET or AF_INET6
    reliable    whether the transport sees to it that messages arrive
    shown       how it stands in a URI of ours, without its name (`core.shown_address`)
    text_bytes  `text` as bytes
    via_start   how our Via begins in requests that leave by it, up to the branch
    outgoing    what the messages of a batch send by this socket: (bytes, raw sockaddr of the
                destination), for a stream maybe a `sip.outgoing.Directed`; whoever sends them
                empties it
    connections of a stream the open connections: raw sockaddr of the peer, or an alias of it ->
                number; kept by the real socket, None if there are none to be had (UDP)
    new_aliases of a stream what add_tcp_alias() wants: (raw sockaddr of the peer, port); whoever
                carries it out empties it
    """

    def __init__(
        self,
        protocol: str,
        ip: str,
        port: int,
        name: str | None = None,
        advertised: tuple[str, int] | None = None,
    ) -> None:
        self.protocol = protocol
        self.ip = ip
        self.port = port
        self.name = name
        self.advertised = advertised
        self.family = int(socket.AF_INET6 if ":" in ip else socket.AF_INET)
        self.reliable = protocol != "udp"
        host_shown, port_shown = advertised or (ip, port)
        self.shown = shown_place(protocol, host_shown, port_shown)
        if ":" in host_shown and not host_shown.startswith("["):
            host_shown = f"[{host_shown}]"
        self.via_start = (
            f"Via: SIP/2.0/{protocol.upper()} {host_shown}:{port_shown};branch=".encode()
        )
        self.text_bytes = self.text.encode()
        self.outgoing: list[tuple[bytes, bytes]] = []
        self.connections: dict[bytes, int] | None = None
        self.new_aliases: list[tuple[bytes, int]] = []

    @property
    def host(self) -> str:
        """The address as it stands in a URI: IPv6 in brackets."""
        return f"[{self.ip}]" if ":" in self.ip else self.ip

    @property
    def text(self) -> str:
        """`udp:127.0.0.1:5060`, as in `listen` and `$RAut`."""
        return f"{self.protocol}:{self.host}:{self.port}"
