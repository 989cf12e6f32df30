"""How the contacts of one user are kept in the store.

All contacts of an address-of-record are one value of the store: a byte with the version, then
each contact with its numbers, the lengths of its texts and these. Texts are bytes as they came,
so that what a phone has said goes back to it unchanged.

Compiled (see `encoding.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from typing import Final

from sipway.errors import StoreError
from sipway.modules.usrloc.contact import FOREVER, Contact
from sipway.sip._bytes import Writer, little, piece, same

_VERSION = 1
_HEAD: Final = bytes([_VERSION])
_LATEST = 0xFFFFFFFF
_LONGEST = 0xFFFF
_LONGEST_ID = 0xFF
# The numbers of a contact, lowest byte first, and how many bytes each has: expires 4, modified 4,
# q 2, cseq 4, flags 4, cflags 4, methods 4, reg_id 4, server_id 4, connection 4, keepalive 4; then
# the lengths of the texts, in the order of `_read`: 2 each, but those of ruid and socket 1.
_SIZE = 58
_LENGTHS = 42

# One for all values: it is filled and emptied within one call.
_writer = Writer()


def encode(contacts: list[Contact]) -> bytes:
    """The value of the store for some contacts. Raises StoreError for texts that are too long."""
    writer = _writer
    writer.clear()
    writer.add(_HEAD)
    for each in contacts:
        _check(each)
        _add_numbers(
            writer,
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
        )
        _add_lengths(
            writer,
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
        writer.add(each.uri)
        writer.add(each.received)
        writer.add(each.path)
        writer.add(each.call_id)
        writer.add(each.user_agent)
        writer.add(each.instance)
        writer.add(each.ruid)
        writer.add(each.socket)
        writer.add(each.attributes)
    return writer.take()


def _check(contact: Contact) -> None:
    """Raises StoreError for what has no room in a value."""
    if (
        len(contact.uri) > _LONGEST
        or len(contact.received) > _LONGEST
        or len(contact.path) > _LONGEST
        or len(contact.call_id) > _LONGEST
        or len(contact.user_agent) > _LONGEST
        or len(contact.instance) > _LONGEST
        or len(contact.attributes) > _LONGEST
        or len(contact.ruid) > _LONGEST_ID
        or len(contact.socket) > _LONGEST_ID
    ):
        raise StoreError("a contact cannot be kept: one of its texts is too long")
    if (
        contact.expires > _LATEST
        or contact.modified > _LATEST
        or contact.cseq > _LATEST
        or contact.flags > _LATEST
        or contact.cflags > _LATEST
        or contact.methods > _LATEST
        or contact.reg_id > _LATEST
        or contact.connection > _LATEST
    ):
        raise StoreError("a contact cannot be kept: one of its numbers is too large")


def _add_numbers(
    writer: Writer,
    expires: int,
    modified: int,
    q: int,
    cseq: int,
    flags: int,
    cflags: int,
    methods: int,
    reg_id: int,
    server_id: int,
    connection: int,
    keepalive: int,
) -> None:
    writer.add_little(expires, 4)
    writer.add_little(modified, 4)
    writer.add_little(q & _LONGEST, 2)
    writer.add_little(cseq, 4)
    writer.add_little(flags, 4)
    writer.add_little(cflags, 4)
    writer.add_little(methods, 4)
    writer.add_little(reg_id, 4)
    writer.add_little(server_id & _LATEST, 4)
    writer.add_little(connection, 4)
    writer.add_little(keepalive, 4)


def _add_lengths(
    writer: Writer,
    uri: int,
    received: int,
    path: int,
    call_id: int,
    user_agent: int,
    instance: int,
    ruid: int,
    socket: int,
    attributes: int,
) -> None:
    writer.add_little(uri, 2)
    writer.add_little(received, 2)
    writer.add_little(path, 2)
    writer.add_little(call_id, 2)
    writer.add_little(user_agent, 2)
    writer.add_little(instance, 2)
    writer.add_little(ruid, 1)
    writer.add_little(socket, 1)
    writer.add_little(attributes, 2)


def encoded_new(
    data: bytes,
    uri: int,
    uri_end: int,
    call_id: int,
    call_id_end: int,
    agent: bytes,
    agent_at: int,
    agent_end: int,
    socket: bytes,
    ruid: bytes,
    expires: int,
    now: int,
    cseq: int,
    cflags: int,
    methods: int,
    server_id: int,
    connection: int,
    keepalive: int,
) -> bytes | None:
    """The value of the store for one contact of the usual kind, texts given by their places.

    Such a one has no q value, instance, Path, `received` and attributes. None if it has no room.
    """
    if (
        uri_end - uri > _LONGEST
        or call_id_end - call_id > _LONGEST
        or agent_end - agent_at > _LONGEST
        or len(socket) > _LONGEST_ID
        or len(ruid) > _LONGEST_ID
    ):
        return None
    writer = _writer
    writer.clear()
    writer.add(_HEAD)
    _add_numbers(
        writer, expires, now, -1, cseq, 0, cflags, methods, 0, server_id, connection, keepalive
    )
    _add_lengths(
        writer,
        uri_end - uri,
        0,
        0,
        call_id_end - call_id,
        agent_end - agent_at,
        0,
        len(ruid),
        len(socket),
        0,
    )
    writer.add_slice(data, uri, uri_end)
    writer.add_slice(data, call_id, call_id_end)
    writer.add_slice(agent, agent_at, agent_end)
    writer.add(ruid)
    writer.add(socket)
    return writer.take()


def encoded_again(
    value: bytes,
    data: bytes,
    uri: int,
    uri_end: int,
    call_id: int,
    call_id_end: int,
    agent: bytes,
    agent_at: int,
    agent_end: int,
    socket: bytes,
    expires: int,
    now: int,
    cseq: int,
    cflags: int,
    methods: int,
    server_id: int,
    connection: int,
) -> bytes | None:
    """The value for what `encoded_new` has made, with other numbers.

    None unless it holds that contact alone, with the same texts, and it is there still and older.
    """
    end = len(value)
    if end < 1 + _SIZE or value[0] != _VERSION:
        return None
    was = little(value, 1, 4)
    ruid = little(value, 1 + 54, 1)
    if (
        (was != FOREVER and was <= now)
        or little(value, 1 + 10, 4) >= cseq
        or little(value, 1 + 8, 2) != _LONGEST
        or little(value, 1 + 42, 2) != uri_end - uri
        or little(value, 1 + 44, 4) != 0  # received, path
        or little(value, 1 + 48, 2) != call_id_end - call_id
        or little(value, 1 + 50, 2) != agent_end - agent_at
        or little(value, 1 + 52, 2) != 0  # instance
        or little(value, 1 + 55, 1) != len(socket)
        or little(value, 1 + 56, 2) != 0  # attributes
    ):
        return None
    at = 1 + _SIZE
    if not same(data, uri, uri_end, value, at):
        return None
    at += uri_end - uri
    if not same(data, call_id, call_id_end, value, at):
        return None
    at += call_id_end - call_id
    if not same(agent, agent_at, agent_end, value, at):
        return None
    at += agent_end - agent_at + ruid
    if at + len(socket) != end or not same(socket, 0, len(socket), value, at):
        return None
    writer = _writer
    writer.clear()
    writer.add(_HEAD)
    keepalive = little(value, 1 + 38, 4)
    _add_numbers(
        writer, expires, now, -1, cseq, 0, cflags, methods, 0, server_id, connection, keepalive
    )
    writer.add_slice(value, 1 + _LENGTHS, end)
    return writer.take()


def decode(value: bytes) -> list[Contact]:
    """The contacts of a value. Raises StoreError when `encode` has not written it."""
    end = len(value)
    if not end or value[0] != _VERSION:
        raise StoreError("a registration in the store is of another version")
    contacts = []
    at = 1
    while at < end:
        if at + _SIZE > end:
            raise StoreError("a registration in the store is cut off")
        contact = Contact.__new__(Contact)
        at = _read(contact, value, at)
        if at > end:
            raise StoreError("a registration in the store is cut off")
        contacts.append(contact)
    return contacts


def _read(contact: Contact, value: bytes, at: int) -> int:
    """Fill a contact with what stands there; returns where it ends."""
    contact.expires = little(value, at, 4)
    contact.modified = little(value, at + 4, 4)
    q = little(value, at + 8, 2)
    contact.q = q - (_LONGEST + 1) if q > _LONGEST >> 1 else q
    contact.cseq = little(value, at + 10, 4)
    contact.flags = little(value, at + 14, 4)
    contact.cflags = little(value, at + 18, 4)
    contact.methods = little(value, at + 22, 4)
    contact.reg_id = little(value, at + 26, 4)
    server_id = little(value, at + 30, 4)
    contact.server_id = server_id - (_LATEST + 1) if server_id > _LATEST >> 1 else server_id
    contact.connection = little(value, at + 34, 4)
    contact.keepalive = little(value, at + 38, 4)
    uri = little(value, at + 42, 2)
    received = little(value, at + 44, 2)
    path = little(value, at + 46, 2)
    call_id = little(value, at + 48, 2)
    user_agent = little(value, at + 50, 2)
    instance = little(value, at + 52, 2)
    ruid = little(value, at + 54, 1)
    socket = little(value, at + 55, 1)
    attributes = little(value, at + 56, 2)
    at += _SIZE
    contact.uri = piece(value, at, at + uri)
    at += uri
    contact.received = piece(value, at, at + received)
    at += received
    contact.path = piece(value, at, at + path)
    at += path
    contact.call_id = piece(value, at, at + call_id)
    at += call_id
    contact.user_agent = piece(value, at, at + user_agent)
    at += user_agent
    contact.instance = piece(value, at, at + instance)
    at += instance
    contact.ruid = piece(value, at, at + ruid)
    at += ruid
    contact.socket = piece(value, at, at + socket)
    at += socket
    contact.attributes = piece(value, at, at + attributes)
    return at + attributes
