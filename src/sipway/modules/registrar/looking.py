"""lookup() and its kin: contacts become destinations of the request.

Source: README of registrar, sections 4.2 to 4.5; RFC 3327 (Path), RFC 5627 (GRUU).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sipway.core import log as levels
from sipway.core.arguments import ConstantText
from sipway.core.branches import Branch, add_branch
from sipway.core.context import Context
from sipway.core.extras import extras, main_branch
from sipway.core.send_socket import find_socket
from sipway.core.sockets import ListenSocket
from sipway.core.xavps import Xavp, Xavps
from sipway.errors import SipParseError, StoreError
from sipway.language.signatures import Routes
from sipway.modules.registrar._module import BY_CONNECTION, mod, settings
from sipway.modules.registrar.aors import aor_of
from sipway.modules.registrar.attributes import restore_attributes, show_contacts
from sipway.modules.registrar.reading import OTHER_METHODS, config
from sipway.modules.registrar.settings import Settings
from sipway.modules.registrar.updating import is_valid
from sipway.modules.usrloc.connections import open_connections
from sipway.modules.usrloc.contact import Contact
from sipway.modules.usrloc.locations import Location
from sipway.sip.contacts import ContactValue, parse_contacts
from sipway.sip.methods import OTHER
from sipway.sip.uri import routable_uri

_ROUTES: Final = Routes.REQUEST | Routes.FAILURE

_FOUND: Final = 1
_NOT_FOUND: Final = -1
_NOT_ALLOWED: Final = -2
FAULT: Final = -3

_BY_FLAGS: Final = 1


def text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")


@mod.function("lookup", routes=_ROUTES)
def lookup(ctx: Context, domain: ConstantText, uri: str = "") -> int:
    """The user of the Request-URI, or of `uri`, becomes where he can be reached.

    The best contact becomes the Request-URI, with its next hop, socket and branch flags; the
    others become branches if `append_branches` says so. Returns 1; -1 if there is none, -2 if
    none allows the method, -3 for a fault.
    """
    location = settings(ctx.program).locations.table(domain)
    return looked_up(ctx, location, uri or ctx.uri or "", keep_uri=False)


@mod.function("lookup_to_dset", routes=_ROUTES)
def lookup_to_dset(ctx: Context, domain: ConstantText, uri: str = "") -> int:
    """As lookup(), but all contacts become branches and the Request-URI stays as it is."""
    location = settings(ctx.program).locations.table(domain)
    return looked_up(ctx, location, uri or ctx.uri or "", keep_uri=True)


@mod.function("lookup_branches", routes=_ROUTES)
def lookup_branches(ctx: Context, domain: ConstantText) -> int:
    """lookup() for the Request-URI, then for each branch that is nothing but a URI.

    Returns what the first lookup() that found something returned, else what the last one did.
    """
    location = settings(ctx.program).locations.table(domain)
    return branches_looked_up(ctx, lambda _: location)


def is_bare(branch: Branch) -> bool:
    """Whether a branch is nothing but a URI."""
    return branch == Branch(branch.uri, branch.q)


def branches_looked_up(ctx: Context, location_of: Callable[[str], Location]) -> int:
    """lookup_branches(), with where the user of each URI is to be found."""
    before = ctx.branches or []
    uri = ctx.uri or ""
    ctx.branches = None
    best = looked_up(ctx, location_of(uri), uri, keep_uri=False)
    added = ctx.branches or []
    ctx.branches = []
    for each in before:
        if not is_bare(each):
            added.append(each)
            continue
        ctx.branches = []
        found = looked_up(ctx, location_of(each.uri), each.uri, keep_uri=True)
        if found > 0:
            best = found if best < 0 else best
            added += ctx.branches
        else:
            added.append(each)
    ctx.branches = added or None
    return best


def ruid_of(uri: str, of: Settings) -> bytes | None:
    """The id of the contact that a URI means, if it is a temporary address of a phone."""
    if not of.gruu_enabled:
        return None
    parsed = routable_uri(uri)
    if parsed is None or parsed.param("gr") != "":
        return None
    return (parsed.user or "").encode("utf-8", "surrogateescape")


def found_contacts(
    ctx: Context, location: Location, uri: str, of: Settings
) -> list[Contact] | None:
    """The valid contacts of the user that a URI means; None if it is none. Raises StoreError."""
    now = int(ctx.now)
    ruid = ruid_of(uri, of)
    if ruid is not None:
        owner = location.owner_of(ruid)
        contacts = [] if owner is None else location.get(owner)
        contacts = [each for each in contacts if each.ruid == ruid]
    else:
        aor = aor_of(uri, of)
        if aor is None:
            return None
        contacts = location.get(aor)
        parsed = routable_uri(uri)
        gruu = parsed.param("gr") if parsed is not None and of.gruu_enabled else None
        if gruu:
            instance = f"<{gruu}>".encode("utf-8", "surrogateescape")
            contacts = [each for each in contacts if each.instance == instance]
    if of.use_expired:
        return contacts
    return [each for each in contacts if is_valid(each, now)]


def looked_up(ctx: Context, location: Location, uri: str, *, keep_uri: bool) -> int:
    """lookup() and lookup_to_dset(), with where the user of the URI is to be found."""
    of = settings(ctx.program)
    try:
        contacts = found_contacts(ctx, location, uri, of)
    except StoreError as error:
        ctx.program.log.line(levels.ERR, f"lookup(): {error}")
        return FAULT
    if contacts is None:
        ctx.program.log.line(levels.ERR, f'lookup(): "{uri:.100}" is no URI of a user')
        return FAULT
    if of.lookup_filter_mode:
        contacts = _filtered(ctx, contacts, of)
    if not contacts:
        return _NOT_FOUND
    message = ctx.message
    if of.method_filtering and message.is_request and not ctx.to_tag:
        method = OTHER_METHODS if message.method_id == OTHER else message.method_id
        contacts = [each for each in contacts if each.methods & method]
        if not contacts:
            return _NOT_ALLOWED
    if not keep_uri and not of.append_branches:
        contacts = contacts[:1]
    if not keep_uri:
        _make_main(ctx, contacts[0], of)
    for number, each in enumerate(contacts):
        if number == 0 and not keep_uri:
            continue
        try:
            add_branch(ctx, _branch(ctx, each, of))
        except ValueError as error:
            ctx.program.log.line(levels.ERR, f"lookup(): {error}")
            contacts = contacts[:number]
            break
    restore_attributes(ctx, of.xavp_contact, contacts)
    show_contacts(ctx, of, contacts)
    return _FOUND


def _filtered(ctx: Context, contacts: list[Contact], of: Settings) -> list[Contact]:
    """Without those that `lookup_filter_mode` leaves out."""
    if of.lookup_filter_mode & _BY_FLAGS:
        flags = config(ctx, of, "rlf_bflags")
        if flags:
            contacts = [each for each in contacts if each.cflags & flags]
    if of.lookup_filter_mode & BY_CONNECTION:
        contacts = [
            each
            for each in contacts
            if not each.connection or open_connections(ctx.program).of(each, None) is not None
        ]
    return contacts


def _branch(ctx: Context, contact: Contact, of: Settings) -> Branch:
    """Where a contact is to be reached."""
    branch = Branch(text(contact.uri), contact.q, flags=contact.cflags)
    path = contact.path
    if path and of.path_check_local:
        path = _without_own(ctx, path)
    if path:
        branch.path = text(path)
        branch.dst_uri = _first_uri(path)
    elif contact.received:
        branch.dst_uri = text(contact.received)
    branch.socket = socket_of(ctx, contact)
    branch.ruid = text(contact.ruid)
    branch.instance = text(contact.instance) or None
    branch.reg_id = contact.reg_id
    branch.user_agent = text(contact.user_agent) or None
    branch.connection = contact.connection
    return branch


def _make_main(ctx: Context, contact: Contact, of: Settings) -> None:
    branch = _branch(ctx, contact, of)
    ctx.ruri = branch.uri
    ctx.dst_uri = branch.dst_uri
    ctx.branch_flags = branch.flags
    if branch.socket is not None:
        ctx.send_socket = branch.socket
    main = main_branch(ctx)
    main.q = branch.q
    main.path = branch.path
    main.ruid = branch.ruid
    main.instance = branch.instance
    main.reg_id = branch.reg_id
    main.user_agent = branch.user_agent
    main.connection = branch.connection


def socket_of(ctx: Context, contact: Contact) -> ListenSocket | None:
    """The socket of ours by which the phone came, if there still is one."""
    if not contact.socket:
        return None
    wanted = text(contact.socket)
    for socket in ctx.program.sockets:
        if socket.text == wanted:
            return socket
    try:
        return find_socket(ctx.program.sockets, wanted)
    except ValueError:
        return None


def _first_uri(path: bytes) -> str | None:
    found: list[ContactValue] = []
    try:
        parse_contacts(path, found)
    except SipParseError:
        return None
    return text(found[0].uri) if found else None


def _without_own(ctx: Context, path: bytes) -> bytes:
    """A Path without its first hop, where that is this server."""
    uri = routable_uri(_first_uri(path) or "")
    if uri is None or not ctx.program.is_myself(uri.host, uri.port or None):
        return path
    closing = path.find(b">")
    comma = path.find(b",", closing)
    return path[comma + 1 :].strip() if comma >= 0 else b""


@mod.function("lookup_xavp", routes=Routes.ANY)
def lookup_xavp(
    ctx: Context, domain: ConstantText, uri: str, record: ConstantText, contact: ConstantText
) -> int:
    """The contacts of a user as $xavps: `record` has `aor` and `count`, `contact` one each.

    Each has `uri`, and where there are such `dsturi` and `socket`. Returns as lookup().
    """
    location = settings(ctx.program).locations.table(domain)
    return shown_as_xavps(ctx, location, uri, record, contact)


def shown_as_xavps(ctx: Context, location: Location, uri: str, record: str, contact: str) -> int:
    """lookup_xavp(), with where the user of the URI is to be found."""
    of = settings(ctx.program)
    try:
        contacts = found_contacts(ctx, location, uri, of)
    except StoreError as error:
        ctx.program.log.line(levels.ERR, f"lookup_xavp(): {error}")
        return FAULT
    if contacts is None:
        return FAULT
    if not contacts:
        return _NOT_FOUND
    xavps = extras(ctx).xavps
    for each in reversed(contacts):
        values: Xavps = [Xavp("uri", text(each.uri))]
        if each.received:
            values.append(Xavp("dsturi", text(each.received)))
        if each.socket:
            values.append(Xavp("socket", text(each.socket)))
        xavps.insert(0, Xavp(contact, values))
    xavps.insert(
        0, Xavp(record, [Xavp("aor", aor_of(uri, of) or ""), Xavp("count", len(contacts))])
    )
    return _FOUND
