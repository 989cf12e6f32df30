"""What the script can know of the sockets that the server listens on."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(eq=False, slots=True)
class ListenSocket:
    """One listening socket, as plain data; the real one belongs to `net`.

    `protocol` is "udp", "tcp" ...; `ip` is without brackets; `advertised` is what to
    show to others, None for the real address. `outgoing` collects what a batch of
    messages sends by this socket: (bytes, raw sockaddr of the destination).
    """

    protocol: str
    ip: str
    port: int
    name: str | None = None
    advertised: tuple[str, int] | None = None
    outgoing: list[tuple[bytes, bytes]] = field(default_factory=list)

    @property
    def host(self) -> str:
        """The address as it stands in a URI: IPv6 in brackets."""
        return f"[{self.ip}]" if ":" in self.ip else self.ip

    @property
    def text(self) -> str:
        """`udp:127.0.0.1:5060`, as in `listen` and `$RAut`."""
        return f"{self.protocol}:{self.host}:{self.port}"
