"""Contacts changed so that a phone behind NAT is reached, and what save() is to know of it.

Source: README of nathelper. Which of several Contacts is meant, and where in it things go, was
tried on Kamailio 5.6.3.
"""

from __future__ import annotations

import re
from typing import Final

from sipway.core.avps import set_avp
from sipway.core.contact_uri import replace_uri
from sipway.core.context import Context
from sipway.core.sockets import default_port
from sipway.core.variables.network import PROTOCOL_IDS
from sipway.errors import SipParseError
from sipway.language.signatures import Routes
from sipway.modules.nathelper._module import (
    alias_name,
    failed,
    mod,
    received_avp,
    refused,
    wire,
)
from sipway.modules.nathelper.addresses import is_source, source_host
from sipway.modules.nathelper.aliases import parameter
from sipway.modules.nathelper.places import Contact, Place, find_contact, places_of
from sipway.sip import headers
from sipway.sip.addresses import sockaddr
from sipway.sip.edits import Edit
from sipway.sip.message import text
from sipway.sip.uri import Uri, routable_uri

_MADDR: Final = re.compile(r";maddr=[^;?>]*", re.IGNORECASE)
_PORT: Final = re.compile(r":[0-9]*")
_UNCHANGED: Final = 2
_ALIAS: Final = re.compile(r"[^~]+~[^~]+~[0-9]")


def _found(ctx: Context, function: str) -> Contact | None:
    """The Contact to change; None, and a line in the log, if there is none that can be."""
    contact = find_contact(ctx)
    if contact is None or not contact.uri.host:
        refused(ctx, function, "there is no Contact with a URI to route by")
        return None
    if _is_replaced(ctx, contact.place):
        failed(ctx, function, "the URI of Contact was replaced before")
        return None
    return contact


def _is_replaced(ctx: Context, place: Place) -> bool:
    """Whether some edit takes the place of the URI, or of a part of it."""
    return any(
        each.start < each.end and each.start <= place.uri_end and place.uri_start <= each.end
        for each in ctx.edits or ()
    )


def _put(ctx: Context, place: Place, uri: str) -> int:
    """Replace the URI; what was inserted into it before stands behind it then."""
    ctx.edits = [
        Edit(place.uri_end, place.uri_end, each.replacement)
        if place.uri_start < each.start == each.end < place.uri_end
        else each
        for each in ctx.edits or ()
    ]
    replace_uri(ctx, Edit(place.uri_start, place.uri_end, wire(uri)))
    return 1


def _behind_host(uri: Uri, written: str) -> int:
    """Where in the text of a URI its host and port end."""
    at = written.find("@") + 1 or written.find(":") + 1
    at += len(uri.host)
    match = _PORT.match(written, at)
    return match.end() if match else at


@mod.function("fix_nated_contact")
def fix_nated_contact(ctx: Context) -> int:
    """Put where the message came from in place of host and port in Contact.

    1; -1 without a Contact, and if it was replaced before.
    """
    contact = _found(ctx, "fix_nated_contact")
    if contact is None:
        return -1
    written = contact.text
    end = _behind_host(contact.uri, written)
    start = written.find("@") + 1 or written.find(":") + 1
    rest = written[end:]
    named = list(_MADDR.finditer(rest))
    if named:
        rest = rest[: named[-1].start()] + rest[named[-1].end() :]
    made = f"{written[:start]}{source_host(ctx)}:{ctx.source_port}{rest}"
    return _put(ctx, contact.place, made)


@mod.function("set_contact_alias")
def set_contact_alias(ctx: Context, trim: int = 0) -> int:
    """Add to the URI of Contact, as `alias`, where the message came from.

    With `trim` 1 the last alias that is there goes out. 1; -1 without a Contact, and if it was
    replaced before.
    """
    contact = _found(ctx, "set_contact_alias")
    if contact is None:
        return -1
    name = alias_name(ctx.program)
    written = _without_alias(contact.text, name) if trim else contact.text
    protocol = PROTOCOL_IDS[ctx.socket.protocol]
    made = f"{written};{name}={source_host(ctx)}~{ctx.source_port}~{protocol}"
    place = contact.place
    is_enclosed = place.enclosed or _closed_at(list(ctx.edits or ()), place) is not None
    return _put(ctx, place, made if is_enclosed else f"<{made}>")


def _without_alias(written: str, name: str) -> str:
    start = written.find("@") + 1
    if "?" in written:
        return written
    for match in reversed(list(parameter(name).finditer(written, start))):
        if _ALIAS.fullmatch(match[1]):
            return written[: match.start()] + written[match.end() :]
    return written


