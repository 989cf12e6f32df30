"""An SDP body cut into lines and media (RFC 4566), with their places in the message."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from itertools import pairwise
from typing import Final

from sipway.core.context import Context
from sipway.language.record import Record
from sipway.sip import headers
from sipway.sip.message import Message, text

SDP: Final = "application/sdp"
_BOUNDARY: Final = re.compile(r';\s*boundary\s*=\s*(?:"([^"]+)"|([^\s;]+))', re.IGNORECASE)
_SDP_PART: Final = re.compile(
    rb"^content-type[ \t]*:[ \t]*application/sdp\b", re.IGNORECASE | re.MULTILINE
)
_LINE: Final = re.compile(rb"[^\r\n]*(?:\r?\n|\r|\Z)")
_PAYLOAD: Final = re.compile(rb"[ \t]+([^ \t\r\n]+)")
_MAP: Final = re.compile(r"a=rtpmap:\s*(\d+)\s+([^/\s]+)", re.IGNORECASE)
_OF_CODEC: Final = re.compile(r"a=(?:rtpmap|fmtp|rtcp-fb):\s*([^\s]+)", re.IGNORECASE)

# RFC 3551 section 6.
STATIC: Final = {
    "pcmu": ("0",), "gsm": ("3",), "g723": ("4",), "dvi4": ("5", "6", "16", "17"), "lpc": ("7",),
    "pcma": ("8",), "g722": ("9",), "l16": ("10", "11"), "qcelp": ("12",), "cn": ("13",),
    "mpa": ("14",), "g728": ("15",), "g729": ("18",), "celb": ("25",), "jpeg": ("26",),
    "nv": ("28",), "h261": ("31",), "mpv": ("32",), "mp2t": ("33",), "h263": ("34",),
}  # fmt: skip


class Line(Record):
    """`text` has no end of line; `start` and `end` are places in the message, that included."""

    text: str
    start: int
    end: int


class Payload(Record):
    """One payload type of an m= line; the place is its own and that of the blanks before it."""

    type: str
    start: int
    end: int


class Media(Record):
    """A media stream: its m= line and those behind it."""

    lines: tuple[Line, ...]
    payloads: tuple[Payload, ...]
    kind: str
    port: str
    transport: str

    @property
    def end(self) -> int:
        return self.lines[-1].end

    @property
    def is_active(self) -> bool:
        """Whether there is a port, and the direction is not inactive."""
        still = any(line.text.strip() == "a=inactive" for line in self.lines)
        return self.port.partition("/")[0] not in ("", "0") and not still

    def types(self, name: str) -> frozenset[str]:
        """The payload types that a name of a codec stands for in this stream."""
        found = {
            match[1]
            for line in self.lines
            if (match := _MAP.match(line.text)) and match[2].lower() == name
        }
        return frozenset(found or STATIC.get(name, ()))

    def lines_of(self, payloads: Container[str]) -> Iterator[Line]:
        """The attributes of payload types."""
        for line in self.lines:
            match = _OF_CODEC.match(line.text)
            if match is not None and match[1] in payloads:
                yield line


class Body(Record):
    """An SDP body; `session` is what stands before the first media."""

    start: int
    end: int
    session: tuple[Line, ...]
    media: tuple[Media, ...]

    @property
    def lines(self) -> Iterator[Line]:
        yield from self.session
        for each in self.media:
            yield from each.lines

    def of_kind(self, kind: str | None) -> Iterator[Media]:
        """The media of a kind, whatever its case; all without one."""
        for each in self.media:
            if kind is None or each.kind.lower() == kind.lower():
                yield each


def place_of_sdp(message: Message) -> tuple[int, int] | None:
    """From where to where in the message the SDP goes, alone or as the first such part."""
    value = message.value(headers.CONTENT_TYPE) or ""
    kind = value.partition(";")[0].strip().lower()
    start, end = message.body_offset, message.body_offset + message.body_length
    if kind == SDP:
        return (start, end) if end > start else None
    match = _BOUNDARY.search(value)
    if match is None or not kind.startswith("multipart/"):
        return None
    boundary = (match[1] or match[2]).encode("utf-8", "surrogateescape")
    marks = [
        mark.start()
        for mark in re.finditer(rb"(?:\A|(?<=\n))--" + re.escape(boundary), message.body)
    ]
    for mark, following in pairwise([*marks, end - start]):
        part = message.body[mark:following]
        head, blank, content = part.partition(b"\r\n\r\n")
        if blank and _SDP_PART.search(head):
            first = start + mark + len(head) + len(blank)
            # The line end before a boundary belongs to the boundary.
            return first, first + len(content.removesuffix(b"\n").removesuffix(b"\r"))
    return None


def read_sdp(ctx: Context) -> Body | None:
    """The SDP of the message; None without one, or if it does not begin as one."""
    place = place_of_sdp(ctx.message)
    if place is None:
        return None
    start, end = place
    data = ctx.message.data
    if data[start : start + 2] != b"v=":
        return None
    lines: list[Line] = []
    at = start
    while at < end:
        match = _LINE.match(data, at, end)
        assert match is not None
        lines.append(Line(text(match[0].rstrip(b"\r\n")), at, match.end()))
        at = match.end()
    heads = [number for number, line in enumerate(lines) if line.text.startswith("m=")]
    session = tuple(lines[: heads[0]] if heads else lines)
    media = tuple(
        _media(ctx.message.data, tuple(lines[first:following]))
        for first, following in pairwise([*heads, len(lines)])
    )
    return Body(start, end, session, media)


def _media(data: bytes, lines: tuple[Line, ...]) -> Media:
    head = lines[0]
    words = [*head.text[2:].split(), "", "", ""]
    found = [
        Payload(text(match[1]), match.start(), match.end())
        for match in _PAYLOAD.finditer(data, head.start, head.end)
    ]
    return Media(lines, tuple(found[2:]), words[0], words[1], words[2])
