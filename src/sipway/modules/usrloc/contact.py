"""A registered contact, and how the contacts of one user are kept in the store.

All contacts of an address-of-record are one value of the store: a byte with the version, then
each contact with its numbers, the lengths of its texts and these. Texts are bytes as they came,
so that what a phone has said goes back to it unchanged.

Compiled (see `contact.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

import struct
from typing import Final

from sipway.errors import StoreError

NO_Q: Final = -1
"""The q value of a contact that has none."""

FOREVER: Final = 0
"""`expires` of a contact that does not expire."""

# Bits of `flags`.
MEMORY_ONLY: Final = 1

_VERSION: Final = 1
_HEAD: Final = bytes([_VERSION])
_LONGEST_SHORT: Final = 0xFFFF
# expires, modified, q, cseq, flags, cflags, methods, reg_id, server_id, connection, keepalive;
# then the lengths of the texts, in the order of `_unpack`.
_FIXED: Final = struct.Struct("<IIhIIIIIiIIHHHHHHBBH")
_pack = _FIXED.pack
_unpack_from = _FIXED.unpack_from
_SIZE = _FIXED.size


class Contact:
    """Where one user can be reached.

    uri         as the phone has written it, without brackets
    expires     when it ends, in seconds since the epoch; `FOREVER`: never
    q           0 to 1000 for 0 to 1, or `NO_Q`
    call_id, cseq
                of the REGISTER that it comes from
    received    the URI of where that came from, or b""
    path        the values of its Path, or b""
    socket      the socket of ours that it came by, as `udp:192.0.2.1:5060`
    user_agent  its User-Agent
    methods     bits of the methods that the phone allows (`sip.methods`), all when it did not say
    instance    its +sip.instance with the angle brackets, or b""
    reg_id      its reg-id (RFC 5626), 0 for none
    ruid        the unique id of this contact
    flags       of usrloc: `MEMORY_ONLY`
    cflags      the branch flags
    modified    when it was last changed, in seconds since the epoch
    server_id   of the server that it came by
    connection  the number of the connection that it came by, 0 for none
    keepalive   1 while it answers what nathelper sends
    attributes  the values of `xavp_contact`, as `registrar` writes them, or b""
    """

    def __init__(
        self,
        uri: bytes,
        expires: int,
        *,
        q: int = NO_Q,
        call_id: bytes = b"",
        cseq: int = 0,
        received: bytes = b"",
        path: bytes = b"",
        socket: bytes = b"",
        user_agent: bytes = b"",
        methods: int = 0xFFFFFFFF,
        instance: bytes = b"",
        reg_id: int = 0,
        ruid: bytes = b"",
        flags: int = 0,
        cflags: int = 0,
        modified: int = 0,
        server_id: int = 0,
        connection: int = 0,
        keepalive: int = 1,
        attributes: bytes = b"",
    ) -> None:
        self.uri = uri
        self.expires = expires
        self.q = q
        self.call_id = call_id
        self.cseq = cseq
        self.received = received
        self.path = path
        self.socket = socket
        self.user_agent = user_agent
        self.methods = methods
        self.instance = instance
        self.reg_id = reg_id
        self.ruid = ruid
        self.flags = flags
        self.cflags = cflags
        self.modified = modified
        self.server_id = server_id
        self.connection = connection
        self.keepalive = keepalive
        self.attributes = attributes

    def is_valid(self, now: int) -> bool:
        """Whether it has not expired."""
        return self.expires == FOREVER or self.expires > now


def encode(contacts: list[Contact]) -> bytes:
    """The value of the store for some contacts. Raises StoreError for texts that are too long."""
    parts = [_HEAD]
    for each in contacts:
        try:
            parts.append(
                _pack(
                    each.expires,
                    each.modified,
                    each.q,
                    each.cseq,
                    each.flags,
                    each.cflags,
                    each.methods,
                    each.reg_id,
                    each.server_id,
                    each.connection,
                    each.keepalive,
                    len(each.uri),
                    len(each.received),
                    len(each.path),
                    len(each.call_id),
                    len(each.user_agent),
                    len(each.instance),
                    len(each.ruid),
                    len(each.socket),
                    len(each.attributes),
                )
            )
        except struct.error as error:
            raise StoreError(f"a contact cannot be kept: {error}") from None
        parts.append(each.uri)
        parts.append(each.received)
        parts.append(each.path)
        parts.append(each.call_id)
        parts.append(each.user_agent)
        parts.append(each.instance)
        parts.append(each.ruid)
        parts.append(each.socket)
        parts.append(each.attributes)
    return b"".join(parts)


def decode(value: bytes) -> list[Contact]:
    """The contacts of a value. Raises StoreError when `encode` has not written it."""
    if value[:1] != _HEAD:
        raise StoreError("a registration in the store is of another version")
    contacts = []
    at = 1
    end = len(value)
    while at < end:
        contact = Contact.__new__(Contact)
        try:
            at = _read(contact, value, at)
        except struct.error:
            at = end + 1
        if at > end:
            raise StoreError("a registration in the store is cut off")
        contacts.append(contact)
    return contacts


def _read(contact: Contact, value: bytes, at: int) -> int:
    """Fill a contact with what stands there; returns where it ends."""
    (
        contact.expires,
        contact.modified,
        contact.q,
        contact.cseq,
        contact.flags,
        contact.cflags,
        contact.methods,
        contact.reg_id,
        contact.server_id,
        contact.connection,
        contact.keepalive,
        uri,
        received,
        path,
        call_id,
        user_agent,
        instance,
        ruid,
        socket,
        attributes,
    ) = _unpack_from(value, at)
    at += _SIZE
    contact.uri = value[at : at + uri]
    at += uri
    contact.received = value[at : at + received]
    at += received
    contact.path = value[at : at + path]
    at += path
    contact.call_id = value[at : at + call_id]
    at += call_id
    contact.user_agent = value[at : at + user_agent]
    at += user_agent
    contact.instance = value[at : at + instance]
    at += instance
    contact.ruid = value[at : at + ruid]
    at += ruid
    contact.socket = value[at : at + socket]
    at += socket
    contact.attributes = value[at : at + attributes]
    end: int = at + attributes
    return end
