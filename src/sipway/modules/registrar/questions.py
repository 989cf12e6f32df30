"""Who is registered, and what else scripts ask and do with contacts.

Source: README of registrar, sections 4.6 to 4.8 and 4.12.
"""

from __future__ import annotations

from typing import Final

from sipway.core import log as levels
from sipway.core.arguments import ConstantText, HeaderName
from sipway.core.context import Context
from sipway.errors import StoreError
from sipway.language.signatures import Routes
from sipway.modules.registrar._module import mod, settings
from sipway.modules.registrar.aors import aor_of
from sipway.modules.registrar.attributes import restore_attributes, show_contacts
from sipway.modules.registrar.looking import found_contacts, text
from sipway.modules.registrar.reading import config_text
from sipway.modules.registrar.settings import Settings
from sipway.modules.usrloc.contact import Contact
from sipway.modules.usrloc.locations import Location
from sipway.sip.edits import edit
from sipway.sip.uri import routable_uri

# Bits of registered()'s match options and actions.
_CALL_ID: Final = 1
_RECEIVED: Final = 2
_CONTACT: Final = 4
_RESTORE: Final = 1
_NO_RECORD: Final = 2

# Bits of reg_from_user()'s mode.
_PORT: Final = 1
_PROTOCOL: Final = 2

NOT_REMOVED: Final = -2
"""What unregister() returns where that could not be done."""


def asked_uri(ctx: Context, uri: str) -> str:
    if uri:
        return uri
    return (ctx.uri if ctx.message.is_request else ctx.message.to_uri) or ""


@mod.function("registered", routes=Routes.ANY)
def registered(
    ctx: Context, domain: ConstantText, uri: str = "", options: int = 0, actions: int = 0
) -> int:
    """Whether the user of the Request-URI (in replies of To), or of `uri`, is registered.

    `options` is a sum of what is to match a value of the $xavp that `xavp_cfg` names: 1
    `match_callid`, 2 `match_received`, 4 `match_contact`. `actions`: 1 restores what was kept with
    the contact, 2 leaves out `xavp_rcd`. Returns 1 or -1.
    """
    location = settings(ctx.program).locations.table(domain)
    return is_registered(ctx, location, asked_uri(ctx, uri), options, actions)


def is_registered(ctx: Context, location: Location, uri: str, options: int, actions: int) -> int:
    """registered(), with where the user of the URI is to be found."""
    of = settings(ctx.program)
    try:
        contacts = found_contacts(ctx, location, uri, of)
    except StoreError as error:
        ctx.program.log.line(levels.ERR, f"registered(): {error}")
        return -1
    for each in contacts or ():
        if options and not _matches(ctx, each, options, of):
            continue
        if actions & _RESTORE:
            restore_attributes(ctx, of.xavp_contact, [each])
        if not actions & _NO_RECORD:
            show_contacts(ctx, of, [each])
        return 1
    return -1


def _matches(ctx: Context, contact: Contact, options: int, of: Settings) -> bool:
    for bit, name, value in (
        (_CALL_ID, "match_callid", contact.call_id),
        (_RECEIVED, "match_received", contact.received),
        (_CONTACT, "match_contact", contact.uri),
    ):
        if options & bit:
            wanted = config_text(ctx, of, name)
            if wanted is not None and wanted != text(value):
                return False
    return True


@mod.function("unregister", routes=Routes.ANY)
def unregister(ctx: Context, domain: ConstantText, uri: str, ruid: str = "") -> int:
    """Remove all contacts of a user, or the one with an id.

    Returns 1, also if there was none of the user; -1 if `uri` is no URI of a user, -2 for a fault,
    -3 if there is no contact with this id.
    """
    of = settings(ctx.program)
    if ruid and not uri:
        return NOT_REMOVED  # with db_mode 3 alone the id is enough (`in_database`)
    aor = aor_of(uri, of)
    if aor is None:
        return -1
    location = of.locations.table(domain)
    try:
        return without(location, aor, ruid)
    except StoreError as error:
        ctx.program.log.line(levels.ERR, f"unregister(): {error}")
        return NOT_REMOVED


def without(location: Location, aor: str, ruid: str) -> int:
    """Remove the contacts of a user, or the one with an id. Raises StoreError."""
    wanted = ruid.encode("utf-8", "surrogateescape")
    contacts = location.get(aor)
    left = [each for each in contacts if each.ruid != wanted] if ruid else []
    if ruid and len(left) == len(contacts):
        return -3
    if contacts:
        location.put(aor, left, len(contacts))
        for each in contacts:
            if each.instance and each not in left:
                location.forget(each.ruid)
    return 1


@mod.function("reg_from_user", routes=Routes.ANY)
def reg_from_user(ctx: Context, domain: ConstantText, uri: str, mode: int) -> int:
    """Whether the message comes from where a contact of a user is.

    The address of `received`, else of the contact itself, is compared; with bit 1 of `mode` the
    port too, with bit 2 the protocol. Returns 1 or -1.
    """
    return is_from(ctx, settings(ctx.program).locations.table(domain), uri, mode)


def is_from(ctx: Context, location: Location, uri: str, mode: int) -> int:
    """reg_from_user(), with where the user of the URI is to be found."""
    try:
        contacts = found_contacts(ctx, location, uri, settings(ctx.program))
    except StoreError as error:
        ctx.program.log.line(levels.ERR, f"reg_from_user(): {error}")
        return -1
    for each in contacts or ():
        parsed = routable_uri(text(each.received or each.uri))
        if parsed is None or parsed.host.strip("[]").lower() != ctx.source_ip.lower():
            continue
        if mode & _PORT and (parsed.port or 5060) != ctx.source_port:
            continue
        protocol = (parsed.param("transport") or "udp").lower()
        if mode & _PROTOCOL and protocol != ctx.socket.protocol:
            continue
        return 1
    return -1


@mod.function("add_sock_hdr", routes=Routes.REQUEST)
def add_sock_hdr(ctx: Context, name: HeaderName) -> int:
    """Add a header field with the socket that the request came by, for another registrar.

    Returns 1.
    """
    socket = ctx.socket
    value = socket.text_bytes
    if settings(ctx.program).sock_mode and socket.advertised is not None:
        host, port = socket.advertised
        value = f"{socket.protocol}:{host}:{port}".encode()
    if ctx.edits is None:
        ctx.edits = []
    at = ctx.message.headers_end
    line = name.rstrip(":").encode() + b": " + value + b"\r\n"
    ctx.edits.append(edit(at, at, line))
    return 1
