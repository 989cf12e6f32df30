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

Compiled (see `message.pxd`); the same file runs uncompiled. It is long as `Message` is one
compiled class: its methods read the same offsets, and none of them goes through Python.
"""

from __future__ import annotations

from typing import Final

from sipway.errors import SipParseError
from sipway.sip import headers
from sipway.sip._bytes import field_kind, fingerprint, line_feed, text_of
from sipway.sip.headers import Header, header_kind
from sipway.sip.methods import METHODS
from sipway.sip.nameaddr import NameAddr, parse_name_addr
from sipway.sip.via import Via, parse_via

MAX_HEADERS: Final = 256
_COMPILED: Final = not __file__.endswith(".py")

_OTHER_METHOD: Final = 32768
_METHOD_BITS: Final[dict[bytes, int]] = {name.encode(): bit for name, bit in METHODS.items()}
_METHOD_NAMES: Final[dict[int, str]] = {bit: name for name, bit in METHODS.items()}
_TOKEN: Final = frozenset(
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~"
)
_VIA = headers.VIA
_FROM = headers.FROM
_TO = headers.TO
_CALL_ID = headers.CALL_ID
_CSEQ = headers.CSEQ
_CONTENT_LENGTH = headers.CONTENT_LENGTH
_USER_AGENT = headers.USER_AGENT
_NO_NAME = 255
_SEED = 2166136261


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

    def _begin(self, data: bytes) -> None:
        self.data = data
        if not _COMPILED:  # there they are C arrays
            self._starts = [0] * 257  # one more: where the last field ends
            self._kinds = [0] * 256
        self.header_count = 0
        self.is_request = False
        self.method_id = 0
        self.status = 0
        self.method_start = 0
        self.uri_start = 0
        self.uri_end = 0
        self.line_end = 0
        self.headers_end = 0
        self.body_offset = 0
        self.content_length = -1
        self.cseq_number = 0
        self._fault: str | None = None
        self._fault_at = 0
        self._is_other_version = False
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
    def method_bytes(self) -> bytes:
        """The method of a request as on the wire."""
        return self._read_method()

    def _read_method(self) -> bytes:
        return self.data[self.method_start : self.uri_start - 1]

    @property
    def uri(self) -> str:
        """The Request-URI; empty for a reply."""
        return self._read_uri()

    def _read_uri(self) -> str:
        if self._uri is None:
            if not self.is_request:
                return ""
            self._uri = text_of(self.data, self.uri_start, self.uri_end)
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
        end = self._starts[index + 1]
        start = _value_start(self.data, self._starts[index], end)
        return self.data[start : _value_end(self.data, start, end)]

    def value_start(self, index: int) -> int:
        """Where the value of a field begins, blanks before it left out."""
        return _value_start(self.data, self._starts[index], self._starts[index + 1])

    def value_end(self, index: int) -> int:
        """Where the value of a field ends, blanks behind it left out."""
        end = self._starts[index + 1]
        return _value_end(self.data, _value_start(self.data, self._starts[index], end), end)

    def text_value(self, index: int) -> str:
        """The value of a field as text, trimmed; folded lines as they are."""
        end = self._starts[index + 1]
        start = _value_start(self.data, self._starts[index], end)
        return text_of(self.data, start, _value_end(self.data, start, end))

    def name(self, index: int) -> str:
        """The name of a field as it is spelled; of a line without a colon all of it."""
        start, end = self.line(index)
        colon = self.data.find(b":", start, end)
        return text(self.data[start : colon if colon >= 0 else end].rstrip())

    def value(self, kind: int, index: int = 0) -> str | None:
        """The value of the index-th field of this kind (from the end if negative), or None."""
        if index == 0:
            first = self.find(kind)
            return None if first < 0 else self.text_value(first)
        found = self.indexes(kind)
        try:
            return self.text_value(found[index])
        except IndexError:
            return None

    def values(self, kind: int) -> list[str]:
        return [self.text_value(i) for i in self.indexes(kind)]

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
            return self.text_value(found[index])
        except IndexError:
            return None

    def named_values(self, name: str) -> list[str]:
        return [self.text_value(i) for i in self.indexes_named(name)]

    def headers(self) -> list[Header]:
        """All fields in order."""
        found = []
        for i in range(self.header_count):
            start, end = self.line(i)
            value_start = _value_start(self.data, start, end)
            value_end = _value_end(self.data, value_start, end)
            found.append(
                Header(
                    self._kinds[i],
                    self.name(i),
                    text_of(self.data, value_start, value_end),
                    start,
                    end,
                    value_start,
                    value_end,
                )
            )
        return found

    # --- fields that nearly every script reads ----------------------------------

    @property
    def via(self) -> Via:
        """The topmost Via value."""
        return self._read_via()

    def _read_via(self) -> Via:
        if self._via is None:
            index = self.find(_VIA)
            end = self._starts[index + 1]
            self._via = parse_via(self.data, _value_start(self.data, self._starts[index], end), end)
        return self._via

    @property
    def via_count(self) -> int:
        """How many Via values there are, over all lines."""
        return len(self.vias())

    def vias(self) -> list[Via]:
        """All Via values, topmost first, up to the first one that cannot be read."""
        found: list[Via] = []
        for index in self.indexes(_VIA):
            try:
                self._add_vias(found, index)
            except SipParseError:
                break
        return found

    def _add_vias(self, found: list[Via], index: int) -> None:
        """The values of one line; raises SipParseError for one that is broken."""
        start, end = self.line(index)
        at = self.data.find(b":", start, end) + 1
        while at < end:
            via = parse_via(self.data, at, end)
            found.append(via)
            at = via.next_at or end

    @property
    def from_(self) -> NameAddr:
        return self._read_from()

    def _read_from(self) -> NameAddr:
        if self._from is None:
            self._from = parse_name_addr(self.value(_FROM) or "")
        return self._from

    @property
    def to(self) -> NameAddr:
        return self._read_to()

    def _read_to(self) -> NameAddr:
        if self._to is None:
            self._to = parse_name_addr(self.value(_TO) or "")
        return self._to

    # What most scripts ask for, each as text or None.

    @property
    def from_uri(self) -> str | None:
        return self._read_from().uri or None

    @property
    def from_user(self) -> str | None:
        return _user(self._read_from())

    @property
    def from_host(self) -> str | None:
        return _host(self._read_from())

    @property
    def to_uri(self) -> str | None:
        return self._read_to().uri or None

    @property
    def to_user(self) -> str | None:
        return _user(self._read_to())

    @property
    def to_host(self) -> str | None:
        return _host(self._read_to())

    @property
    def user_agent(self) -> str | None:
        return self.value(_USER_AGENT)

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
        return self.value(_CALL_ID) or ""

    def fingerprint(self) -> int:
        """32 bits from Call-ID and branch: the same for a request and its retransmissions."""
        via = self._read_via()
        seed = fingerprint(self.data, via.branch_start, via.branch_end, _SEED)
        index = self.find(_CALL_ID)
        if index < 0:
            return seed
        start, end = self._starts[index], self._starts[index + 1]
        return fingerprint(self.data, start, end, seed)

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


def _user(address: NameAddr) -> str | None:
    uri = address._read_uri()
    return None if uri is None else uri.user or None


def _host(address: NameAddr) -> str | None:
    uri = address._read_uri()
    return None if uri is None else uri.host or None


def parse(data: bytes) -> Message:
    """Read a message; raises SipParseError (see the head of this file).

    The error carries the message when it is a request that can still be answered.
    """
    message = Message.__new__(Message)
    message._begin(data)
    _scan_first_line(message)
    _scan_headers(message)
    _check(message)
    return message


def _scan_first_line(message: Message) -> None:
    """Request line or status line; leading empty lines are skipped (RFC 3261 section 7.5)."""
    data = message.data
    p = data
    n = len(data)
    start = 0
    while start < n and (p[start] == 13 or p[start] == 10):
        start += 1
    lf = line_feed(data, start, n)
    if lf >= n:
        raise SipParseError("The first line has no end", start)
    end = lf
    if end > start and p[end - 1] == 13:
        end -= 1
    message.line_end = lf + 1
    if end - start > 8 and _is_version(data, start) and p[start + 7] == 32:
        _status_line(message, p[start:end], start, end)
        return
    space = start
    while space < end and p[space] != 32:
        space += 1
    while end > start and (p[end - 1] == 32 or p[end - 1] == 9):
        end -= 1
        _note_fault(message, "The first line has blanks at its end", end)
    if end - start < 12 or end - 8 <= space or p[end - 8] != 32 or not _is_sip(data, end - 7):
        raise SipParseError("The first line is not that of a SIP message", start)
    if not _is_version(data, end - 7):
        message._is_other_version = True
        _note_fault(message, "SIP version not supported", end - 7)
    method = p[start:space]
    bit = _METHOD_BITS.get(method, _OTHER_METHOD)
    if bit == _OTHER_METHOD:
        if not method or not _TOKEN.issuperset(method):
            raise SipParseError("The method is not a token", start)
        message._method = text(method)
    message.method_id = bit
    message.method_start = start
    message.is_request = True
    message.uri_start = space + 1
    message.uri_end = end - 8
    for i in range(space + 1, end - 8):
        if p[i] <= 32 or p[i] == 60 or p[i] == 62:
            _note_fault(message, "The Request-URI has blanks or brackets in it", i)
            break
    if end - 8 == space + 1:
        _note_fault(message, "The Request-URI is empty", space)


def _is_sip(data: bytes, i: int) -> bool:
    """Whether `SIP/` and a version such as 7.0 stand here, in any case."""
    p = data
    return (
        (p[i] | 32) == 115
        and (p[i + 1] | 32) == 105
        and (p[i + 2] | 32) == 112
        and p[i + 3] == 47
        and 48 <= p[i + 4] <= 57
        and p[i + 5] == 46
        and 48 <= p[i + 6] <= 57
    )


def _is_version(data: bytes, i: int) -> bool:
    """Whether `SIP/2.0` stands here, in any case."""
    p = data
    return _is_sip(data, i) and p[i + 4] == 50 and p[i + 6] == 48


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
    """Find every field, folded lines joined to theirs, and the end of the headers.

    A fault is noted, and the fields around it are found all the same: they may be enough to
    answer the request.
    """
    data = message.data
    p = data
    n = len(data)
    i = message.line_end
    count = 0
    while True:
        if i >= n:
            if i > n and count:  # the last line has no end: there may be more of it
                count -= 1
                n = message._starts[count]
                if message._fault_at >= n:
                    message._fault = None
            _note_fault(message, "The headers have no end", n)
            _end_headers(message, count, n, n)
            return
        first = p[i]
        if first == 10 or (first == 13 and i + 1 < n and p[i + 1] == 10):
            break
        if first == 32 or first == 9:
            if count == 0:
                _note_fault(message, "A continued line without a header field", i)
            i = line_feed(data, i, n) + 1
            continue
        if count >= MAX_HEADERS:
            _note_fault(message, "Too many header fields", i)
            _end_headers(message, count, i, n)
            return
        message._starts[count] = i
        kind = _field_kind(data, i, n)
        if kind == _NO_NAME:
            _note_fault(message, "A header line has no name and colon", i)
            kind = 0
        message._kinds[count] = kind
        count += 1
        i = line_feed(data, i, n) + 1
    body = i + 1
    if p[i] == 13:
        body += 1
    _end_headers(message, count, i, body)


def _end_headers(message: Message, count: int, end: int, body: int) -> None:
    message._starts[count] = end
    message.header_count = count
    message.headers_end = end
    message.body_offset = body


def _note_fault(message: Message, fault: str, at: int) -> None:
    """Keep what is wrong with a message, if it is the first thing."""
    if message._fault is None:
        message._fault = fault
        message._fault_at = at


def _field_kind(data: bytes, start: int, end: int) -> int:
    """The kind by the name before the colon, whatever its case; `_NO_NAME` without one."""
    p = data
    i = start
    while i < end and p[i] != 58 and p[i] != 10:
        i += 1
    if i >= end or p[i] == 10:
        return _NO_NAME
    while i > start and p[i - 1] <= 32:
        i -= 1
    if i == start:
        return _NO_NAME
    return field_kind(data, start, i)


def _check(message: Message) -> None:
    """What a message must have, in the order in which a fault makes it worse to answer."""
    vias = froms = tos = call_ids = cseqs = lengths = 0
    cseq = length = 0
    for i in range(message.header_count):
        kind = message._kinds[i]
        if kind == _VIA:
            vias += 1
        elif kind == _FROM:
            froms += 1
        elif kind == _TO:
            tos += 1
        elif kind == _CALL_ID:
            call_ids += 1
        elif kind == _CSEQ:
            cseqs += 1
            cseq = i
        elif kind == _CONTENT_LENGTH:
            lengths += 1
            length = i
    if vias == 0:
        raise SipParseError("Missing Via header field", message.line_end)
    via = message._read_via()  # raises: without it nobody can be answered
    if via.next_at:
        _check_vias(message)
    if froms != 1 or tos != 1 or call_ids != 1 or cseqs != 1:
        _raise_count(message, froms, tos, call_ids, cseqs)
    fault = _cseq_fault(message, cseq)
    if fault is not None:
        _note_fault(message, fault, message._starts[cseq])
    if lengths > 1:
        _note_fault(message, "More than one Content-Length header field", message.line_end)
    elif lengths == 1 and message._fault is None:
        fault = _content_length_fault(message, length)
        if fault is not None:
            _note_fault(message, fault, message._starts[length])
    if message._fault is not None:
        _raise_fault(message)


def _check_vias(message: Message) -> None:
    """The Vias that share a line with the topmost one."""
    try:
        message._add_vias([], message.find(_VIA))
    except SipParseError as error:
        _note_fault(message, error.reason, error.offset)


def _raise_count(message: Message, froms: int, tos: int, call_ids: int, cseqs: int) -> None:
    """Raise for a field that is missing, or else there more than once."""
    counts = (("From", froms), ("To", tos), ("Call-ID", call_ids), ("CSeq", cseqs))
    for name, found in counts:
        if found == 0:
            missing = f"Missing {name} header field"
            raise SipParseError(message._fault or missing, message.line_end)
    name = next(name for name, found in counts if found > 1)
    _note_fault(message, f"More than one {name} header field", message.line_end)
    _raise_fault(message)


def _raise_fault(message: Message) -> None:
    """Raise for the fault that was noted."""
    raise SipParseError(
        message._fault or "",
        message._fault_at,
        message if message.is_request else None,
        505 if message._is_other_version else 400,
    )


def _cseq_fault(message: Message, index: int) -> str | None:
    """What is wrong with CSeq; its number is kept, of a reply its method too."""
    data = message.data
    p = data
    end = message._starts[index + 1]
    i = _value_start(data, message._starts[index], end)
    begin = i
    number = 0
    while i < end and 48 <= p[i] <= 57 and i - begin < 11:
        number = number * 10 + p[i] - 48
        i += 1
    if i - begin == 11 and 48 <= p[i] <= 57:
        return "CSeq number is too large"
    if i == begin or i >= end or p[i] > 32:
        return "CSeq is not a number and a method"
    if number > 0xFFFFFFFF:
        return "CSeq number is too large"
    message.cseq_number = number
    while i < end and p[i] <= 32:
        i += 1
    while end > i and p[end - 1] <= 32:
        end -= 1
    if i == end:
        return "CSeq is not a number and a method"
    for k in range(i, end):
        if p[k] == 32 or p[k] == 9:
            return "CSeq is not a number and a method"
    if not message.is_request:
        message.method_id = _METHOD_BITS.get(p[i:end], _OTHER_METHOD)
        return None
    method = message.method_start
    if end - i != message.uri_start - 1 - method:
        return "CSeq method does not match the request method"
    for k in range(end - i):
        if p[i + k] != p[method + k]:
            return "CSeq method does not match the request method"
    return None


def _content_length_fault(message: Message, index: int) -> str | None:
    data = message.data
    p = data
    end = message._starts[index + 1]
    i = _value_start(data, message._starts[index], end)
    while end > i and p[end - 1] <= 32:
        end -= 1
    begin = i
    length = 0
    while i < end and 48 <= p[i] <= 57 and i - begin < 10:
        length = length * 10 + p[i] - 48
        i += 1
    if i == begin or i < end:
        return "Content-Length is not a number"
    if length > len(data) - message.body_offset:
        return "Content-Length is larger than the body"
    message.content_length = length
    return None


def _value_start(data: bytes, i: int, end: int) -> int:
    """Where the value of the field begins, behind the colon and blanks."""
    p = data
    while i < end and p[i] != 58:
        i += 1
    i += 1
    while i < end and p[i] <= 32:
        i += 1
    return i


def _value_end(data: bytes, start: int, end: int) -> int:
    """Where a value that begins at `start` ends, the blanks behind it left out."""
    p = data
    while end > start and p[end - 1] <= 32:
        end -= 1
    return end
