"""save(): a REGISTER becomes contacts of its user, and an answer.

Source: README of registrar, sections 4.1 and 4.11; RFC 3261 section 10.3.

Compiled (see `saving.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, TypeAlias

from sipway.core import log as levels
from sipway.core.arguments import ConstantText
from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.core.program import Program
from sipway.core.statistics import statistics
from sipway.errors import StoreError
from sipway.language.signatures import ArgumentKind, Routes
from sipway.modules import sl, usrloc
from sipway.modules.registrar._module import mod, settings
from sipway.modules.registrar.answering import contact_line, refusal_lines
from sipway.modules.registrar.aors import aor_of
from sipway.modules.registrar.attributes import keep_attributes, show_contacts
from sipway.modules.registrar.failures import Refused
from sipway.modules.registrar.reading import (
    MEMORY,
    NO_REPLY,
    ONE_CONTACT,
    PREPARE_REPLY,
    Request,
    config,
    has_option,
    read_request,
    supports_outbound,
)
from sipway.modules.registrar.settings import Settings
from sipway.modules.registrar.updating import DELETED, LISTED, remove_all, update
from sipway.modules.registrar.usual import save_usual
from sipway.modules.usrloc.contact import Contact
from sipway.modules.usrloc.locations import Location
from sipway.sip import headers

_ROUTES: Final = Routes.REQUEST | Routes.FAILURE | Routes.REPLY
NO_URI: Final = ""
_FLAGS: Final = 0x1F


def _to_flags(value: int | str) -> int:
    try:
        flags = int(str(value), 0)
    except ValueError:
        raise ValueError(f'"{value}" is no number of flags, such as 0x04') from None
    if not 0 <= flags <= _FLAGS:
        raise ValueError(f"flags of save() are 0 to {_FLAGS:#x}, not {flags:#x}")
    return flags


def _check_flags(flags: int, parameters: Mapping[tuple[str, str], Any]) -> None:
    if flags & MEMORY and parameters.get(usrloc.DB_MODE) == usrloc.DB_ONLY:
        raise ValueError("0x01 is for memory alone, and with db_mode 3 of usrloc there is none")


SaveFlags: TypeAlias = Annotated[
    int, ArgumentKind("flags", base=None, convert=_to_flags, check=_check_flags)
]


@mod.on_start
def _start(program: Program) -> None:
    found = statistics(program)
    of = settings(program)
    for name, value in (
        ("max_expires", of.max_expires),
        ("max_contacts", of.max_contacts),
        ("default_expire", of.default_expires),
        ("default_expires_range", of.default_expires_range),
        ("expires_range", of.expires_range),
    ):
        found.add("registrar", name, keeps=True).value = value


@mod.function("save", routes=_ROUTES, replies=True)
def save(ctx: Context, domain: ConstantText, flags: SaveFlags = 0, uri: str = NO_URI) -> int:
    """Keep the contacts of a REGISTER in the table `domain`, and answer with all there are.

    `flags` is a sum: 1 no database, 2 no answer, 4 one contact for each user, 8 `expires_range`
    does not count, 16 (with 2) prepare the answer. `uri` is in place of the one in To. Returns 1 if
    a contact was added, 2 updated, 3 removed, 4 if it was only asked which there are; -1 if it
    was refused, -2 for too many contacts.
    """
    of = settings(ctx.program)
    location = of.locations.table(domain)
    if not flags and not uri:
        try:
            result = save_usual(ctx, of, location)
        except StoreError as error:
            return failed(ctx, of, error, uri, flags)
        if result:
            return result
    uri = uri or ctx.message.to_uri or ""
    try:
        contacts, refused, result = kept(ctx, of, location, flags, uri)
    except StoreError as error:
        return failed(ctx, of, error, uri, flags)
    if ctx.message.is_request:
        answer(ctx, of, contacts, refused, uri, flags)
    return result


def failed(ctx: Context, of: Settings, error: StoreError, uri: str, flags: int) -> int:
    """Answer that nothing could be kept; what save() returns then."""
    ctx.program.log.once(levels.ERR, f"save(): {error}")
    if ctx.message.is_request:
        answer(ctx, of, [], Refused(500, "usrloc error"), uri, flags)
    return -1


def kept(
    ctx: Context, of: Settings, location: Location, flags: int, uri: str
) -> tuple[list[Contact], Refused | None, int]:
    """Keep what a REGISTER for a URI says; nobody is answered yet.

    Returns the contacts as they are then, why it was refused if it was, and what save() returns.
    Raises StoreError, nothing is kept then.
    """
    aor = None
    contacts: list[Contact] = []
    try:
        aor = aor_of(uri, of)
        if aor is None:
            raise Refused(400, "Error while parsing AOR")
        request = read_request(ctx, of, flags)
        contacts = location.get(aor)
        contacts, result = _save(ctx, of, location, aor, contacts, request, flags)
    except Refused as error:
        if error.lists and aor is not None and not contacts:
            contacts = _there(location, aor)
        return contacts, error, error.result
    return contacts, None, result


def _there(location: Location, aor: str) -> list[Contact]:
    try:
        return location.get(aor)
    except StoreError:
        return []


def _save(
    ctx: Context,
    of: Settings,
    location: Location,
    aor: str,
    contacts: list[Contact],
    request: Request,
    flags: int,
) -> tuple[list[Contact], int]:
    """The contacts as they are then, and the result. Raises Refused and StoreError."""
    if request.is_star:
        left = remove_all(contacts, request)
        if contacts:
            location.put(aor, left, len(contacts))
            _forget(location, contacts, left)
        return left, DELETED
    if not request.contacts:
        return contacts, LISTED
    now = int(ctx.now)
    limit = config(ctx, of, "max_contacts") if of.xavp_cfg is not None else None
    left, result, changed = update(
        contacts,
        request,
        of,
        now,
        of.next_id,
        only_one=bool(flags & ONE_CONTACT),
        memory_only=bool(flags & MEMORY),
        server_id=of.server_id,
        limit=of.max_contacts if limit is None else limit,
        newest_first=location.newest_first,
    )
    if changed:
        if of.xavp_contact is not None:
            keep_attributes(ctx, of.xavp_contact, left, contacts)
        if len(left) > 1:
            left = location.ordered(left)
        location.put(aor, left, len(contacts))
        if of.gruu_enabled:
            _remember(location, aor, contacts, left)
    if of.xavp_rcd is not None:
        show_contacts(ctx, of, left)
    return left, result


def _remember(location: Location, aor: str, before: list[Contact], left: list[Contact]) -> None:
    """Temporary addresses of phones are found by the id of the contact."""
    known = {each.ruid for each in before if each.instance}
    for each in left:
        if each.instance and each.ruid not in known:
            location.remember(each.ruid, aor)
    if known:
        _forget(location, before, left)


def _forget(location: Location, before: list[Contact], left: list[Contact]) -> None:
    stay = {each.ruid for each in left}
    for each in before:
        if each.instance and each.ruid not in stay:
            location.forget(each.ruid)


def answer(
    ctx: Context,
    of: Settings,
    contacts: list[Contact],
    refused: Refused | None,
    uri: str,
    flags: int,
) -> None:
    """Answer the REGISTER, or prepare to."""
    message = ctx.message
    wants_gruu = of.gruu_enabled and has_option(message, headers.SUPPORTED, b"gruu")
    lines = contact_line(contacts, of, int(ctx.now), uri if wants_gruu else None)
    if refused is None:
        of.accepted.value += 1
        code, reason = 200, "OK"
        lines += _extra_lines(ctx, of)
    else:
        of.rejected.value += 1
        code, reason = refused.code, refused.reason
        lines += refusal_lines(refused, of)
    if not flags & NO_REPLY:
        _add_lines(ctx, lines)
        sl.send_reply(ctx, code, reason)
        return
    if flags & PREPARE_REPLY and refused is None:
        _add_lines(ctx, lines)
        lines = b""
    extras(ctx).of_modules[mod.name] = (code, reason, lines)


def _extra_lines(ctx: Context, of: Settings) -> bytes:
    """What a 200 says of extensions."""
    message = ctx.message
    lines = b""
    paths = message.indexes(headers.PATH) if of.use_path and of.path_mode else []
    if paths and has_option(message, headers.SUPPORTED, b"path"):
        values = [message.raw_value(each) for each in paths]
        lines += b"Path: " + b",".join(values) + b"\r\n"
    if of.outbound_mode:
        lines += b"Supported: outbound\r\n"
        if supports_outbound(message):
            lines += b"Require: outbound\r\n"
            if of.flow_timer:
                lines += b"Flow-Timer: %d\r\n" % of.flow_timer
    return lines


def _add_lines(ctx: Context, lines: bytes) -> None:
    if lines:
        if ctx.reply_lines is None:
            ctx.reply_lines = []
        ctx.reply_lines.append(lines)


@mod.function("reg_send_reply", routes=Routes.REQUEST | Routes.FAILURE, replies=True)
def reg_send_reply(ctx: Context) -> int:
    """Send the answer that save() with flag 2 has not sent.

    Returns 1; -1 if there is none.
    """
    kept = None if ctx.extras is None else ctx.extras.of_modules.get(mod.name)
    if kept is None:
        ctx.program.log.line(levels.ERR, "reg_send_reply(): save() has left no answer to send")
        return -1
    code, reason, lines = kept
    _add_lines(ctx, lines)
    return sl.send_reply(ctx, code, reason)
