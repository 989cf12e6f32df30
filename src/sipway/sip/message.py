"""A SIP message: the bytes as received, and where in them everything is.

`parse` scans the first line and the header lines once and keeps only offsets. Values become
text when somebody asks for them, and what was asked for is kept. A Message is immutable for
its readers; edits are applied when bytes are built (`sipway.sip.build`).

What `parse` demands of a message (RFC 3261 section 8.1.1, RFC 4475):

- a first line that is a request line or a status line of SIP/2.0, and the end of the headers;
- a Via; without one there is nobody to answer, so the message is not answerable;
- exactly one From, To, Call-ID and CSeq each, and a CSeq whose method is the request's;
- a Content-Length that is a number and not larger than what follows the headers.

Limits: `MAX_HEADERS` header fields; a message is as long as its transport lets it be.

Compiled (see `message.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from typing import Final

from sipway.errors import SipParseError
from sipway.sip import headers
from sipway.sip.headers import KINDS_BY_WIRE, Header, header_kind
from sipway.sip.methods import METHODS
from sipway.sip.nameaddr import NameAddr, parse_name_addr
from sipway.sip.via import Via, parse_via, split_values

MAX_HEADERS: Final = 256
_COMPILED: Final = not __file__.endswith(".py")
_MAX_CONTENT_LENGTH: Final = 1 << 28

_OTHER_METHOD: Final = 32768
_METHOD_BITS: Final[dict[bytes, int]] = {name.encode(): bit for name, bit in METHODS.items()}
_METHOD_NAMES: Final[dict[int, str]] = {bit: name for name, bit in METHODS.items()}
_TOKEN: Final = frozenset(
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~"
)
_MANDATORY: Final = (
    (headers.FROM, "From"),
    (headers.TO, "To"),
    (headers.CALL_ID, "Call-ID"),
    (headers.CSEQ, "CSeq"),
)

_VIA = headers.VIA
_FROM = headers.FROM
_TO = headers.TO
_CALL_ID = headers.CALL_ID
_CSEQ = headers.CSEQ
_CONTENT_LENGTH = headers.CONTENT_LENGTH


def text(raw: bytes) -> str:
    """Wire to text: UTF-8, and bytes that are none survive the round trip."""
    return raw.decode("utf-8", "surrogateescape")


class Message:
    """One request or reply; made by `parse`.

    data            the bytes as received
    is_request      else it is a reply
    method_id       bit of the method (`sip.methods`); of a reply that of its CSeq
    status          of a reply, else 0
    header_count    number of header fields
    body_offset     where the body begins
    content_length  as the header says, -1 without one
    cseq_number     0 to 2**32-1
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        if not _COMPILED:  # there they are C arrays
            self._starts = [0] * 257  # one more: where the last field ends
            self._kinds = [0] * 256
        self.header_count = 0
        self.is_request = False
        self.method_id = 0
        self.status = 0
        self.uri_start = 0
        self.uri_end = 0
        self.line_end = 0
        self.headers_end = 0
        self.body_offset = 0
        self.content_length = -1
        self.cseq_number = 0
        self._method: str | None = None
        self._uri: str | None = None
        self._via: Via | None = None
        self._from: NameAddr | None = None
        self._to: NameAddr | None = None
        self._call_id: bytes | None = None
        self._cseq_method: str | None = None

    # --- the first line ---------------------------------------------------------

    @property
    def method(self) -> str:
        """The method of a request; of a reply that of its CSeq."""
        if self._method is None:
            known = _METHOD_NAMES.get(self.method_id)
            if known is not None:
                self._method = known
            elif self.is_request:
                self._method = text(self.data[: self.uri_start - 1])
            else:
                self._method = self.cseq_method
        return self._method

    @property
    def uri(self) -> str:
        """The Request-URI; empty for a reply."""
        if self._uri is None:
            self._uri = text(self.data[self.uri_start : self.uri_end])
        return self._uri

    @property
    def version(self) -> str:
        return "SIP/2.0"

    @property
    def reason(self) -> str:
        """The reason phrase of a reply; empty for a request."""
        if self.is_request:
            return ""
        return text(self.data[self.uri_start : self.uri_end])

    # --- header fields ----------------------------------------------------------

    def line(self, index: int) -> tuple[int, int]:
        """Start and end of a header field's lines, the line end included."""
        return self._starts[index], self._starts[index + 1]

    def kind(self, index: int) -> int:
        return self._kinds[index]

    def find(self, kind: int, after: int = -1) -> int:
        """The index of the first field of this kind behind `after`; -1 if there is none."""
        i = after + 1
        while i < self.header_count:
            if self._kinds[i] == kind:
                return i
            i += 1
        return -1

    def count(self, kind: int) -> int:
        """How many fields of this kind there are."""
        found = 0
        for i in range(self.header_count):
            if self._kinds[i] == kind:
                found += 1
        return found

    def raw_value(self, index: int) -> bytes:
        """The value of a field as on the wire, trimmed; folded lines as they are."""
        start, end = self.line(index)
        colon = self.data.find(b":", start, end)
        return self.data[colon + 1 : end].strip(b" \t\r\n")

    def name(self, index: int) -> str:
        """The name of a field as it is spelled."""
        start, end = self.line(index)
        colon = self.data.find(b":", start, end)
        return text(self.data[start:colon].rstrip(b" \t"))

    def value(self, kind: int, index: int = 0) -> str | None:
        """The value of the index-th field of this kind (from the end if negative), or None."""
        found = self.indexes(kind)
        try:
            return text(self.raw_value(found[index]))
        except IndexError:
            return None

    def values(self, kind: int) -> list[str]:
        return [text(self.raw_value(i)) for i in self.indexes(kind)]

    def indexes(self, kind: int) -> list[int]:
        """The positions of all fields of this kind."""
        return [i for i in range(self.header_count) if self._kinds[i] == kind]

    def indexes_named(self, name: str) -> list[int]:
        """The positions of all fields of this name, any case, long and compact form alike."""
        kind = header_kind(name)
        if kind != headers.OTHER:
            return self.indexes(kind)
        wanted = name.lower()
        return [i for i in self.indexes(headers.OTHER) if self.name(i).lower() == wanted]

    def named(self, name: str, index: int = 0) -> str | None:
        """As `value`, by name."""
        found = self.indexes_named(name)
        try:
            return text(self.raw_value(found[index]))
        except IndexError:
            return None

    def named_values(self, name: str) -> list[str]:
        return [text(self.raw_value(i)) for i in self.indexes_named(name)]

    def headers(self) -> list[Header]:
        """All fields in order."""
        found = []
        for i in range(self.header_count):
            start, end = self.line(i)
            colon = self.data.find(b":", start, end)
            raw = self.data[colon + 1 : end]
            value = raw.strip(b" \t\r\n")
            value_start = colon + 1 + (len(raw) - len(raw.lstrip(b" \t\r\n")))
            found.append(
                Header(
                    self._kinds[i],
                    text(self.data[start:colon].rstrip(b" \t")),
                    text(value),
                    start,
                    end,
                    value_start,
                    value_start + len(value),
                )
            )
        return found

    # --- fields that nearly every script reads ----------------------------------

    @property
    def via(self) -> Via:
        """The topmost Via value."""
        if self._via is None:
            index = self.find(_VIA)
            start, end = self.line(index)
            colon = self.data.find(b":", start, end)
            self._via = parse_via(self.data, colon + 1, end)
        return self._via

    @property
    def via_count(self) -> int:
        """How many Via values there are, over all lines."""
        return len(self.vias())

    def vias(self) -> list[Via]:
        """All Via values, topmost first; raises SipParseError for one that is broken."""
        found = []
        for index in self.indexes(_VIA):
            start, end = self.line(index)
            colon = self.data.find(b":", start, end)
            for first, last in split_values(self.data, colon + 1, end):
                found.append(parse_via(self.data, first, last))
        return found

    @property
    def from_(self) -> NameAddr:
        if self._from is None:
            self._from = parse_name_addr(self.value(_FROM) or "")
        return self._from

    @property
    def to(self) -> NameAddr:
        if self._to is None:
            self._to = parse_name_addr(self.value(_TO) or "")
        return self._to

    @property
    def contact(self) -> NameAddr | None:
        """The first Contact, or None."""
        value = self.value(headers.CONTACT)
        return None if value is None else parse_name_addr(value)

    @property
    def call_id_bytes(self) -> bytes:
        if self._call_id is None:
            index = self.find(_CALL_ID)
            self._call_id = b"" if index < 0 else self.raw_value(index)
        return self._call_id

    @property
    def call_id(self) -> str:
        return text(self.call_id_bytes)

    @property
    def cseq_method(self) -> str:
        if self._cseq_method is None:
            parts = (self.value(_CSEQ) or "").split()
            self._cseq_method = parts[1] if len(parts) > 1 else ""
        return self._cseq_method

    # --- the body ---------------------------------------------------------------

    @property
    def body_length(self) -> int:
        """Content-Length if there is one, else all that follows the headers."""
        if self.content_length >= 0:
            return self.content_length
        return len(self.data) - self.body_offset

    @property
    def body(self) -> bytes:
        return self.data[self.body_offset : self.body_offset + self.body_length]