@mod.function("add_contact_alias", arities=(0, 3))
def add_contact_alias(ctx: Context, ip: str = "", port: str = "", protocol: str = "") -> int:
    """Add to the URI of Contact, as `alias`, where the message came from, or what is given.

    Without arguments only if the URI says something else than that. 1; 2 if there is nothing to
    do, -1 for what cannot be done.
    """
    if ctx.message.find(headers.CONTACT) < 0:
        return _UNCHANGED
    contact = _found(ctx, "add_contact_alias")
    if contact is None:
        return -1
    if ip or port or protocol:
        try:
            alias = _alias(ip, port, protocol)
        except ValueError as error:
            return failed(ctx, "add_contact_alias", error)
    else:
        if _says_source(ctx, contact.uri):
            return _UNCHANGED
        alias = f"{source_host(ctx)}~{ctx.source_port}~{PROTOCOL_IDS[ctx.socket.protocol]}"
    place = contact.place
    at = place.uri_start + len(wire(contact.text[: _behind_host(contact.uri, contact.text)]))
    more = [Edit(at, at, wire(f";{alias_name(ctx.program)}={alias}"))]
    edits = list(ctx.edits or ())
    closed = _closed_at(edits, place)
    if closed is not None:
        ctx.edits = [*edits[:closed], *more, *edits[closed:]]
        return 1
    if not place.enclosed:
        more.insert(0, Edit(place.uri_start, place.uri_start, b"<"))
        more.append(Edit(place.uri_end, place.uri_end, b">"))
    ctx.edits = [*edits, *more]
    return 1


def _closed_at(edits: list[Edit], place: Place) -> int | None:
    """Which edit puts the closing bracket behind a URI; None if none does."""
    for number, each in enumerate(edits):
        if each.start == each.end == place.uri_end and each.replacement == b">":
            return number
    return None


def _alias(ip: str, port: str, protocol: str) -> str:
    """Raises ValueError for what is no address, port or protocol."""
    number = PROTOCOL_IDS.get(protocol.lower())
    if number is None:
        raise ValueError(f'"{protocol:.60}" is no protocol')
    if not port.isdecimal() or not 0 < int(port[:6]) <= 65535:
        raise ValueError(f'"{port:.60}" is no port')
    sockaddr(ip, int(port))
    return f"{ip}~{port}~{number}"


def _says_source(ctx: Context, uri: Uri) -> bool:
    """Whether a URI names transport, address and port that the message came from."""
    protocol = ctx.socket.protocol
    port = uri.port or default_port((uri.param("transport") or "").lower())
    return (
        (uri.param("transport") or "").lower() == protocol
        and port == ctx.source_port
        and is_source(ctx, uri.host)
    )


def received_uri(ctx: Context) -> str:
    """Where the message came from as a URI, which names no transport for UDP."""
    protocol = ctx.socket.protocol
    uri = f"sip:{source_host(ctx)}:{ctx.source_port}"
    return uri if protocol == "udp" else f"{uri};transport={protocol}"


@mod.function("add_rcv_param", routes=Routes.REQUEST)
def add_rcv_param(ctx: Context, flag: int = 0) -> int:
    """Add to each Contact, as `received`, where the request came from; with `flag` to its URI.

    1; -1 for a Contact that cannot be read, for one that was replaced before, and with `flag` for
    another transport than UDP.
    """
    message = ctx.message
    if flag and ctx.socket.protocol != "udp":
        return refused(ctx, "add_rcv_param", "a URI takes `received` for UDP only")
    received = received_uri(ctx)
    edits = []
    try:
        for index in message.indexes(headers.CONTACT):
            for place in places_of(message, index):
                if flag:
                    if _is_replaced(ctx, place):
                        raise ValueError("the URI of Contact was replaced before")
                    edits.append(Edit(place.uri_end, place.uri_end, wire(f";received={received}")))
                else:
                    edits.append(Edit(place.end, place.end, wire(f';received="{received}"')))
    except SipParseError as error:
        return refused(ctx, "add_rcv_param", error.reason)
    except ValueError as error:
        return failed(ctx, "add_rcv_param", error)
    ctx.edits = [*(ctx.edits or ()), *edits]
    return 1


@mod.function("fix_nated_register", routes=Routes.REQUEST)
def fix_nated_register(ctx: Context) -> int:
    """Note in the AVP of `received_avp`, for save(), where the request came from.

    1; -1 if there is no such AVP.
    """
    avp = received_avp(ctx.program)
    if avp is None:
        return failed(ctx, "fix_nated_register", "received_avp is not set")
    set_avp(ctx, avp, received_uri(ctx))
    return 1


def rewritten(ctx: Context, number: int) -> str | None:
    """The number-th Contact with host and port of where the message came from; None without it.

    Those of one field are counted from its end, as in 5.6.3.
    """
    message = ctx.message
    left = number
    try:
        for index in message.indexes(headers.CONTACT):
            places = places_of(message, index)
            if left > len(places):
                left -= len(places)
                continue
            return _rewritten(ctx, places[-left]) if left > 0 else None
    except SipParseError:
        pass
    return None


def _rewritten(ctx: Context, place: Place) -> str | None:
    data = ctx.message.data
    written = text(data[place.uri_start : place.uri_end])
    uri = routable_uri(written)
    if uri is None or not uri.host:
        return None
    start = written.find("@") + 1 or written.find(":") + 1
    end = _behind_host(uri, written)
    made = f"{written[:start]}{source_host(ctx)}:{ctx.source_port}{written[end:]}"
    before = text(data[place.start : place.uri_start])
    return before + made + text(data[place.uri_end : place.end])
