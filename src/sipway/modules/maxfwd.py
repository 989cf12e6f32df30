"""maxfwd: the Max-Forwards header field against loops (RFC 3261 section 16.3).

Source: README of Kamailio's module maxfwd. As there, the count of a second call goes on from
that of the first, and a header field that was added by the script is not seen by the script.

Compiled (see `maxfwd.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from sipway.core.context import Context
from sipway.core.module import Module
from sipway.language.signatures import ArgumentKind, Routes
from sipway.sip import headers
from sipway.sip.edits import Edit, edit

mod = Module("maxfwd")

_MAX_FORWARDS = headers.MAX_FORWARDS
_HIGHEST: Final = 256
_DIGITS: Final = [b"%d" % each for each in range(_HIGHEST + 1)]
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


def _counted(ctx: Context, start: int, end: int) -> Edit | None:
    """The edit by which the field has been counted down before, if it has."""
    edits = ctx.edits
    if edits is not None:
        for each in edits:
            if each.start == start and each.end == end:
                return each  # type: ignore[no-any-return]
    return None


def _hops(ctx: Context, start: int, end: int, before: Edit | None) -> int:
    """The hops that are left, as last counted down; -1 if that is no number."""
    data = ctx.message.data
    if before is not None:
        data, start, end = before.replacement, 0, len(before.replacement)
    if end - start > 10:
        return -1
    p = data
    number = 0
    while start < end:
        if not 48 <= p[start] <= 57:
            return -1
        number = number * 10 + p[start] - 48
        start += 1
    return number if number <= 0xFFFFFFFF else -1


def _count_down(ctx: Context, start: int, limit: int) -> int:
    """process_maxfwd(); `limit` is what a larger count is cut to."""
    message = ctx.message
    index = message.find(_MAX_FORWARDS)
    if ctx.edits is None:
        ctx.edits = []
    edits = ctx.edits
    if index < 0:
        at = message.line_end
        edits.append(edit(at, at, b"Max-Forwards: %d\r\n" % start))
        return 2
    at = message.value_start(index)
    end = message.value_end(index)
    before = _counted(ctx, at, end)
    hops = _hops(ctx, at, end, before)
    if hops < 0:
        ctx.error = _NOT_A_NUMBER
        return -2
    if hops == 0:
        ctx.error = _TOO_MANY_HOPS
        return -1
    if before is not None:
        edits.remove(before)
    edits.append(edit(at, end, _DIGITS[min(hops - 1, limit)]))
    return 1


def _compare(ctx: Context, limit: int) -> int:
    """is_maxfwd_lt()."""
    message = ctx.message
    index = message.find(_MAX_FORWARDS)
    if index < 0:
        return -2
    at = message.value_start(index)
    end = message.value_end(index)
    hops = _hops(ctx, at, end, _counted(ctx, at, end))
    if hops < 0:
        return -3
    return 1 if hops < limit else -1


@mod.function("mf_process_maxfwd_header", "process_maxfwd", "maxfwd_process", routes=Routes.REQUEST)
def process_maxfwd(ctx: Context, start: Hops) -> int:
    """Count Max-Forwards down, or add it with `start` where it is missing.

    Returns 2 if it was added, 1 if it was counted down, -1 if it is 0 already, -2 if it is
    no number.
    """
    return _count_down(ctx, start, max_limit(ctx.program))


@mod.function("is_maxfwd_lt", "mf_lowlimit", "maxfwd_at_least", routes=Routes.REQUEST)
def is_below(ctx: Context, limit: Hops) -> int:
    """1 if Max-Forwards is below `limit`, -1 if not, -2 if it is missing, -3 if it is no number."""
    return _compare(ctx, limit)
