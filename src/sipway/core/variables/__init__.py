"""The variables that scripts can use without `loadmodule`, by theme.

Source: Kamailio's cookbook on pseudo-variables; types, null and odd corners as Kamailio 5.6.3
was seen to have them. Kamailio keeps most of these in its module `pv`; here they are always
there. Importing this package registers them all with `core.builtin.core`.
"""

from sipway.core.variables import (
    auth,
    branches,
    headers,
    identity,
    message,
    network,
    process,
    script,
    sending,
    time,
    uris,
    via,
    xavps,
)

__all__ = [
    "auth",
    "branches",
    "headers",
    "identity",
    "message",
    "network",
    "process",
    "script",
    "sending",
    "time",
    "uris",
    "via",
    "xavps",
]
