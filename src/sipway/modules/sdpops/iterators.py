"""Lines of the SDP one after the other."""

from __future__ import annotations

from typing import Any, Final

from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.language.record import Record, replace
from sipway.language.signatures import Inner
from sipway.modules.sdpops._module import edit, failed, mod, wire
from sipway.modules.sdpops.body import Line, read_sdp
from sipway.sip.message import Message, text

_MOST: Final = 4


class _Walk(Record):
    """Where a walk stands: `at` is -1 before the first line."""

    message: Message
    lines: tuple[Line, ...]
    at: int = -1


def _walks(ctx: Context) -> dict[str, _Walk]:
    found: dict[str, _Walk] = extras(ctx).of_modules.get(mod.name, {})
    return found


def _keep(ctx: Context, walks: dict[str, Any]) -> None:
    extras(ctx).of_modules[mod.name] = walks


def _found(ctx: Context, function: str, name: str) -> _Walk | None:
    """The walk, if it was started and the message is still the one that it goes through."""
    walk = _walks(ctx).get(name)
    if walk is None or walk.message is not ctx.message:
        failed(ctx, function, f"there is no iterator {name:.60} of this message")
        return None
    return walk


def _line(ctx: Context, function: str, name: str) -> Line | None:
    walk = _found(ctx, function, name)
    return None if walk is None or walk.at < 0 else walk.lines[walk.at]


@mod.function("sdp_iterator_start")
def sdp_iterator_start(ctx: Context, name: str) -> int:
    """Begin to walk through the lines, before the first one.

    1; -1 without SDP or a name, or if four of them walk already.
    """
    body = read_sdp(ctx)
    walks = _walks(ctx)
    if body is None or not name or (name not in walks and len(walks) >= _MOST):
        return -1
    _keep(ctx, {**walks, name: _Walk(ctx.message, tuple(body.lines))})
    return 1


@mod.function("sdp_iterator_end")
def sdp_iterator_end(ctx: Context, name: str) -> int:
    """End a walk. 1; -1 if there is none of this name."""
    walks = dict(_walks(ctx))
    if walks.pop(name, None) is None:
        return failed(ctx, "sdp_iterator_end", f"there is no iterator {name:.60}")
    _keep(ctx, walks)
    return 1


@mod.function("sdp_iterator_next")
def sdp_iterator_next(ctx: Context, name: str) -> int:
    """Go on to the next line. 1; -1 if there is none."""
    walk = _found(ctx, "sdp_iterator_next", name)
    if walk is None or walk.at + 1 >= len(walk.lines):
        return -1
    _keep(ctx, {**_walks(ctx), name: replace(walk, at=walk.at + 1)})
    return 1


@mod.function("sdp_iterator_rm")
def sdp_iterator_rm(ctx: Context, name: str) -> int:
    """Take the line out. 1; -1 if the walk is at none."""
    line = _line(ctx, "sdp_iterator_rm", name)
    if line is None:
        return -1
    edit(ctx, line.start, line.end, b"")
    return 1


@mod.function("sdp_iterator_append")
def sdp_iterator_append(ctx: Context, name: str, added: str) -> int:
    """Add a text behind the line. 1; -1 if the walk is at none."""
    line = _line(ctx, "sdp_iterator_append", name)
    if line is None:
        return -1
    edit(ctx, line.end, line.end, wire(added))
    return 1


@mod.function("sdp_iterator_insert")
def sdp_iterator_insert(ctx: Context, name: str, added: str) -> int:
    """Add a text before the line. 1; -1 if the walk is at none."""
    line = _line(ctx, "sdp_iterator_insert", name)
    if line is None:
        return -1
    edit(ctx, line.start, line.start, wire(added))
    return 1


@mod.variable("sdpitval", inner=Inner.REQUIRED, values=(str,))
def _value(ctx: Context, name: str) -> str | None:
    """The line that a walk is at, with its end."""
    line = _line(ctx, "sdpitval", name)
    return None if line is None else text(ctx.message.data[line.start : line.end])
