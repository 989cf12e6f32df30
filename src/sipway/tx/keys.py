"""By what a message finds its transaction (RFC 3261 sections 17.1.3 and 17.2.3).

Pure functions from a Message to a key. A key of a request:

- with a branch that begins with the magic cookie: branch, sent-by and method, the method of an ACK
  or a CANCEL being that of what it belongs to;
- of a client of RFC 2543: Request-URI, From, Call-ID, CSeq number, topmost Via and method. The To
  is left out: the tag of an ACK's is one that the server made.

Compiled (see `keys.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from sipway.sip import headers
from sipway.sip._bytes import Writer
from sipway.sip.message import Message

_COOKIE = b"z9hG4bK"

_FROM = headers.FROM
_CSEQ = headers.CSEQ
_INVITE = b"INVITE"

_NOT_OURS: tuple[bytes, int] = (b"", -1)

_MANY = 16
_ENDS = tuple(b".%d" % index for index in range(_MANY))

# One for all keys: it is filled and emptied within one call of _key().
_writer = Writer()


def request_key(message: Message) -> bytes:
    """The key of the transaction that a request makes, or is a retransmission of."""
    return _key(message, message._read_method())


def invite_key(message: Message) -> bytes:
    """The key of the INVITE that an ACK, or a CANCEL, belongs to.

    A CANCEL may belong to something else than an INVITE (RFC 3261 section 9.2); RFC 4320 and all
    who came after cancel INVITEs only.
    """
    return _key(message, _INVITE)


def _key(message: Message, method: bytes) -> bytes:
    via = message._read_via()
    data = message.data
    start = via.branch_start
    if via.branch_end - start > 7 and data[start : start + 7] == _COOKIE:
        writer = _writer
        writer.clear()
        writer.add_slice(data, start, via.branch_end)
        # What stands between host and parameters is the port, written by the same client.
        writer.add_lower(data, via.host_start, via.params_at)
        writer.add(method)
        return writer.take()
    sender = message.raw_value(message.find(_FROM))
    return b"2543 %b %b %b %d %b %b" % (
        data[message.uri_start : message.uri_end],
        sender,
        message.call_id_bytes,
        message.cseq_number,
        data[via.protocol_start : via.params_at],
        data[via.branch_start : via.branch_end] + b" " + method,
    )


def branch_parameter(identity: bytes, index: int) -> bytes:
    """The branch of the Via that we add: who it belongs to, and which of its branches."""
    if index < _MANY:
        return _COOKIE + identity + _ENDS[index]
    return b"%b%b.%d" % (_COOKIE, identity, index)


def branch_of(message: Message) -> tuple[bytes, int]:
    """Identity and number in the topmost Via's branch; (b"", -1) if it is not one of ours.

    It comes from the network: what it says is looked up, never trusted.
    """
    via = message._read_via()
    data = message.data
    p = data
    q = _COOKIE
    start = via.branch_start
    end = via.branch_end
    number = 0
    scale = 1
    dot = end
    while dot > start and 48 <= p[dot - 1] <= 57 and scale < 100000:
        dot -= 1
        number += (p[dot] - 48) * scale
        scale *= 10
    dot -= 1
    if scale == 1 or scale == 100000 or dot <= start + 7 or p[dot] != 46:
        return _NOT_OURS
    for i in range(7):
        if p[start + i] != q[i]:
            return _NOT_OURS
    return data[start + 7 : dot], number
