"""fix_nated_sdp(): the addresses of SDP replaced, and what that leaves behind.

Source: README of nathelper. The order of what is added was tried on Kamailio 5.6.3.
"""

from __future__ import annotations

import re
from typing import Final

from sipway.core.context import Context
from sipway.modules.nathelper._module import (
    append_sdp_oldmediaip,
    failed,
    mod,
    nortpproxy_str,
    refused,
    wire,
)
from sipway.modules.nathelper.addresses import packed
from sipway.modules.sdpops.body import place_of_sdp
from sipway.sip import headers
from sipway.sip.edits import Edit
from sipway.sip.message import Message

_ACTIVE: Final = 1
_MEDIA: Final = 2
_MARK: Final = 4
_OWNER: Final = 8

_REPLACED: Final = 1
_NOTHING: Final = 2

_FAMILY: Final = rb"(IP4|IP6)([ \t]+)([^ \t\r\n]+)"
_RTCP: Final = re.compile(rb"^a=rtcp:[ \t]*[0-9]+[ \t]+IN[ \t]+" + _FAMILY, re.MULTILINE)
_CONNECTION: Final = re.compile(rb"^c=IN[ \t]+" + _FAMILY, re.MULTILINE)
_ORIGIN: Final = re.compile(
    rb"^o=[^ \t\r\n]+[ \t]+[^ \t\r\n]+[ \t]+[^ \t\r\n]+[ \t]+IN[ \t]+" + _FAMILY, re.MULTILINE
)
# That the address is missing is a mistake only where the line must have one.
_LINES: Final = {
    _CONNECTION: re.compile(rb"^c=", re.MULTILINE),
    _ORIGIN: re.compile(rb"^o=", re.MULTILINE),
}
_HELD: Final = (b"0.0.0.0", b"::")
_HOST: Final = re.compile(r"[A-Za-z0-9._:\-]+")
_STREAM: Final = re.compile(rb"\r\nm=")
_LINE_ENDS: Final = b"\r\n"


@mod.function("fix_nated_sdp")
def fix_nated_sdp(ctx: Context, flags: int, ip: str = "") -> int:
    """Change the SDP as `flags` add up: 1 adds a=direction:active to each media, 4 nortpproxy_str.

    2 puts `ip`, or where the message came from, in place of the addresses of c= and a=rtcp lines,
    8 of o= and a=rtcp. Addresses of a media on hold (0.0.0.0) stay. Returns 1 if an address was
    replaced, 2 if none was, -1 without SDP and for an address or a line that is broken: then
    nothing is changed.
    """
    place = _place(ctx.message)
    if place is None:
        return refused(ctx, "fix_nated_sdp", "there is no SDP")
    start, end = place
    data = ctx.message.data
    edits: list[Edit] = []
    old: list[bytes] = []
    if flags & (_MEDIA | _OWNER):
        host = ip.strip("[]") or ctx.source_ip
        if not _HOST.fullmatch(host):
            return failed(ctx, "fix_nated_sdp", f'"{ip:.60}" is no address')
        patterns = [_RTCP]
        patterns += [_CONNECTION] if flags & _MEDIA else []
        patterns += [_ORIGIN] if flags & _OWNER else []
        for pattern in patterns:
            lines = _LINES.get(pattern)
            found = list(pattern.finditer(data, start, end))
            if lines is not None and len(found) < len(lines.findall(data, start, end)):
                return refused(ctx, "fix_nated_sdp", "a line of the SDP has no address")
            for match in found:
                _replace(match, host, edits, old)
    added = _added(ctx, data, start, end, flags, old)
    places = {(each.start, each.end) for each in edits}
    kept = [
        each
        for each in ctx.edits or ()
        if each.start == each.end or (each.start, each.end) not in places
    ]
    ctx.edits = [*kept, *edits, *added]
    return _REPLACED if edits else _NOTHING


def _place(message: Message) -> tuple[int, int] | None:
    """From where to where the SDP goes; a body without a type is taken for it."""
    if message.find(headers.CONTENT_TYPE) >= 0:
        return place_of_sdp(message)
    start, end = message.body_offset, message.body_offset + message.body_length
    return (start, end) if end > start else None


def _replace(match: re.Match[bytes], host: str, edits: list[Edit], old: list[bytes]) -> None:
    """Put an address in the place of that of a line, with its family."""
    known, blanks, address = match.groups()
    made = wire(host)
    if address in _HELD or address == made:
        return
    family = known
    if packed(host) is not None:
        family = b"IP6" if ":" in host else b"IP4"
    edits.append(Edit(match.start(1), match.end(3), family + blanks + made))
    name = b"oldmediaip6" if known == b"IP6" else b"oldmediaip"
    old.append(b"a=" + name + b":" + address)


def _added(
    ctx: Context, data: bytes, start: int, end: int, flags: int, old: list[bytes]
) -> list[Edit]:
    """The lines that are put behind each media and behind all of the SDP."""
    edits: list[Edit] = []
    last = start + len(data[start:end].rstrip(_LINE_ENDS))
    if flags & _ACTIVE:
        starts = [each.start() for each in _STREAM.finditer(data, start, end)]
        ends = [*starts[1:], last] if starts else []
        edits += [_line(at, b"a=direction:active") for at in ends]
    if flags & _MARK:
        mark = wire(nortpproxy_str(ctx.program)).strip(b"\r\n")
        if mark:
            edits.append(_line(last, mark))
    if append_sdp_oldmediaip(ctx.program):
        edits += [_line(last, each) for each in old]
    return edits


def _line(at: int, text: bytes) -> Edit:
    return Edit(at, at, b"\r\n" + text)
