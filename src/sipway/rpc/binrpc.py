"""The binary protocol of Kamailio's module ctl, which kamcmd speaks. No sockets in here.

A packet is a header (magic and version, kind, length of the body, a cookie that comes back) and
records, each a byte with kind and size, perhaps a longer size, and the value. Source: the
description of the format in Kamailio's modules/ctl/binrpc.h, and what Kamailio 5.6.3 sends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sipway.core.commands import Named, Scalar
from sipway.errors import SipwayError

LONGEST: Final = 1 << 16
"""Bytes of a request that is read."""

_MAGIC: Final = 0xA1  # with the version, 1
REQUEST: Final = 0
REPLY: Final = 1
FAULT: Final = 3

_INT, _STR, _DOUBLE, _STRUCT, _ARRAY, _NAME, _BYTES = range(7)
_LONG: Final = 0x80
_END: Final = 0x80
_DEEPEST: Final = 32
_MOST: Final = 1 << 32
_NULL: Final = "<null string>"
"""What kamcmd shows where there is no text: the protocol has nothing for that."""


class BinrpcError(SipwayError):
    """Bytes that are no packet."""


class Request:
    """A request: the method, its parameters, the cookie for the reply."""

    __slots__ = ("cookie", "method", "parameters")

    def __init__(self, method: str, parameters: list[Scalar], cookie: bytes) -> None:
        self.method = method
        self.parameters = parameters
        self.cookie = cookie


def packet_size(data: bytes) -> int | None:
    """How long the packet is that begins here; None while that cannot be told yet.

    Raises BinrpcError.
    """
    if not data:
        return None
    if data[0] != _MAGIC:
        raise BinrpcError(f"a packet begins with {_MAGIC:#x}, not {data[0]:#x}")
    if len(data) < 2:
        return None
    of_length, of_cookie = (data[1] >> 2 & 3) + 1, (data[1] & 3) + 1
    body = 2 + of_length + of_cookie
    if len(data) < 2 + of_length:
        return None
    size = body + int.from_bytes(data[2 : 2 + of_length], "big")
    if size > LONGEST:
        raise BinrpcError(f"a packet of {size} bytes is too long")
    return size


def read_request(data: bytes) -> Request:
    """A whole packet. Raises BinrpcError."""
    kind, cookie, values = _read(data)
    if kind != REQUEST:
        raise BinrpcError("it is no request")
    if not values or not isinstance(values[0], str):
        raise BinrpcError("bad request method")
    if any(type(each) not in (int, str, float) for each in values):
        raise BinrpcError("parameters are texts and numbers")
    return Request(values[0], values[1:], cookie)


def read_reply(data: bytes) -> tuple[bool, list[Any]]:
    """Whether a whole packet is a reply and no fault, and its values. Raises BinrpcError."""
    kind, _, values = _read(data)
    if kind not in (REPLY, FAULT):
        raise BinrpcError("it is no reply")
    return kind == REPLY, values


def _read(data: bytes) -> tuple[int, bytes, list[Any]]:
    size = packet_size(data)
    if size is None or len(data) < size:
        raise BinrpcError("the packet is cut off")
    of_length, of_cookie = (data[1] >> 2 & 3) + 1, (data[1] & 3) + 1
    at = 2 + of_length
    cookie = data[at : at + of_cookie]
    values, at = _read_values(data[:size], at + of_cookie, 0, None)
    return data[1] >> 4, cookie, values


def _read_values(data: bytes, at: int, depth: int, until: int | None) -> tuple[list[Any], int]:
    """The values up to the end of an array or struct (`until`), or of the packet.

    Names within a struct are tuples of one text, in front of their value.
    """
    if depth > _DEEPEST:
        raise BinrpcError("it is nested too deeply")
    values: list[Any] = []
    while at < len(data):
        head = data[at]
        kind, size = head & 0xF, head >> 4 & 7
        at += 1
        if head & _LONG:
            if size == 0:
                if kind != until:
                    raise BinrpcError("something ends that has not begun")
                return values, at
            size, at = int.from_bytes(data[at : at + size], "big"), at + size
        if kind in (_ARRAY, _STRUCT):
            found, at = _read_values(data, at, depth + 1, kind)
            values.append(_struct(found) if kind == _STRUCT else found)
            continue
        value = data[at : at + size]
        at += size
        if len(value) < size:
            raise BinrpcError("the packet is cut off")
        values.append(_value(kind, value))
    if until is not None:
        raise BinrpcError("something has no end")
    return values, at


def _value(kind: int, value: bytes) -> Any:
    if kind in (_INT, _DOUBLE):
        if len(value) > 8:
            raise BinrpcError("a number is too long")
        number = int.from_bytes(value, "big", signed=len(value) >= 4)
        return number if kind == _INT else number / 1000
    if kind in (_STR, _NAME):
        if not value.endswith(b"\0"):
            raise BinrpcError("a text has no end")
        text = value[:-1].decode("utf-8", "surrogateescape")
        return text if kind == _STR else (text,)
    if kind == _BYTES:
        return value.decode("utf-8", "surrogateescape")
    raise BinrpcError(f"there are no records of kind {kind}")


def _struct(values: list[Any]) -> list[Any]:
    if not any(type(each) is tuple for each in values):
        return values or Named()
    found = Named()
    pairs = iter(values)
    for name in pairs:
        value = next(pairs, None)
        if type(name) is not tuple or value is None or type(value) is tuple:
            raise BinrpcError("a struct has names and values in turn")
        found.append((name[0], value))
    return found


# --- writing -----------------------------------------------------------------------------


def request(method: str, parameters: Iterable[Scalar], cookie: bytes) -> bytes:
    """The packet of a request; the cookie has one to four bytes."""
    return _packet(REQUEST, cookie, [method, *parameters])


def reply(values: Sequence[Any], cookie: bytes) -> bytes:
    """The packet of a reply with these values."""
    return _packet(REPLY, cookie, values)


def fault(code: int, reason: str, cookie: bytes = b"\0") -> bytes:
    """The packet that says that a command was not carried out."""
    return _packet(FAULT, cookie, [code, reason])


def _packet(kind: int, cookie: bytes, values: Iterable[Any]) -> bytes:
    body = b"".join(map(_record, values))
    length = _number(len(body)) or b"\0"
    head = kind << 4 | (len(length) - 1) << 2 | (len(cookie) - 1)
    return b"%c%c%b%b%b" % (_MAGIC, head, length, cookie, body)


def _record(value: Any) -> bytes:
    if value is None:
        return _text(_STR, _NULL)
    if isinstance(value, str):
        return _text(_STR, value)
    if isinstance(value, int):
        if -(_MOST >> 1) <= value < _MOST:
            return _sized(_INT, _number(value % _MOST))
        return _text(_STR, str(value))  # more than kamcmd can read
    if isinstance(value, float):
        return _sized(_DOUBLE, _number(round(value * 1000) % _MOST))
    if isinstance(value, Mapping):
        return _members(value.items())
    if isinstance(value, Named):
        return _members(value)
    # A struct without names, as Kamailio has it: kamcmd reads no array within a struct.
    return b"%c%b%c" % (_STRUCT, b"".join(map(_record, value)), _END | _STRUCT)


def _members(pairs: Iterable[tuple[str, Any]]) -> bytes:
    inner = b"".join(_text(_NAME, name) + _record(each) for name, each in pairs)
    return b"%c%b%c" % (_STRUCT, inner, _END | _STRUCT)


def _text(kind: int, text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape").replace(b"\0", b"?") + b"\0"
    return _sized(kind, data)


def _sized(kind: int, data: bytes) -> bytes:
    if len(data) < 8:
        return b"%c%b" % (len(data) << 4 | kind, data)
    length = _number(len(data))
    return b"%c%b%b" % (_LONG | len(length) << 4 | kind, length, data)


def _number(value: int) -> bytes:
    """As few bytes as will do; none for 0."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")
