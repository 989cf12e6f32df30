"""What the script can know of the sockets that the server listens on.

Compiled (see `sockets.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations


class ListenSocket:
    """One listening socket, as plain data; the real one belongs to `net`.

    protocol    "udp", "tcp" ...
    ip          without brackets
    name        given in the script, or None
    advertised  host and port to show to others, None for the real address
    outgoing    what the messages of a batch send by this socket: (bytes, raw sockaddr of the
                destination); whoever sends them empties it
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
        self.outgoing: list[tuple[bytes, bytes]] = []

    @property
    def host(self) -> str:
        """The address as it stands in a URI: IPv6 in brackets."""
        return f"[{self.ip}]" if ":" in self.ip else self.ip

    @property
    def text(self) -> str:
        """`udp:127.0.0.1:5060`, as in `listen` and `$RAut`."""
        return f"{self.protocol}:{self.host}:{self.port}"
