"""Message and edits to bytes, in one pass."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sipway.sip import headers
from sipway.sip.addresses import ip_text, port
from sipway.sip.message import Message
from sipway.sip.via import Via

_VIA = headers.VIA
_TO = headers.TO
_COPIED = frozenset((headers.FROM, headers.CALL_ID, headers.CSEQ))
_RECORD_ROUTE = headers.RECORD_ROUTE
_TIMESTAMP = headers.TIMESTAMP


class Edit(NamedTuple):
    """Replace the bytes from `start` to `end` of a message; equal ones mean an insertion."""

    start: int
    end: int
    replacement: bytes


def reply(
    message: Message,
    status: int,
    reason: str,
    *,
    to_tag: bytes,
    server: bytes = b"",
    extra: bytes = b"",
    body: bytes = b"",
    source: bytes,
    force_rport: bool = False,
) -> bytes:
    """The reply to a request (RFC 3261 section 8.2.6), complete.

    `source` is the raw sockaddr of the sender: `received` and `rport` of the topmost Via are
    filled in from it (18.2.1, RFC 3581). `to_tag` is added where To has no tag. `server` and
    `extra` are complete header lines. Record-Route is copied to 18x and 2xx replies, Timestamp
    to 100.
    """
    data = message.data
    parts = [b"SIP/2.0 %d %s\r\n" % (status, reason.encode("utf-8", "surrogateescape"))]
    record_route = 180 <= status <= 189 or 200 <= status <= 299
    topmost = True
    for index in range(message.header_count):
        kind = message.kind(index)
        if kind == _VIA:
            start, end = message.line(index)
            if topmost:
                parts.append(_topmost_via(message, start, end, source, force_rport))
                topmost = False
            else:
                parts.append(data[start:end])
        elif kind == _TO:
            start, end = message.line(index)
            if message.to.tag is None and status > 100:
                line = data[start:end].rstrip(b" \t\r\n")
                parts.append(b"%s;tag=%s\r\n" % (line, to_tag))
            else:
                parts.append(data[start:end])
        elif (
            kind in _COPIED
            or (kind == _RECORD_ROUTE and record_route)
            or (kind == _TIMESTAMP and status == 100)
        ):
            start, end = message.line(index)
            parts.append(data[start:end])
    if extra:
        parts.append(extra)
    if server:
        parts.append(server)
    parts.append(b"Content-Length: %d\r\n\r\n" % len(body))
    if body:
        parts.append(body)
    return b"".join(parts)


def _topmost_via(message: Message, start: int, end: int, source: bytes, force: bool) -> bytes:
    """The line of the topmost Via, with `received` and `rport` filled in."""
    data = message.data
    via = message.via
    wants_rport = force or via.has_rport
    address = ip_text(source)
    differs = address != via.host.strip("[]")
    if not wants_rport and not differs and not via.received_end:
        return data[start:end]
    cuts = []
    if via.rport_end:
        cuts.append((via.rport_start, via.rport_end))
    if via.received_end:
        cuts.append((via.received_start, via.received_end))
    position = start
    parts = []
    for first, last in sorted(cuts):
        parts.append(data[position : first - 1])
        position = last
    parts.append(data[position : via.end])
    if wants_rport:
        parts.append(b";rport=%d" % port(source))
    if differs or wants_rport:
        parts.append(b";received=%s" % address.encode())
    parts.append(data[via.end : end])
    return b"".join(parts)


def forwarded_reply(
    message: Message, edits: Iterable[Edit] = (), status: int = 0, reason: str = ""
) -> tuple[bytes, Via]:
    """A reply without its topmost Via value, and the Via it goes to.

    Raises IndexError when there is no second Via.
    """
    vias = message.vias()
    first, second = vias[0], vias[1]
    index = message.find(_VIA)
    start, end = message.line(index)
    if second.start < end:  # both stand in one line
        cut = Edit(first.start, second.start, b"")
    else:
        cut = Edit(start, end, b"")
    changes = [cut, *edits]
    if status:
        line = b"SIP/2.0 %d %s\r\n" % (status, reason.encode("utf-8", "surrogateescape"))
        changes.append(Edit(0, message.line_end, line))
    return apply_edits(message.data, changes), second


def apply_edits(data: bytes, edits: Iterable[Edit]) -> bytes:
    """The bytes with all edits made; of two that overlap the earlier in the text wins.

    Insertions at one place keep the order in which they were made.
    """
    parts = []
    position = 0
    for start, end, replacement in sorted(edits, key=lambda edit: edit[0]):
        if start < position:
            continue
        parts.append(data[position:start])
        parts.append(replacement)
        position = end
    parts.append(data[position:])
    return b"".join(parts)
