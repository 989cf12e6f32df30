"""Where in a message the values of Contact stand, and their URIs."""

from __future__ import annotations

from collections.abc import Iterator

from sipway.core.contact_uri import replaced_uri
from sipway.core.context import Context
from sipway.errors import SipParseError
from sipway.language.record import Record
from sipway.sip import headers
from sipway.sip.contacts import MOST
from sipway.sip.message import Message, text
from sipway.sip.uri import Uri, routable_uri

_QUOTE, _BACKSLASH, _OPEN, _CLOSE, _SEMICOLON, _COMMA = b'"\\<>;,'


class Place(Record):
    """One value: it ends at the comma behind it, or at the end of the line.

    enclosed  its URI stands in angle brackets
    """

    start: int
    uri_start: int
    uri_end: int
    end: int
    enclosed: bool


def _scan(data: bytes, start: int, end: int) -> Iterator[Place]:
    """The values between two offsets. Raises SipParseError."""
    at = start
    count = 0
    while at < end:
        count += 1
        if count > MOST:
            raise SipParseError("There are too many Contacts", at)
        while at < end and data[at] <= 32:
            at += 1
        begin = at
        opened = closed = -1
        bare = -1
        quoted = False
        while at < end:
            c = data[at]
            if quoted:
                if c == _BACKSLASH:
                    at += 1
                quoted = c != _QUOTE
            elif c == _QUOTE:
                quoted = True
            elif c == _OPEN and opened < 0:
                opened = at
                closed = at = data.find(b">", at, end)
                if closed < 0:
                    raise SipParseError("A Contact has no closing bracket", opened)
            elif c == _SEMICOLON and bare < 0:
                bare = at
            elif c == _COMMA:
                break
            at += 1
        if quoted:
            raise SipParseError("A quoted string of a Contact has no end", begin)
        if opened >= 0:
            yield Place(begin, opened + 1, closed, at, True)
        else:
            uri_end = at if bare < 0 else bare
            while uri_end > begin and data[uri_end - 1] <= 32:
                uri_end -= 1
            if uri_end == begin:
                raise SipParseError("A Contact has no URI", begin)
            yield Place(begin, begin, uri_end, at, False)
        at += 1


def places_of(message: Message, index: int) -> list[Place]:
    """The values of a Contact field, none of `*`. Raises SipParseError."""
    data = message.data
    end = message.line(index)[1]
    while end and data[end - 1] in b"\r\n":
        end -= 1
    start = message.value_start(index)
    if data[start:end].strip() == b"*":
        return []
    return list(_scan(data, start, end))


class Contact(Record):
    """The Contact that counts, with its URI as the script has left it."""

    place: Place
    text: str
    uri: Uri


def find_contact(ctx: Context) -> Contact | None:
    """The last value of the first field, as in 5.6.3; None if there is none to route by.

    A URI that a script has put there counts, not the one that it is in place of.
    """
    message = ctx.message
    index = message.find(headers.CONTACT)
    if index < 0:
        return None
    try:
        found = places_of(message, index)
    except SipParseError:
        return None
    if not found:
        return None
    place = found[-1]
    edit = replaced_uri(ctx)
    if edit is not None and edit.start <= place.uri_start <= place.uri_end <= edit.end:
        written = text(edit.replacement).strip("<>")
    else:
        written = text(message.data[place.uri_start : place.uri_end])
    uri = routable_uri(written)
    return None if uri is None else Contact(place, written, uri)
