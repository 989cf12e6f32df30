"""What an $xavp says of a contact: kept with it (`xavp_contact`), shown of it (`xavp_rcd`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sipway.core import log as levels
from sipway.core.extras import extras
from sipway.core.xavps import Xavp, Xavps, table
from sipway.errors import StoreError

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.modules.registrar.settings import Settings
    from sipway.modules.usrloc.contact import Contact

_LONGEST: Final = 0xFFFF

# Bits of `xavp_rcd_mask`: what is left out.
_RUID, _CONTACT, _EXPIRES, _RECEIVED, _PATH = 1, 2, 4, 8, 16


def _plain(values: Xavps) -> list[list[object]]:
    return [
        [each.name, _plain(each.value) if isinstance(each.value, list) else each.value]
        for each in values
    ]


def _made(values: list[list[object]]) -> Xavps:
    made: Xavps = []
    for name, value in values:
        if isinstance(value, list):
            made.append(Xavp(str(name), _made(value)))
        elif isinstance(value, int | str):
            made.append(Xavp(str(name), value))
        else:
            raise ValueError(f"{value!r} is no value of an $xavp")
    return made


def keep_attributes(ctx: Context, name: str, left: list[Contact], before: list[Contact]) -> None:
    """Put what the $xavp says into the contacts that are new. Raises StoreError when too long."""
    values = None if ctx.extras is None else table(ctx.extras.xavps, name)
    if values is None:
        return
    text = json.dumps(_plain(values), separators=(",", ":"), ensure_ascii=False)
    encoded = text.encode("utf-8", "surrogateescape")
    if len(encoded) > _LONGEST:
        raise StoreError(f"$xavp({name}) has {len(encoded)} bytes, a contact keeps {_LONGEST}")
    known = {id(each) for each in before}
    for each in left:
        if id(each) not in known:
            each.attributes = encoded


def restore_attributes(ctx: Context, name: str | None, contacts: list[Contact]) -> None:
    """Make $xavps of what was kept with contacts, on top of others of the name, in their order.

    A contact that nothing was kept with has an empty one, so that the places are theirs.
    """
    if name is None or not any(each.attributes for each in contacts):
        return
    restored = []
    for each in contacts:
        values: Xavps = []
        if each.attributes:
            try:
                values = _made(json.loads(each.attributes.decode("utf-8", "surrogateescape")))
            except ValueError as error:
                ctx.program.log.line(levels.ERR, f"registrar: attributes of a contact: {error}")
        restored.append(Xavp(name, values))
    extras(ctx).xavps[:0] = restored


def show_contacts(ctx: Context, of: Settings, contacts: list[Contact]) -> None:
    """$xavps with what is known of contacts, on top of others of the name, in their order."""
    if of.xavp_rcd is not None:
        extras(ctx).xavps[:0] = [Xavp(of.xavp_rcd, _shown(of, each)) for each in contacts]


def _shown(of: Settings, contact: Contact) -> Xavps:
    values: Xavps = []
    for bit, name, value in (
        (_RUID, "ruid", _text(contact.ruid)),
        (_CONTACT, "contact", _text(contact.uri)),
        (_EXPIRES, "expires", contact.expires),
        (_RECEIVED, "received", _text(contact.received) or None),
        (_PATH, "path", _text(contact.path) or None),
    ):
        if value is not None and not of.xavp_rcd_mask & bit:
            values.append(Xavp(name, value))
    return values


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")