def parse(data: bytes) -> Message:
    """Read a message; raises SipParseError (see the head of this file).

    The error carries the message when it is a request that can still be answered.
    """
    message = Message(data)
    _scan_first_line(message)
    _scan_headers(message)
    _check(message)
    return message


def _find_lf(data: bytes, start: int, end: int) -> int:
    """Where the next line feed is, `end` if there is none."""
    if _COMPILED:
        p = data
        while start < end and p[start] != 10:
            start += 1
        return start
    found = data.find(b"\n", start, end)
    return end if found < 0 else found


def _scan_first_line(message: Message) -> None:
    """Request line or status line; leading empty lines are skipped (RFC 3261 section 7.5)."""
    data = message.data
    n = len(data)
    start = 0
    p = data
    while start < n and (p[start] == 13 or p[start] == 10):
        start += 1
    lf = _find_lf(data, start, n)
    if lf >= n:
        raise SipParseError("The first line has no end", start)
    end = lf
    if end > start and p[end - 1] == 13:
        end -= 1
    message.line_end = lf + 1
    line = data[start:end]
    if line[:8].upper() == b"SIP/2.0 ":
        _status_line(message, line, start, end)
        return
    space = line.find(b" ")
    last = line.rfind(b" ")
    if space <= 0 or last == space or line[last + 1 :].upper() != b"SIP/2.0":
        raise SipParseError("The first line is not that of a SIP/2.0 message", start)
    method = line[:space]
    bit = _METHOD_BITS.get(method)
    if bit is None:
        if not _TOKEN.issuperset(method):
            raise SipParseError("The method is not a token", start)
        bit = _OTHER_METHOD
        message._method = text(method)
    message.method_id = bit
    message.is_request = True
    message.uri_start = start + space + 1
    message.uri_end = start + last


