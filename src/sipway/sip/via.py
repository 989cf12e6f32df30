"""The Via header field (RFC 3261 section 20.42, RFC 3581).

    SIP/2.0/UDP host:port;branch=z9hG4bK...;rport

Compiled (see `via.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from sipway.errors import SipParseError


class Via:
    """One Via value: offsets into the message, read lazily. Made by `parse_via`.

    start, end  the value, blanks around it left out
    port        of sent-by, 0 if there is none
    params_at   where the parameters begin, with their semicolon; `end` if there are none
    next_at     where another value follows in the same line, behind the comma; 0 if none does
    branch_start, branch_end       the value of `branch`, both 0 without one
    rport_start, rport_end         the whole parameter `rport`, both 0 without one
    received_start, received_end   the whole parameter `received`, both 0 without one
    """

    def _begin(self, data: bytes, start: int, end: int) -> None:
        self.data = data
        self.start = start
        self.end = end
        self.protocol_start = 0
        self.protocol_end = 0
        self.host_start = 0
        self.host_end = 0
        self.port = 0
        self.params_at = end
        self.next_at = 0
        self.branch_start = 0
        self.branch_end = 0
        self.rport_start = 0
        self.rport_end = 0
        self.received_start = 0
        self.received_end = 0

    @property
    def protocol(self) -> str:
        """The transport in upper case, "UDP"."""
        return _text(self.data[self.protocol_start : self.protocol_end]).upper()

    @property
    def host_bytes(self) -> bytes:
        return self.data[self.host_start : self.host_end]

    @property
    def host(self) -> str:
        """The host of sent-by, IPv6 in brackets."""
        return _text(self.data[self.host_start : self.host_end])

    @property
    def branch_bytes(self) -> bytes:
        return self.data[self.branch_start : self.branch_end]

    @property
    def branch(self) -> str | None:
        return _text(self.branch_bytes) if self.branch_end else None

    @property
    def received(self) -> str | None:
        return self.params.get("received")

    @property
    def has_rport(self) -> bool:
        return self.rport_end != 0

    @property
    def rport_number(self) -> int:
        """The port in `rport`, 0 if there is none or it has none."""
        value = self.params.get("rport") or ""
        return int(value) if value.isdigit() and len(value) < 6 else 0

    @property
    def params(self) -> dict[str, str | None]:
        """Names in lower case -> values as written, None for one without a value."""
        found: dict[str, str | None] = {}
        i = self.params_at
        while i < self.end:
            begin = i + 1
            i = _param_end(self.data, begin, self.end)
            name, equals, value = _text(self.data[begin:i]).partition("=")
            name = name.strip()
            if name:
                found.setdefault(name.lower(), value.strip() if equals else None)
        return found


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def parse_via(data: bytes, start: int, end: int) -> Via:
    """Read the Via value from `start`; it ends at `end` or a comma. Raises SipParseError."""
    p = data
    i = _skip_blanks(data, start, end)
    via = Via.__new__(Via)
    via._begin(data, i, end)
    i = _sent_protocol(via, data, i, end)
    i = _sent_by(via, data, i, end)
    via.params_at = i
    while i < end and p[i] == 59:  # ;
        begin = i + 1
        i = _param_end(data, begin, end)
        _note_param(via, data, begin, i)
    if i < end:
        if p[i] != 44:  # ,
            raise SipParseError("Via has something behind its host that is no parameter", i)
        via.next_at = i + 1
    while i > via.start and p[i - 1] <= 32:
        i -= 1
    via.end = i
    if via.params_at > i:
        via.params_at = i
    return via


def _skip_blanks(data: bytes, i: int, end: int) -> int:
    p = data
    while i < end and (p[i] == 32 or p[i] == 9 or p[i] == 13 or p[i] == 10):
        i += 1
    return i


def _sent_protocol(via: Via, data: bytes, i: int, end: int) -> int:
    """`SIP/2.0/UDP`, blanks around the slashes allowed; returns where it ends.

    The version may be any: a request of another one is told so, if its Via can be read.
    """
    p = data
    if i + 3 > end or (p[i] | 32) != 115 or (p[i + 1] | 32) != 105 or (p[i + 2] | 32) != 112:
        raise SipParseError("Via does not begin with SIP/2.0", i)
    i = _slash(data, i + 3, end)
    if i + 3 > end or not 48 <= p[i] <= 57 or p[i + 1] != 46 or not 48 <= p[i + 2] <= 57:
        raise SipParseError("Via does not begin with SIP/2.0", i)
    i = _slash(data, i + 3, end)
    via.protocol_start = i
    while i < end and p[i] > 32 and p[i] != 59 and p[i] != 44:
        i += 1
    via.protocol_end = i
    if via.protocol_start == i:
        raise SipParseError("Via has no transport", i)
    return i


def _slash(data: bytes, i: int, end: int) -> int:
    """Behind a slash and the blanks around it."""
    p = data
    i = _skip_blanks(data, i, end)
    if i >= end or p[i] != 47:
        raise SipParseError("Via does not begin with SIP/2.0", i)
    return _skip_blanks(data, i + 1, end)


def _sent_by(via: Via, data: bytes, i: int, end: int) -> int:
    """Host and port; returns where the parameters begin."""
    p = data
    i = _skip_blanks(data, i, end)
    via.host_start = i
    if i < end and p[i] == 91:  # [
        while i < end and p[i] != 93:
            i += 1
        if i >= end:
            raise SipParseError("Via has no closing bracket", via.host_start)
        i += 1
    else:
        while i < end and p[i] > 32 and p[i] != 58 and p[i] != 59 and p[i] != 44:
            if p[i] == 34 or p[i] == 60 or p[i] == 62 or p[i] == 64:
                raise SipParseError("Via has a host that is none", i)
            i += 1
    via.host_end = i
    if i == via.host_start:
        raise SipParseError("Via has no host", i)
    i = _skip_blanks(data, i, end)
    if i >= end or p[i] != 58:  # :
        return i
    i = _skip_blanks(data, i + 1, end)
    begin = i
    number = 0
    while i < end and 48 <= p[i] <= 57 and i - begin < 6:
        number = number * 10 + p[i] - 48
        i += 1
    if i == begin or number > 65535:
        raise SipParseError("Via has a port that is none", begin)
    via.port = number
    return _skip_blanks(data, i, end)


def _param_end(data: bytes, i: int, end: int) -> int:
    """Where a parameter ends: at a semicolon or comma outside of quotes."""
    p = data
    quoted = False
    while i < end:
        c = p[i]
        if quoted and c == 92:
            i += 1
        elif c == 34:
            quoted = not quoted
        elif (c == 59 or c == 44) and not quoted:
            return i
        i += 1
    return end


def _note_param(via: Via, data: bytes, begin: int, end: int) -> None:
    """Keep the place of a parameter that nearly every message needs."""
    p = data
    i = _skip_blanks(data, begin, end)
    if i >= end:
        return
    first = p[i] | 32
    if first != 98 and first != 114:  # b, r
        return
    equals = i
    while equals < end and p[equals] != 61:
        equals += 1
    last = end
    while last > begin and p[last - 1] <= 32:
        last -= 1
    name_end = min(equals, last)
    while name_end > i and p[name_end - 1] <= 32:
        name_end -= 1
    if _is(data, i, name_end, b"branch"):
        if not via.branch_end and equals < last:
            via.branch_start = _skip_blanks(data, equals + 1, last)
            via.branch_end = last
    elif _is(data, i, name_end, b"rport"):
        if not via.rport_end:
            via.rport_start = begin
            via.rport_end = last
    elif _is(data, i, name_end, b"received") and not via.received_end:
        via.received_start = begin
        via.received_end = last


def _is(data: bytes, start: int, end: int, name: bytes) -> bool:
    """Whether a piece is this name, which is in small letters, in any case."""
    p = data
    q = name
    if end - start != len(name):
        return False
    for k in range(end - start):
        if p[start + k] | 32 != q[k]:
            return False
    return True
