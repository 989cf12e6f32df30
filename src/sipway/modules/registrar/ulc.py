"""$ulc: contacts that a script has fetched, and event_route[usrloc:contact-expired].

Source: README of registrar, sections 4.9, 4.10, 5.1 and 7.1.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from sipway.core import log as levels
from sipway.core.arguments import ConstantText
from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.core.made_up import made_up_context
from sipway.core.made_up import run as run_block
from sipway.core.program import Program
from sipway.errors import StoreError
from sipway.language.record import Record
from sipway.language.signatures import Inner, Routes
from sipway.modules import usrloc
from sipway.modules.registrar._module import mod, settings
from sipway.modules.registrar.aors import aor_of
from sipway.modules.registrar.looking import text
from sipway.modules.usrloc.contact import Contact
from sipway.modules.usrloc.locations import Location

_KEPT: Final = "registrar:ulc"
_EXPIRED: Final = "exp"

_expired_event = mod.event("usrloc:contact-expired")


class _Profile(Record):
    """Contacts of one user."""

    aor: str
    domain: str
    contacts: list[Contact]


Value = int | str | None


def _or_null(value: bytes) -> Value:
    return text(value) or None


_ATTRIBUTES: Final[dict[str, Callable[[_Profile, Contact], Value]]] = {
    "aor": lambda profile, _: profile.aor,
    "domain": lambda profile, _: profile.domain,
    "aorhash": lambda *_: 0,
    "addr": lambda _, contact: text(contact.uri),
    "path": lambda _, contact: text(contact.path),
    "received": lambda _, contact: text(contact.received),
    "expires": lambda _, contact: contact.expires,
    "callid": lambda _, contact: text(contact.call_id),
    "regid": lambda _, contact: contact.reg_id,
    "q": lambda _, contact: contact.q,
    "cseq": lambda _, contact: contact.cseq,
    "flags": lambda _, contact: contact.flags,
    "cflags": lambda _, contact: contact.cflags,
    "user_agent": lambda _, contact: text(contact.user_agent),
    "socket": lambda _, contact: _or_null(contact.socket),
    "modified": lambda _, contact: contact.modified,
    "methods": lambda _, contact: contact.methods,
    "count": lambda profile, _: len(profile.contacts),
    "ruid": lambda _, contact: text(contact.ruid),
    "instance": lambda _, contact: _or_null(contact.instance),
    "conid": lambda _, contact: contact.connection or None,
    "server_id": lambda _, contact: contact.server_id,
}

_NAME: Final = re.compile(r"\s*([A-Za-z0-9_]+)\s*=>\s*([a-z_]+)\s*")


def _part(inner: str) -> tuple[str, Callable[[_Profile, Contact], Value]]:
    match = _NAME.fullmatch(inner)
    if match is None:
        raise ValueError(f"$ulc is written $ulc(profile=>attribute), not $ulc({inner})")
    attribute = _ATTRIBUTES.get(match[2])
    if attribute is None:
        raise ValueError(f"a contact has no {match[2]}; there are {', '.join(_ATTRIBUTES)}")
    return match[1], attribute


@mod.variable("ulc", inner=Inner.REQUIRED, indexed=True, prepare=_part)
def _ulc(
    ctx: Context, part: tuple[str, Callable[[_Profile, Contact], Value]], index: int | None = None
) -> Value:
    """`$(ulc(profile=>attribute)[index])`: of contacts that reg_fetch_contacts() has fetched.

    A negative index is that of the first one, as in 5.6.3.
    """
    name, attribute = part
    kept: dict[str, _Profile] = {} if ctx.extras is None else ctx.extras.of_modules.get(_KEPT, {})
    profile = kept.get(name)
    at = max(index or 0, 0)
    if profile is None or at >= len(profile.contacts):
        return None
    return attribute(profile, profile.contacts[at])


def _keep(ctx: Context, name: str, profile: _Profile | None) -> None:
    of_modules = extras(ctx).of_modules
    kept = dict(of_modules.get(_KEPT, {}))
    if profile is None:
        kept.pop(name, None)
    else:
        kept[name] = profile
    of_modules[_KEPT] = kept


@mod.function("reg_fetch_contacts", routes=Routes.ANY)
def reg_fetch_contacts(ctx: Context, domain: ConstantText, uri: str, profile: ConstantText) -> int:
    """Fetch the contacts of a user for `$ulc(profile=>...)`, expired ones too.

    Returns 1; -1 if there is none.
    """
    of = settings(ctx.program)
    aor = aor_of(uri, of)
    if aor is None:
        ctx.program.log.line(levels.ERR, f'reg_fetch_contacts(): "{uri:.100}" is no URI of a user')
        return -1
    return fetched(ctx, of.locations.table(domain), aor, profile)


def fetched(ctx: Context, location: Location, aor: str, profile: str) -> int:
    """reg_fetch_contacts(), with where the user is to be found."""
    try:
        contacts = location.get(aor)
    except StoreError as error:
        ctx.program.log.line(levels.ERR, f"reg_fetch_contacts(): {error}")
        return -1
    if not contacts:
        _keep(ctx, profile, None)
        return -1
    _keep(ctx, profile, _Profile(aor, location.name, contacts))
    return 1


@mod.function("reg_free_contacts", routes=Routes.ANY)
def reg_free_contacts(ctx: Context, profile: ConstantText) -> int:
    """Forget what was fetched under this name. Returns 1."""
    _keep(ctx, profile, None)
    return 1


@mod.on_start
def _start(program: Program) -> None:
    block = program.events.get(_expired_event.name)
    if block is None:
        return

    def told(domain: str, key: bytes, contact: Contact) -> None:
        ctx = made_up_context(program)
        _keep(ctx, _EXPIRED, _Profile(text(key.lstrip(b"\0")), domain, [contact]))
        program.start(run_block(ctx, _expired_event.name, block), ctx)

    usrloc.watch_expired(program, told)
