"""rr: record routing and loose routing (RFC 3261 section 16).

Source: README of Kamailio's module rr. Flow tokens (module outbound) are not there: with them,
bit 2 of loose_route_mode() and the codes 2 and -2 mean nothing here. `$route_uri` is the core's.

Other modules use what is named here.
"""

from __future__ import annotations

from sipway.modules.rr import loose, questions, record
from sipway.modules.rr._module import (
    append_fromtag,
    is_upstream,
    mod,
    on_own_route,
    own_route_params,
    route_param,
)
from sipway.modules.rr.record import add_rr_param

__all__ = [
    "add_rr_param",
    "append_fromtag",
    "is_upstream",
    "loose",
    "mod",
    "on_own_route",
    "own_route_params",
    "questions",
    "record",
    "route_param",
]
