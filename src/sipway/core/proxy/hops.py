"""From a URI to a next hop, remembered: a server sends to the same few again and again.

Compiled (see `hops.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from typing import Final

from sipway.core.destinations import Target
from sipway.sip.uri import routable_uri

_REMEMBERED: Final = 4096
_hops: dict[str, Destination] = {}


class Destination:
    """A next hop: protocol, and the raw address if the host is one."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.protocol = target.protocol
        self.address = target.address


def destination_of(uri: str) -> Destination:
    """Where a URI leads. Raises ValueError for what is no URI."""
    hop = _hops.get(uri)
    if hop is None:
        if routable_uri(uri) is None:
            raise ValueError(f"{uri:.100} is no URI to route by")
        hop = Destination(Target.from_uri(uri))
        if len(_hops) >= _REMEMBERED:
            _hops.clear()
        _hops[uri] = hop
    return hop
