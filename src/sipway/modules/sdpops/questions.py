"""Questions about SDP, and what it says as values."""

from __future__ import annotations

import re
from typing import Final

from sipway.core.arguments import WritableName
from sipway.core.context import Context
from sipway.language.signatures import Inner
from sipway.modules.sdpops._module import edit, mod
from sipway.modules.sdpops.body import SDP, Body, place_of_sdp, read_sdp
from sipway.sip import headers
from sipway.sip.message import text

_ORIGIN: Final = re.compile(rb"o=\S+ \S+ (\S+)")
_CANDIDATE: Final = re.compile(r"a=(?:candidate|remote-candidates):", re.IGNORECASE)
_CONNECTION: Final = re.compile(r"c=IN IP([46]) ([^\s/]+)")
_LARGEST: Final = 2**31 - 1


@mod.function("sdp_content")
def sdp_content(ctx: Context, sloppy: str | None = None) -> int:
    """1 if the body is SDP or has SDP in it, else -1. With an argument Content-Type says so."""
    if sloppy is None:
        return 1 if read_sdp(ctx) is not None else -1
    message = ctx.message
    kind = (message.value(headers.CONTENT_TYPE) or "").partition(";")[0].strip().lower()
    if kind == SDP:
        return 1
    return 1 if kind == "multipart/mixed" and SDP.encode() in message.body else -1


@mod.function("sdp_with_media")
def sdp_with_media(ctx: Context, kind: str) -> int:
    """1 if there are media of a kind such as `video`, else -1."""
    body = read_sdp(ctx)
    return 1 if body is not None and any(True for _ in body.of_kind(kind)) else -1


@mod.function("sdp_with_active_media")
def sdp_with_active_media(ctx: Context, kind: str) -> int:
    """1 if there are media of a kind that have a port and are not inactive, else -1."""
    body = read_sdp(ctx)
    return 1 if body is not None and any(each.is_active for each in body.of_kind(kind)) else -1


@mod.function("sdp_with_transport")
def sdp_with_transport(ctx: Context, transport: str) -> int:
    """1 if there are media by a transport such as `RTP/SAVP`, whatever its case; else -1."""
    body = read_sdp(ctx)
    wanted = transport.lower()
    found = body is not None and any(each.transport.lower() == wanted for each in body.media)
    return 1 if found else -1


@mod.function("sdp_with_transport_like")
def sdp_with_transport_like(ctx: Context, part: str) -> int:
    """1 if there are media by a transport with this text in its name, else -1."""
    body = read_sdp(ctx)
    return 1 if body is not None and any(part in each.transport for each in body.media) else -1


@mod.function("sdp_transport")
def sdp_transport(ctx: Context, result: WritableName) -> int:
    """Put the transport that all media have into a variable. 1; -2 if they have several.

    Also 1 without a body, with nothing in the variable, and -1 for a body that is no SDP.
    """
    body = read_sdp(ctx)
    if body is None:
        return -1 if ctx.message.body_length else 1
    transports = {each.transport for each in body.media}
    if len(transports) != 1 or result.set is None:
        return -2
    result.set(ctx, transports.pop())
    return 1


@mod.function("sdp_with_ice")
def sdp_with_ice(ctx: Context) -> int:
    """1 if there are candidates of ICE (RFC 8445), else -1."""
    body = read_sdp(ctx)
    found = body is not None and any(_CANDIDATE.match(line.text) for line in body.lines)
    return 1 if found else -1


@mod.function("sdp_get")
def sdp_get(ctx: Context, result: WritableName) -> int:
    """Put the SDP into a variable. 1; -2 without a body, -1 for a body that is no SDP."""
    body = read_sdp(ctx)
    if body is None or result.set is None:
        return _missing(ctx)
    result.set(ctx, _whole(ctx, body))
    return 1


@mod.function("sdp_get_line_startswith")
def sdp_get_line_startswith(ctx: Context, result: WritableName, beginning: str) -> int:
    """Put the first line with a beginning, without its end, into a variable.

    Returns 1; -1 if there is none, or for a body that is no SDP; -2 without a body.
    """
    body = read_sdp(ctx)
    if body is None or result.set is None:
        return _missing(ctx)
    for line in body.lines:
        if line.text.startswith(beginning):
            result.set(ctx, line.text)
            return 1
    return -1


def _missing(ctx: Context) -> int:
    return -1 if ctx.message.body_length else -2


@mod.function("sdp_get_address_family")
def sdp_get_address_family(ctx: Context) -> int:
    """4 or 6, as the first c= line says; -1 if there is none."""
    found = _connection(ctx)
    return -1 if found is None else int(found[1])


@mod.function("sdp_print")
def sdp_print(ctx: Context, level: int) -> int:
    """Log the SDP. 1, also without a body; -1 for a body that is no SDP."""
    body = read_sdp(ctx)
    if body is None:
        return -1 if ctx.message.body_length else 1
    log = ctx.program.log
    if log.level >= level:
        for line in body.lines:
            log.line(level, f"sdp: {line.text}")
    return 1


def _whole(ctx: Context, body: Body) -> str:
    return text(ctx.message.data[body.start : body.end])


def _connection(ctx: Context) -> re.Match[str] | None:
    """The c= line of the first stream that has one, else of the session."""
    body = read_sdp(ctx)
    if body is None:
        return None
    lines = [*(line for each in body.media[:1] for line in each.lines), *body.session]
    return next((match for line in lines if (match := _CONNECTION.match(line.text))), None)


# --- $sdp ----------------------------------------------------------------------------------------


def _key(name: str) -> str:
    if name not in ("body", "sess_version", "c:ip"):
        raise ValueError(f"$sdp takes body, sess_version or c:ip, not {name}")
    return name


def _origin(ctx: Context) -> re.Match[bytes] | None:
    """The version in the o= line."""
    body = read_sdp(ctx)
    line = (
        next((each for each in body.session if each.text.startswith("o=")), None) if body else None
    )
    return None if line is None else _ORIGIN.match(ctx.message.data, line.start, line.end)


def _set_sdp(ctx: Context, value: int | str | None, name: str) -> None:
    """Only the version can be written, and only with numbers; -1 makes it one more."""
    if name != "sess_version":
        raise ValueError(f"$sdp({name}) cannot be written")
    match = _origin(ctx)
    if match is None or not isinstance(value, int):
        return
    if value == -1:
        old = match[1]
        if not old.isdigit():
            return
        value = int(old[:20]) + 1
    edit(ctx, match.start(1), match.end(1), b"%d" % value)


@mod.variable("sdp", set=_set_sdp, inner=Inner.REQUIRED, prepare=_key)
def _sdp(ctx: Context, name: str) -> int | str | None:
    """Of the SDP: `body` all of it, `sess_version` the version in o=, `c:ip` the address in c=."""
    if name == "body":
        place = place_of_sdp(ctx.message)
        return None if place is None else text(ctx.message.data[place[0] : place[1]])
    if name == "c:ip":
        found = _connection(ctx)
        return None if found is None else found[2]
    match = _origin(ctx)
    if match is None:
        return None
    version = text(match[1])
    if version.isascii() and version.isdecimal() and len(version) < 11 and int(version) <= _LARGEST:
        return int(version)
    return version
