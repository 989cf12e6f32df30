"""The requests by which a contact is asked whether it is there, and where they go.

Form and header fields are Kamailio's; Max-Forwards is there as RFC 3261 section 8.1.1 wants it, and
a URI with parameters stands in angle brackets (section 20.10).
"""

from __future__ import annotations

import secrets
from typing import Final

from sipway.core.destinations import Target
from sipway.core.program import Program
from sipway.core.send_socket import find_socket
from sipway.core.sockets import ListenSocket
from sipway.errors import SipParseError
from sipway.modules.usrloc.contact import Contact
from sipway.sip.contacts import ContactValue, parse_contacts
from sipway.sip.message import text

EMPTY: Final = b"\0\0\0\0"
"""Keeps a binding open from outside, and asks for nothing."""

_TO_ENCLOSE: Final = b",;?"
_NOT_IN_URIS: Final = b'<>"'


def address(uri: bytes) -> bytes:
    """A URI as it stands in From and To; an address in brackets stays as it is."""
    return uri if b"<" in uri or not any(each in uri for each in _TO_ENCLOSE) else b"<%b>" % uri


def request(
    method: bytes,
    contact: Contact,
    socket: ListenSocket,
    sender: bytes,
    tag: bytes,
    to: bytes,
    number: int = 1,
) -> bytes:
    """A request to a contact, by a socket; `sender` and `to` as they stand in From and To.

    `number` is that of its CSeq.
    """
    route = b""
    if contact.path:
        route = b"Route: " + b" ".join(contact.path.split()) + b"\r\n"
    return (
        b"%b %b SIP/2.0\r\n%bz9hG4bK%b\r\n%bFrom: %b;tag=%b\r\nTo: %b\r\n"
        b"Call-ID: %b@%b\r\nCSeq: %d %b\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    ) % (
        method,
        contact.uri,
        socket.via_start,
        secrets.token_hex(8).encode(),
        route,
        sender,
        tag,
        to,
        secrets.token_hex(12).encode(),
        socket.ip.encode(),
        number,
        method,
    )


def can_be_asked(contact: Contact) -> bool:
    """Whether its URI can stand in a request: what a phone has written may be anything."""
    return not any(each <= 32 or each in _NOT_IN_URIS for each in contact.uri)


def target_of(contact: Contact, *, ignore_path: bool = False) -> Target | None:
    """Where a contact is: the first proxy of its Path, where it came from, or its URI.

    None for what is none of that.
    """
    uri: bytes | None = contact.received or contact.uri
    if contact.path and not ignore_path:
        uri = _first_uri(contact.path)
    try:
        return None if uri is None else Target.from_uri(text(uri))
    except ValueError:
        return None


def _first_uri(path: bytes) -> bytes | None:
    found: list[ContactValue] = []
    try:
        parse_contacts(path, found)
    except SipParseError:
        return None
    return found[0].uri if found else None


class Sockets:
    """The sockets that contacts came by."""

    def __init__(self, program: Program) -> None:
        self._sockets = program.sockets
        self._known: dict[bytes, ListenSocket | None] = {
            each.text.encode(): each for each in program.sockets
        }

    def of(self, contact: Contact, protocol: str, family: int) -> ListenSocket | None:
        """The one that a contact came by, else the first that fits; None if none does."""
        if contact.socket not in self._known and len(self._known) < 1024:
            try:
                self._known[contact.socket] = find_socket(self._sockets, text(contact.socket))
            except ValueError:
                self._known[contact.socket] = None
        own = self._known.get(contact.socket)
        for each in (own, *self._sockets):
            if each is not None and each.protocol == protocol and each.family == family:
                return each
        return None
