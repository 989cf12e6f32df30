"""Lines and whole media taken out."""

from __future__ import annotations

from collections.abc import Callable

from sipway.core.context import Context
from sipway.modules.sdpops._module import mod, take_out
from sipway.modules.sdpops.body import Media, read_sdp


@mod.function("sdp_remove_line_by_prefix")
def sdp_remove_line_by_prefix(ctx: Context, prefix: str, kind: str | None = None) -> int:
    """Take out all lines with a beginning, with a kind only those of such media.

    Returns 1, also where there is none; -1 without SDP, and without a beginning.
    """
    body = read_sdp(ctx)
    if body is None or not prefix:
        return -1
    lines = body.lines if kind is None else (line for m in body.of_kind(kind) for line in m.lines)
    take_out(ctx, ((line.start, line.end) for line in lines if line.text.startswith(prefix)))
    return 1


@mod.function("sdp_remove_media")
def sdp_remove_media(ctx: Context, kind: str) -> int:
    """Take out all media of a kind, such as `video`. 1; -1 if there are none."""
    return _remove(ctx, lambda media: media.kind.lower() == kind.lower())


@mod.function("sdp_remove_transport")
def sdp_remove_transport(ctx: Context, transport: str) -> int:
    """Take out all media by a transport, such as `RTP/AVP`. 1; -1 if there are none."""
    return _remove(ctx, lambda media: media.transport.lower() == transport.lower())


def _remove(ctx: Context, wanted: Callable[[Media], bool]) -> int:
    body = read_sdp(ctx)
    media = [each for each in (() if body is None else body.media) if wanted(each)]
    take_out(ctx, ((each.lines[0].start, each.end) for each in media))
    return 1 if media else -1
