"""Requests that go to the next hop only: the ACK to a failure, and CANCEL.

Both are made of the request that was sent (RFC 3261 sections 9.1 and 17.1.1.3): its
Request-URI, topmost Via, From, Call-ID, Route and the number of its CSeq.
"""

from __future__ import annotations

from sipway.sip import headers
from sipway.sip.message import Message, parse

_MAX_FORWARDS = b"Max-Forwards: 70\r\n"
_COPIED = frozenset((headers.FROM, headers.CALL_ID, headers.ROUTE))


def ack(sent: bytes, reply: Message, kept: str = "") -> bytes:
    """The ACK to a reply of 300 to 699; its To is that of the reply.

    `kept`: how the names of further header fields begin that it takes over, "" for none.
    """
    start, end = reply.line(reply.find(headers.TO))
    return _hop_request(sent, b"ACK", reply.data[start:end], b"", kept)


def cancel(sent: bytes, extra: bytes = b"", kept: str = "") -> bytes:
    """The CANCEL of a request that was sent. `extra`: complete header lines (a Reason, say).

    `kept` as for `ack`.
    """
    return _hop_request(sent, b"CANCEL", None, extra, kept)


def _hop_request(sent: bytes, method: bytes, to: bytes | None, extra: bytes, kept: str) -> bytes:
    request = parse(sent)
    data = request.data
    via = request.via
    lines = [
        b"%b %b SIP/2.0\r\n" % (method, data[request.uri_start : request.uri_end]),
        b"Via: %b\r\n" % data[via.start : via.end],
    ]
    for index in range(request.header_count):
        kind = request.kind(index)
        start, end = request.line(index)
        if kind in _COPIED:
            lines.append(data[start:end])
        elif kind == headers.TO:
            lines.append(data[start:end] if to is None else to)
        elif kind == headers.CSEQ:
            lines.append(b"CSeq: %d %b\r\n" % (request.cseq_number, method))
        elif kind == headers.MAX_FORWARDS:
            lines.append(_MAX_FORWARDS)
        elif kept and request.name(index).lower().startswith(kept):
            lines.append(data[start:end])
    if request.find(headers.MAX_FORWARDS) < 0:
        lines.append(_MAX_FORWARDS)
    lines.append(b"Content-Length: 0\r\n")
    lines.append(extra)
    lines.append(b"\r\n")
    return b"".join(lines)