def _status_line(message: Message, line: bytes, start: int, end: int) -> None:
    status = line[8:11]
    if not status.isdigit() or (len(line) > 11 and line[11] != 32):
        raise SipParseError("The status code is not a number of three digits", start + 8)
    message.status = int(status)
    if not 100 <= message.status <= 699:
        raise SipParseError("The status code is not within 100 to 699", start + 8)
    message.uri_start = min(start + 12, end)
    message.uri_end = end


def _scan_headers(message: Message) -> None:
    """Find every field, folded lines joined to theirs, and the end of the headers."""
    data = message.data
    p = data
    n = len(data)
    i = message.line_end
    count = 0
    while True:
        if i >= n:
            raise SipParseError("The headers have no end", n)
        first = p[i]
        if first == 10 or (first == 13 and i + 1 < n and p[i + 1] == 10):
            break
        if first == 32 or first == 9:
            if count == 0:
                raise SipParseError("A continued line without a header field", i)
            i = _find_lf(data, i, n) + 1
            continue
        if count >= MAX_HEADERS:
            raise SipParseError("Too many header fields", i)
        message._starts[count] = i
        message._kinds[count] = _field_kind(data, i, n)
        count += 1
        i = _find_lf(data, i, n) + 1
    message._starts[count] = i
    message.header_count = count
    message.headers_end = i
    message.body_offset = i + (1 if p[i] == 10 else 2)


def _field_kind(data: bytes, start: int, end: int) -> int:
    """The kind by the name before the colon."""
    p = data
    i = start
    while i < end and p[i] != 58 and p[i] != 10:
        i += 1
    if i >= end or p[i] == 10:
        raise SipParseError("A header line has no colon", start)
    name = data[start:i]
    kind = KINDS_BY_WIRE.get(name)
    if kind is None:
        kind = KINDS_BY_WIRE.get(name.rstrip(b" \t").lower(), 0)
    return kind


def _check(message: Message) -> None:
    """What a message must have, in the order in which a fault makes it worse to answer."""
    index = message.find(_VIA)
    if index < 0:
        raise SipParseError("Missing Via header field", message.line_end)
    via = message.via  # raises when nobody can be answered
    fault = None
    offset = 0
    for kind, name in _MANDATORY:
        index = message.find(kind)
        if index < 0:
            raise SipParseError(f"Missing {name} header field", message.line_end)
        if fault is None and message.find(kind, index) >= 0:
            fault, offset = f"More than one {name} header field", message.line(index)[0]
    if fault is None:
        fault = _cseq_fault(message) or _content_length_fault(message)
    if fault is None:
        return
    answerable = message if message.is_request and via is not None else None
    raise SipParseError(fault, offset, answerable)


def _cseq_fault(message: Message) -> str | None:
    parts = message.raw_value(message.find(_CSEQ)).split()
    if len(parts) != 2 or not parts[0].isdigit() or len(parts[0]) > 10:
        return "CSeq is not a number and a method"
    number = int(parts[0])
    if number > 0xFFFFFFFF:
        return "CSeq number is too large"
    message.cseq_number = number
    bit = _METHOD_BITS.get(parts[1], _OTHER_METHOD)
    if not message.is_request:
        message.method_id = bit
    elif bit != message.method_id or (
        bit == _OTHER_METHOD and message._method != text(parts[1])
    ):
        return "CSeq method does not match the request method"
    return None


def _content_length_fault(message: Message) -> str | None:
    index = message.find(_CONTENT_LENGTH)
    if index < 0:
        return None
    value = message.raw_value(index)
    if not value.isdigit() or len(value) > 10:
        return "Content-Length is not a number"
    length = int(value)
    if length > _MAX_CONTENT_LENGTH or length > len(message.data) - message.body_offset:
        return "Content-Length is larger than the body"
    message.content_length = length
    return None
