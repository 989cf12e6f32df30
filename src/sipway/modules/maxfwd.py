"""maxfwd: the Max-Forwards header field against loops (RFC 3261 section 16.3).

Source: README of Kamailio's module maxfwd.
"""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from sipway.core.context import Context
from sipway.core.module import Module
from sipway.language.signatures import ArgumentKind, Routes
from sipway.sip import headers
from sipway.sip.build import Edit

mod = Module("maxfwd")

_HIGHEST: Final = 256
_TOO_MANY_HOPS: Final = (483, "Too Many Hops")

max_limit = mod.param("max_limit", int, 70, doc="what a larger Max-Forwards is cut to")


def _to_hops(value: int | str) -> int:
    try:
        hops = int(value)
    except ValueError:
        raise ValueError(f'"{value}" is not a number') from None
    if not 0 <= hops <= _HIGHEST:
        raise ValueError(f"a number of hops is 0 to {_HIGHEST}, not {hops}")
    return hops


Hops: TypeAlias = Annotated[int, ArgumentKind("a number of hops", base=None, convert=_to_hops)]


@mod.function("mf_process_maxfwd_header", "process_maxfwd", routes=Routes.REQUEST)
def process_maxfwd(ctx: Context, start: Hops) -> int:
    """Count Max-Forwards down, or add it with `start` where it is missing.

    Returns 2 if it was added, 1 if it was counted down, -1 if it is 0 already, -2 if it is
    no number.
    """
    message = ctx.message
    limit = max_limit(ctx.program)
    index = message.find(headers.MAX_FORWARDS)
    edits = ctx.edits
    if edits is None:
        edits = ctx.edits = []
    if index < 0:
        line = b"Max-Forwards: %d\r\n" % min(start, limit)
        edits.append(Edit(message.headers_end, message.headers_end, line))
        return 2
    value = message.raw_value(index)
    if not value.isdigit() or len(value) > 10:
        ctx.error = (400, "Invalid Max-Forwards")
        return -2
    hops = int(value)
    if hops == 0:
        ctx.error = _TOO_MANY_HOPS
        return -1
    begin, end = message.line(index)
    at = message.data.find(value, message.data.find(b":", begin, end), end)
    edits.append(Edit(at, at + len(value), b"%d" % min(hops - 1, limit)))
    return 1


@mod.function("is_maxfwd_lt", "mf_lowlimit")
def is_below(ctx: Context, limit: Hops) -> int:
    """1 if Max-Forwards is below `limit`, -1 if not, -2 if it is missing, -3 if it is no number."""
    message = ctx.message
    index = message.find(headers.MAX_FORWARDS)
    if index < 0:
        return -2
    value = message.raw_value(index)
    if not value.isdigit() or len(value) > 10:
        return -3
    return 1 if int(value) < limit else -1
