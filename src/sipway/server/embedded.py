"""Around the script that comes with sipway: where it listens, and the database that it may ask."""

from __future__ import annotations

import ipaddress
from typing import Final

from sipway.net.interfaces import interface_addresses, interface_names
from sipway.server.state import state_directory

_PORT: Final = 5060
# RFC 1918, RFC 3927.
_LOCAL: Final = tuple(
    map(
        ipaddress.ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"),
    )
)


def listen() -> tuple[str, ...]:
    """The addresses of this machine that only itself and the local network can reach."""
    found = ["127.0.0.1"]
    for name in interface_names():
        found += [ip for ip in interface_addresses(name) if _is_local(ip) and ip not in found]
    return tuple(f"{ip}:{_PORT}" for ip in found)


def database_url(state_dir: str | None) -> str | None:
    """The URL of the database for users; None where nothing is to be kept."""
    directory = state_directory(state_dir)
    return None if directory is None else f"sqlite://{directory / 'sipway.sqlite'}"


def defines(state_dir: str | None) -> dict[str, str | None]:
    """What the embedded script is told by `#!define`s."""
    url = database_url(state_dir)
    return {} if url is None else {"DBURL": f'"{url}"'}


def _is_local(ip: str) -> bool:
    """Whether an IPv4 address is one of a local network, as the script has it."""
    address = ipaddress.ip_address(ip)
    return any(address in network for network in _LOCAL)
