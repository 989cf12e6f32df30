"""corex: what the core once had, now with variables in its arguments.

Source: README of Kamailio's module corex. add_tcp_alias() is one of the core. Left out:
event_route[corex:reply-out] and its RPC commands.
"""

from __future__ import annotations

from sipway.modules.corex import (
    branches,
    dns,
    files,
    flags,
    forwarding,
    network,
    sockets,
    variables,
    via,
)
from sipway.modules.corex._module import mod

__all__ = [
    "branches",
    "dns",
    "files",
    "flags",
    "forwarding",
    "mod",
    "network",
    "sockets",
    "variables",
    "via",
]
