"""corex: what the core once had, now with variables in its arguments.

Source: README of Kamailio's module corex. Left out: event_route[network:msg], its RPC commands,
and the parameters of Via from $xavp.
"""

from __future__ import annotations

from sipway.modules.corex import branches, files, flags, forwarding, sockets, via
from sipway.modules.corex._module import mod

__all__ = ["branches", "files", "flags", "forwarding", "mod", "sockets", "via"]
