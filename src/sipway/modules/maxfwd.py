"""maxfwd: the Max-Forwards header field against loops (RFC 3261 section 16.3).

Source: README of Kamailio's module maxfwd. As there, the count of a second call goes on from
that of the first, and a header field that was added by the script is not seen by the script.
"""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from sipway.core.context import Context
from sipway.core.module import Module
from sipway.language.signatures import ArgumentKind, Routes
from sipway.sip import headers
from sipway.sip.build import Edit
from sipway.sip.message import Message

mod = Module("maxfwd")

_HIGHEST: Final = 256
_TOO_MANY_HOPS: Final = (483, "Too Many Hops")
_NOT_A_NUMBER: Final = (400, "Invalid Max-Forwards")


def _to_limit(value: int) -> int:
    if not 0 <= value <= _HIGHEST:
        raise ValueError(f"a number of hops is 0 to {_HIGHEST}, not {value}")
    return value


def _to_hops(value: int | str) -> int:
    try:
        return _to_limit(int(value))
    except ValueError as error:
        if isinstance(value, int):
            raise
        raise ValueError(f'"{value}" is not a number of hops, 0 to {_HIGHEST}') from error


max_limit = mod.param(
    "max_limit", int, 70, convert=_to_limit, doc="what a larger Max-Forwards is cut to"
)

Hops: TypeAlias = Annotated[int, ArgumentKind("a number of hops", base=None, convert=_to_hops)]


def _place(message: Message, index: int) -> tuple[int, int]:
    """Where the value of the field begins and ends."""
    value = message.raw_value(index)
    start, end = message.line(index)
    at = message.data.find(value, message.data.find(b":", start, end) + 1, end)
    return at, at + len(value)


def _hops(ctx: Context, start: int, end: int) -> int | None:
    """The hops that are left, as last counted down; None if that is no number."""
    value = ctx.message.data[start:end]
    for edit in ctx.edits or ():
        if edit[0] == start and edit[1] == end:
            value = edit[2]
    if not value:
        return 0
    if not value.isdigit() or len(value) > 10 or int(value) >> 32:
        return None
    return int(value)


@mod.function("mf_process_maxfwd_header", "process_maxfwd", "maxfwd_process", routes=Routes.REQUEST)
def process_maxfwd(ctx: Context, start: Hops) -> int:
    """Count Max-Forwards down, or add it with `start` where it is missing.

    Returns 2 if it was added, 1 if it was counted down, -1 if it is 0 already, -2 if it is
    no number.
    """
    message = ctx.message
    index = message.find(headers.MAX_FORWARDS)
    if ctx.edits is None:
        ctx.edits = []
    edits = ctx.edits
    if index < 0:
        at = message.line_end
        edits.append(Edit(at, at, b"Max-Forwards: %d\r\n" % start))
        return 2
    at, end = _place(message, index)
    hops = _hops(ctx, at, end)
    if hops is None:
        ctx.error = _NOT_A_NUMBER
        return -2
    if hops == 0:
        ctx.error = _TOO_MANY_HOPS
        return -1
    if edits:
        edits[:] = [edit for edit in edits if (edit.start, edit.end) != (at, end)]
    edits.append(Edit(at, end, b"%d" % min(hops - 1, max_limit(ctx.program))))
    return 1


@mod.function("is_maxfwd_lt", "mf_lowlimit", "maxfwd_at_least", routes=Routes.REQUEST)
def is_below(ctx: Context, limit: Hops) -> int:
    """1 if Max-Forwards is below `limit`, -1 if not, -2 if it is missing, -3 if it is no number."""
    message = ctx.message
    index = message.find(headers.MAX_FORWARDS)
    if index < 0:
        return -2
    hops = _hops(ctx, *_place(message, index))
    if hops is None:
        return -3
    return 1 if hops < limit else -1
