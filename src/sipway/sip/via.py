"""The Via header field (RFC 3261 section 20.42, RFC 3581).

    SIP/2.0/UDP host:port;branch=z9hG4bK...;rport
"""

from __future__ import annotations

from collections.abc import Iterator

from sipway.errors import SipParseError


class Via:
    """One Via value, with the offsets that are needed to write it anew.

    protocol    transport in upper case: "UDP"
    host        sent-by host, IPv6 in brackets
    port        sent-by port, 0 if there is none
    params      names in lower case -> value, None for one without a value
    start, end  the value in the message, blanks around it left out
    host_end    where sent-by ends: parameters follow
    rport_start, rport_end   where `rport` stands (with its value), 0 if nowhere
    received_start, received_end   likewise, the value of `received`
    """

    def __init__(self, protocol: str, host: str, port: int, start: int, end: int) -> None:
        self.protocol = protocol
        self.host = host
        self.port = port
        self.start = start
        self.end = end
        self.params: dict[str, str | None] = {}
        self.rport_start = 0
        self.rport_end = 0
        self.received_start = 0
        self.received_end = 0
        self.branch_bytes = b""

    @property
    def branch(self) -> str | None:
        return self.params.get("branch")

    @property
    def received(self) -> str | None:
        return self.params.get("received")

    @property
    def has_rport(self) -> bool:
        return "rport" in self.params

    @property
    def rport_number(self) -> int:
        """The port in `rport`, 0 if there is none or it has none."""
        value = self.params.get("rport")
        return int(value) if value is not None and value.isdigit() else 0


def parse_via(data: bytes, start: int, end: int) -> Via:
    """Read the first Via value between `start` and `end`; raises SipParseError."""
    first, last = next(split_values(data, start, end), (start, start))
    value = data[first:last]
    slash = value.find(b"/")
    second = value.find(b"/", slash + 1)
    if slash < 0 or second < 0 or value[:slash].strip().upper() != b"SIP":
        raise SipParseError("Via is not of SIP/2.0", first)
    if value[slash + 1 : second].strip() != b"2.0":
        raise SipParseError("Via is not of SIP/2.0", first)
    rest = second + 1
    while rest < len(value) and value[rest] in b" \t\r\n":
        rest += 1
    space = rest
    while space < len(value) and value[space] not in b" \t\r\n;":
        space += 1
    protocol = value[rest:space].decode("ascii", "replace").upper()
    semicolon = value.find(b";", space)
    if semicolon < 0:
        semicolon = len(value)
    sent_by = value[space:semicolon].strip(b" \t\r\n")
    host, port = _sent_by(sent_by, first)
    via = Via(protocol, host, port, first, last)
    _read_params(via, value, semicolon, first)
    return via


def _sent_by(sent_by: bytes, offset: int) -> tuple[str, int]:
    text = sent_by.decode("utf-8", "surrogateescape")
    if text.startswith("["):
        bracket = text.find("]")
        if bracket < 0:
            raise SipParseError("Via has no closing bracket", offset)
        host, tail = text[: bracket + 1], text[bracket + 1 :].strip()
        port = tail[1:].strip() if tail.startswith(":") else ""
    else:
        host, _, port = text.partition(":")
        host, port = host.strip(), port.strip()
    if not host or any(c in ' \t"<>@,' for c in host):
        raise SipParseError("Via has no host", offset)
    if not port:
        return host, 0
    if not (port.isascii() and port.isdigit()) or len(port) > 5 or int(port) > 65535:
        raise SipParseError("Via has a port that is none", offset)
    return host, int(port)


def _read_params(via: Via, value: bytes, semicolon: int, base: int) -> None:
    i = semicolon
    n = len(value)
    while i < n:
        begin = i + 1
        i = _param_end(value, begin)
        part = value[begin:i]
        equals = part.find(b"=")
        name = (part if equals < 0 else part[:equals]).strip(b" \t\r\n").lower()
        raw = None if equals < 0 else part[equals + 1 :].strip(b" \t\r\n")
        if not name:
            continue
        via.params.setdefault(
            name.decode("utf-8", "surrogateescape"),
            None if raw is None else raw.decode("utf-8", "surrogateescape"),
        )
        if name == b"branch" and raw is not None:
            via.branch_bytes = raw
        elif name == b"rport" and not via.rport_end:
            via.rport_start, via.rport_end = base + begin, base + begin + len(part.rstrip())
        elif name == b"received" and not via.received_end:
            via.received_start, via.received_end = base + begin, base + begin + len(part.rstrip())


def _param_end(value: bytes, start: int) -> int:
    """Where a parameter ends: the next semicolon outside of quotes."""
    n = len(value)
    i = value.find(b";", start)
    quote = value.find(b'"', start)
    if quote < 0 or (0 <= i < quote):
        return n if i < 0 else i
    i = start
    quoted = False
    while i < n:
        c = value[i]
        if quoted and c == 92:
            i += 1
        elif c == 34:
            quoted = not quoted
        elif c == 59 and not quoted:
            return i
        i += 1
    return n


def split_values(data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The comma-separated values of a field, blanks around each left out.

    A comma inside quotes or angle brackets does not separate.
    """
    begin = i = start
    quoted = angled = False
    while i <= end:
        c = data[i] if i < end else 44
        if quoted:
            if c == 92:
                i += 1
            elif c == 34:
                quoted = False
            if i < end:
                i += 1
                continue
        if c == 34 and i < end:
            quoted = True
        elif c == 60:
            angled = True
        elif c == 62:
            angled = False
        elif c == 44 and (not angled or i >= end):
            first, last = begin, min(i, end)
            while first < last and data[first] in b" \t\r\n":
                first += 1
            while last > first and data[last - 1] in b" \t\r\n":
                last -= 1
            if first < last:
                yield first, last
            begin = i + 1
        i += 1
