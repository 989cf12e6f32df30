"""corex: what the core once had, now with variables in its arguments.

Source: README of Kamailio's module corex. add_tcp_alias() is one of the core. Left out:
event_route[network:msg], event_route[corex:reply-out], its RPC commands, and the parameters of
Via from $xavp.
"""

from __future__ import annotations

from sipway.modules.corex import (
    branches,
    files,
    flags,
    forwarding,
    sockets,
    variables,
    via,
)
from sipway.modules.corex._module import mod

__all__ = ["branches", "files", "flags", "forwarding", "mod", "sockets", "variables", "via"]
