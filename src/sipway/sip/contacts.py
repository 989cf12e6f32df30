"""The values of Contact in a REGISTER: `*`, or addresses with their parameters (RFC 3261 20.10).

Compiled (see `contacts.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from typing import Final

from sipway.errors import SipParseError

# What a strange phone may send is bounded: so many contacts in one request.
MOST: Final = 64
_MOST = MOST


class ContactValue:
    """One address.

    uri        as written, without the angle brackets
    expires, q, instance, reg_id, received, methods
               the parameters of these names (`+sip.instance`, `reg-id`) as written, without
               quotes; None for one that is missing, b"" for one without a value
    """

    def __init__(self, uri: bytes) -> None:
        self.uri = uri
        self.expires: bytes | None = None
        self.q: bytes | None = None
        self.instance: bytes | None = None
        self.reg_id: bytes | None = None
        self.received: bytes | None = None
        self.methods: bytes | None = None


def parse_contacts(data: bytes, found: list[ContactValue]) -> bool:
    """Add the addresses of one field to `found`; returns whether it has a `*`.

    Raises SipParseError.
    """
    p = data
    n = len(data)
    i = 0
    star = False
    while True:
        while i < n and p[i] <= 32:
            i += 1
        if i >= n:
            raise SipParseError("A Contact is empty", i)
        if p[i] == 42 and _is_alone(p, i + 1, n):  # *
            star = True
            i = _behind_blanks(p, i + 1, n)
        else:
            if len(found) >= _MOST:
                raise SipParseError("There are too many Contacts", i)
            i = _parse_one(data, i, n, found)
        if i >= n:
            return star
        if p[i] != 44:  # ,
            raise SipParseError("A Contact has something behind its end", i)
        i += 1


def _behind_blanks(data: bytes, i: int, n: int) -> int:
    p = data
    while i < n and p[i] <= 32:
        i += 1
    return i


def _is_alone(data: bytes, i: int, n: int) -> bool:
    """Whether only blanks stand before the end of the value."""
    p = data
    i = _behind_blanks(data, i, n)
    return i >= n or p[i] == 44


def _behind_quotes(data: bytes, i: int, n: int) -> int:
    """Behind the quoted string that begins at `i`. Raises SipParseError if it has no end."""
    p = data
    start = i
    i += 1
    while i < n:
        if p[i] == 92:  # \
            i += 1
        elif p[i] == 34:
            return i + 1
        i += 1
    raise SipParseError("A quoted string of a Contact has no end", start)


def _parse_one(data: bytes, i: int, n: int, found: list[ContactValue]) -> int:
    """One address from `i` on; returns where it ends: at a comma or the end."""
    p = data
    start = i
    if p[i] == 34:
        i = _behind_quotes(data, i, n)
    # A display name of tokens ends with <, an address without brackets at the first ; or ,
    while i < n and p[i] != 60 and p[i] != 59 and p[i] != 44:
        i += 1
    if i < n and p[i] == 60:
        begin = i + 1
        i = begin
        while i < n and p[i] != 62:
            i += 1
        if i >= n:
            raise SipParseError("A Contact has no closing bracket", start)
        end = i
        i += 1
    else:
        begin = start
        end = i
    while begin < end and p[begin] <= 32:
        begin += 1
    while begin < end and p[end - 1] <= 32:
        end -= 1
    if begin >= end:
        raise SipParseError("A Contact has no URI", start)
    value = ContactValue(data[begin:end])
    found.append(value)
    i = _behind_blanks(data, i, n)
    while i < n and p[i] == 59:
        i = _parse_param(data, i + 1, n, value)
    return i


def _parse_param(data: bytes, i: int, n: int, value: ContactValue) -> int:
    """One parameter; returns where it ends: at a semicolon, a comma or the end."""
    p = data
    i = _behind_blanks(data, i, n)
    begin = i
    while i < n and p[i] != 61 and p[i] != 59 and p[i] != 44 and p[i] > 32:
        i += 1
    name_end = i
    i = _behind_blanks(data, i, n)
    text = b""
    if i < n and p[i] == 61:
        i = _behind_blanks(data, i + 1, n)
        start = i
        if i < n and p[i] == 34:
            i = _behind_quotes(data, i, n)
            text = data[start + 1 : i - 1]
        else:
            while i < n and p[i] != 59 and p[i] != 44 and p[i] > 32:
                i += 1
            text = data[start:i]
        i = _behind_blanks(data, i, n)
    if i < n and p[i] != 59 and p[i] != 44:
        raise SipParseError("A parameter of a Contact has something behind its end", i)
    length = name_end - begin
    if length == 7:
        if data[begin:name_end].lower() == b"expires":
            value.expires = text
        elif data[begin:name_end].lower() == b"methods":
            value.methods = text
    elif length == 1:
        if p[begin] == 113 or p[begin] == 81:
            value.q = text
    elif length == 13:
        if data[begin:name_end].lower() == b"+sip.instance":
            value.instance = text
    elif length == 6:
        if data[begin:name_end].lower() == b"reg-id":
            value.reg_id = text
    elif length == 8 and data[begin:name_end].lower() == b"received":
        value.received = text
    return i
