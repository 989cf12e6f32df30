"""Message and edits to bytes, in one pass.

Compiled (see `build.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from collections.abc import Iterable

from sipway.sip import headers
from sipway.sip._bytes import Writer
from sipway.sip.addresses import ip_text, port
from sipway.sip.edits import Edit, apply_edits, edit, edited
from sipway.sip.message import Message
from sipway.sip.via import Via

_VIA = headers.VIA
_FROM = headers.FROM
_TO = headers.TO
_CALL_ID = headers.CALL_ID
_CSEQ = headers.CSEQ
_RECORD_ROUTE = headers.RECORD_ROUTE
_TIMESTAMP = headers.TIMESTAMP

# The bound keeps a flood of forged sources, or of reasons made from the wire, harmless.
_REMEMBERED = 1024
_status_lines: dict[str, tuple[bytes, int]] = {}
_rports: dict[bytes, bytes] = {}
_receiveds: dict[bytes, bytes] = {}

# One for all replies: it is filled and emptied within one call of reply().
_writer = Writer()


def reply(
    message: Message,
    status: int,
    reason: str,
    to_tag: bytes,
    source: bytes,
    force_rport: bool = False,
    server: bytes = b"",
    extra: bytes = b"",
    body: bytes = b"",
) -> bytes:
    """The reply to a request (RFC 3261 section 8.2.6), complete.

    `source` is the raw sockaddr of the sender: `received` and `rport` of the topmost Via are
    filled in from it (18.2.1, RFC 3581). `to_tag` is added where To has no tag. `server` and
    `extra` are complete header lines. Record-Route is copied to 18x and 2xx replies, Timestamp
    to 100.
    """
    data = message.data
    p = data
    writer = _writer
    writer.clear()
    writer.add(_status_line(status, reason))
    record_route = 180 <= status <= 189 or 200 <= status <= 299
    topmost = True
    copied = 0  # bits of kinds of which there is one: of a doubled one the first
    for index in range(message.header_count):
        kind = message._kinds[index]
        start = message._starts[index]
        end = message._starts[index + 1]
        if kind == _VIA:
            if topmost:
                topmost = False
                _add_topmost_via(writer, message, start, end, source, force_rport)
            else:
                writer.add_slice(data, start, end)
        elif kind == _TO:
            if copied & 1 << _TO:
                continue
            copied |= 1 << _TO
            if status > 100 and not _has_tag(data, start, end):
                while p[end - 1] <= 32:
                    end -= 1
                writer.add_slice(data, start, end)
                writer.add(b";tag=")
                writer.add(to_tag)
                writer.add(b"\r\n")
            else:
                writer.add_slice(data, start, end)
        elif kind == _FROM or kind == _CALL_ID or kind == _CSEQ:
            if not copied & 1 << kind:
                copied |= 1 << kind
                writer.add_slice(data, start, end)
        elif (kind == _RECORD_ROUTE and record_route) or (kind == _TIMESTAMP and status == 100):
            writer.add_slice(data, start, end)
    writer.add(extra)
    writer.add(server)
    if body:
        writer.add(b"Content-Length: %d\r\n\r\n" % len(body))
        writer.add(body)
    else:
        writer.add(b"Content-Length: 0\r\n\r\n")
    return writer.take()


def _has_tag(data: bytes, i: int, end: int) -> bool:
    """Whether the From or To field between `i` and `end` has the parameter `tag`."""
    p = data
    quoted = angled = False
    while i + 3 < end:
        c = p[i]
        if quoted:
            if c == 92:
                i += 1
            elif c == 34:
                quoted = False
        elif c == 34:
            quoted = True
        elif c == 60:
            angled = True
        elif c == 62:
            angled = False
        elif c == 59 and not angled:
            i += 1
            while i < end and p[i] <= 32:
                i += 1
            if (
                i + 3 < end
                and (p[i] | 32) == 116
                and (p[i + 1] | 32) == 97
                and (p[i + 2] | 32) == 103
                and (p[i + 3] == 61 or p[i + 3] <= 32)
            ):
                return True
            continue
        i += 1
    return False


def _add_topmost_via(
    writer: Writer, message: Message, start: int, end: int, source: bytes, force: bool
) -> None:
    """The line of the topmost Via, with `received` and `rport` filled in.

    `rport` is filled in where it stands, or put behind the last parameter where it is forced;
    `received` comes last. What the client wrote there itself is left out.
    """
    data = message.data
    via = message._read_via()
    asks = via.rport_end != 0
    tells_ip = asks or not _same_host(via, source)
    if not force and not tells_ip:
        writer.add_slice(data, start, end)
        return
    position = start
    if via.received_end and via.received_end <= via.rport_start:
        writer.add_slice(data, position, via.received_start - 1)
        position = via.received_end
    if asks:
        writer.add_slice(data, position, via.rport_start)
        writer.add(_rport(source))
        position = via.rport_end
    if via.received_end and via.received_start >= position:
        writer.add_slice(data, position, via.received_start - 1)
        position = via.received_end
    writer.add_slice(data, position, via.end)
    if not asks and force:
        writer.add(b";")
        writer.add(_rport(source))
    if tells_ip:
        writer.add(_received(source))
    writer.add_slice(data, via.end, end)


def _status_line(status: int, reason: str) -> bytes:
    """The first line of a reply, complete. A server gives the same few again and again."""
    line = _status_lines.get(reason)
    if line is not None and line[1] == status:
        return line[0]
    made = b"SIP/2.0 %d %s\r\n" % (status, reason.encode("utf-8", "surrogateescape"))
    if len(_status_lines) >= _REMEMBERED:
        _status_lines.clear()
    _status_lines[reason] = (made, status)
    return made


def _rport(source: bytes) -> bytes:
    rport = _rports.get(source)
    if rport is None:
        rport = b"rport=%d" % port(source)
        if len(_rports) >= _REMEMBERED:
            _rports.clear()
        _rports[source] = rport
    return rport


def _received(source: bytes) -> bytes:
    received = _receiveds.get(source)
    if received is None:
        received = b";received=" + ip_text(source).encode()
        if len(_receiveds) >= _REMEMBERED:
            _receiveds.clear()
        _receiveds[source] = received
    return received


def _same_host(via: Via, source: bytes) -> bool:
    """Whether the host of sent-by is the address that the message came from."""
    p = via.data
    if p[via.host_start] == 91 or len(source) != 16:
        return via.host_bytes.strip(b"[]").lower() == ip_text(source).encode()
    # Dotted decimal against the four bytes of a sockaddr_in, without making text of them.
    i = via.host_start
    q = source
    for part in range(4):
        number = 0
        begin = i
        while i < via.host_end and 48 <= p[i] <= 57 and i - begin < 3:
            number = number * 10 + p[i] - 48
            i += 1
        if i == begin or number != q[4 + part]:
            return False
        if part < 3:
            if i >= via.host_end or p[i] != 46:
                return False
            i += 1
    return i == via.host_end


def forwarded_reply(
    message: Message, edits: Iterable[Edit] = (), status: int = 0, reason: str = ""
) -> tuple[bytes, Via]:
    """A reply without its topmost Via value, and the Via it goes to.

    Raises IndexError when there is no second Via.
    """
    second = message.vias()[1]
    changes = [_without_topmost(message), *edits]
    if status:
        changes.append(edit(0, message.line_end, _status_line(status, reason)))
    return edited(message, changes), second


def passed_on_reply(message: Message, edits: Iterable[Edit] | None = None) -> bytes | None:
    """A reply without its topmost Via value; None when there is no other.

    Unlike `forwarded_reply` it does not say where that leads: whoever passes it on knows.
    """
    via = message._read_via()
    if via.next_at:
        if len(message.vias()) < 2:
            return None
    elif message.find(_VIA, message.find(_VIA)) < 0:
        return None
    cut = _without_topmost(message)
    if edits:
        return edited(message, [cut, *edits])
    return apply_edits(message.data, [cut])


def _without_topmost(message: Message) -> Edit:
    """What takes the topmost Via value out, its line with it if it stands alone there."""
    via = message._read_via()
    index = message.find(_VIA)
    if via.next_at:
        return edit(via.start, _behind_blanks(message.data, via.next_at), b"")
    return edit(message._starts[index], message._starts[index + 1], b"")


def _behind_blanks(data: bytes, at: int) -> int:
    p = data
    while p[at] <= 32:  # a Via follows: parse_via() has seen it
        at += 1
    return at


def forwarded_request(
    message: Message,
    via: bytes,
    source: bytes,
    uri: bytes | None = None,
    force_rport: bool = False,
    edits: Iterable[Edit] = (),
    single: bool = False,
) -> bytes:
    """A request as it is sent on, with a Via on top (RFC 3261 section 16.6).

    `via` is a complete header line. `source` is the raw sockaddr of the sender: `received` and
    `rport` of the Via below are filled in from it (18.2.1, RFC 3581). `uri` takes the place of
    the Request-URI. `single`: the other Vias are left out.
    """
    start = message._starts[message.find(_VIA)]
    changes = list(edits)
    if uri is not None:
        changes.append(edit(message.uri_start, message.uri_end, uri))
    changes.append(edit(start, start, via))
    if single:
        changes += [Edit(*message.line(each), b"") for each in message.indexes(_VIA)]
    else:
        _add_topmost_via_edits(changes, message, source, force_rport)
    return edited(message, changes)


def _add_topmost_via_edits(
    changes: list[Edit], message: Message, source: bytes, force: bool
) -> None:
    """`received` and `rport` filled in where they stand, else put behind host and port."""
    via = message._read_via()
    asks = via.rport_end != 0
    if force and not asks:
        changes.append(edit(via.params_at, via.params_at, b";" + _rport(source)))
    if asks or not _same_host(via, source):
        received = _received(source)
        if via.received_end:
            changes.append(edit(via.received_start, via.received_end, received[1:]))
        else:
            changes.append(edit(via.params_at, via.params_at, received))
    if asks:
        changes.append(edit(via.rport_start, via.rport_end, _rport(source)))
