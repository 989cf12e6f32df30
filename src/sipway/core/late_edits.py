"""Edits that depend on the socket by which a request leaves: Record-Route, Path.

They stand among the others in `ctx.edits`, so that the order of all is kept. Whoever builds a
request for a socket takes the edits from `edits_for(ctx, socket)` instead of `ctx.edits`.

Compiled (see `late_edits.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sipway.core.extras import extras
from sipway.sip.edits import Edit, edit

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.core.sockets import ListenSocket


class LateEdit(Edit):
    """An insertion of what `make(ctx, socket)` says for the socket; empty for other readers."""

    def __init__(self, at: int, make: Callable[[Context, ListenSocket], bytes]) -> None:
        super().__init__(at, at, b"")
        self.make = make


def add_late(ctx: Context, at: int, make: Callable[[Context, ListenSocket], bytes]) -> None:
    """Insert at an offset of the message what `make` says when the socket is known."""
    if ctx.edits is None:
        ctx.edits = []
    ctx.edits.append(LateEdit(at, make))
    extras(ctx).has_late_edits = True


def edits_for(ctx: Context, socket: ListenSocket) -> Sequence[Edit]:
    """The edits of a message that leaves by a socket."""
    edits = ctx.edits
    if not edits:
        return ()
    kept = ctx.extras
    if kept is None or not kept.has_late_edits:
        return edits
    found = []
    for each in edits:
        if isinstance(each, LateEdit):
            late = each
            found.append(edit(late.start, late.end, late.make(ctx, socket)))
        else:
            found.append(each)
    return found
