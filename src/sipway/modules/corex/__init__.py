"""corex: what the core once had, now with variables in its arguments.

Source: README of Kamailio's module corex. add_tcp_alias() is one of the core. Left out:
the commands `corex.shm_*` and `corex.pkg_summary`, which tell of Kamailio's memory.
"""

from __future__ import annotations

from sipway.modules.corex import (
    branches,
    commands,
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
    "commands",
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
