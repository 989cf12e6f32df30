"""The functions where contacts are in a database alone (`db_mode` 3 of usrloc): they wait for it.

Each asks it for the contacts of one user, does with these what it does with those of the store, and
has what has changed written before anybody is answered. When the database does not do it, the
function returns what its README says for a fault.
"""

from __future__ import annotations

from typing import Final

from sipway.core import log as levels
from sipway.core.arguments import ConstantText
from sipway.core.context import Context
from sipway.errors import DatabaseError
from sipway.modules import usrloc
from sipway.modules.registrar._module import mod, settings
from sipway.modules.registrar.aors import aor_of
from sipway.modules.registrar.looking import (
    FAULT,
    branches_looked_up,
    is_bare,
    looked_up,
    ruid_of,
    shown_as_xavps,
)
from sipway.modules.registrar.questions import (
    NOT_REMOVED,
    asked_uri,
    is_from,
    is_registered,
    without,
)
from sipway.modules.registrar.saving import NO_URI, SaveFlags, answer, failed, kept
from sipway.modules.registrar.ulc import fetched
from sipway.modules.usrloc.locations import Location
from sipway.modules.usrloc.records import Records

_DB_ONLY: Final = usrloc.DB_ONLY
_DB_MODE: Final = usrloc.DB_MODE


def _records(ctx: Context) -> Records:
    found = usrloc.records(ctx.program)
    assert found is not None, "these functions are called with db_mode 3 alone"
    return found


async def _location_of(ctx: Context, domain: str, uri: str) -> Location:
    """What the database says of the user that a URI means. Raises DatabaseError."""
    of, records = settings(ctx.program), _records(ctx)
    ruid = ruid_of(uri, of)
    if ruid is not None:
        return await records.of_contact(domain, ruid)
    aor = aor_of(uri, of)
    return records.location(domain) if aor is None else await records.of(domain, aor)


def _say(ctx: Context, function: str, error: DatabaseError) -> None:
    ctx.program.log.once(levels.ERR, f"{function}(): {error}")


@mod.waiting("save", parameter=_DB_MODE, value=_DB_ONLY)
async def save(ctx: Context, domain: ConstantText, flags: SaveFlags = 0, uri: str = NO_URI) -> int:
    of, records = settings(ctx.program), _records(ctx)
    uri = uri or ctx.message.to_uri or ""
    aor = aor_of(uri, of)
    if aor is None:  # that is answered, and nobody asked
        contacts, refused, result = kept(ctx, of, records.location(domain), flags, uri)
    else:
        try:
            async with records.turn(domain, aor):
                location = await records.of(domain, aor)
                before = location.get(aor)
                contacts, refused, result = kept(ctx, of, location, flags, uri)
                if refused is None:
                    await records.write(domain, aor, before, location.get(aor))
        except DatabaseError as error:
            return failed(ctx, of, error, uri, flags)
    if ctx.message.is_request:
        answer(ctx, of, contacts, refused, uri, flags)
    return result


@mod.waiting("lookup", parameter=_DB_MODE, value=_DB_ONLY)
async def lookup(ctx: Context, domain: ConstantText, uri: str = "") -> int:
    return await _lookup(ctx, "lookup", domain, uri, keep_uri=False)


@mod.waiting("lookup_to_dset", parameter=_DB_MODE, value=_DB_ONLY)
async def lookup_to_dset(ctx: Context, domain: ConstantText, uri: str = "") -> int:
    return await _lookup(ctx, "lookup_to_dset", domain, uri, keep_uri=True)


async def _lookup(ctx: Context, function: str, domain: str, uri: str, *, keep_uri: bool) -> int:
    uri = uri or ctx.uri or ""
    try:
        location = await _location_of(ctx, domain, uri)
    except DatabaseError as error:
        _say(ctx, function, error)
        return FAULT
    return looked_up(ctx, location, uri, keep_uri=keep_uri)


@mod.waiting("lookup_branches", parameter=_DB_MODE, value=_DB_ONLY)
async def lookup_branches(ctx: Context, domain: ConstantText) -> int:
    uris = [ctx.uri or "", *(each.uri for each in ctx.branches or () if is_bare(each))]
    try:
        found = {uri: await _location_of(ctx, domain, uri) for uri in uris}
    except DatabaseError as error:
        _say(ctx, "lookup_branches", error)
        return FAULT
    return branches_looked_up(ctx, lambda uri: found[uri])


@mod.waiting("lookup_xavp", parameter=_DB_MODE, value=_DB_ONLY)
async def lookup_xavp(
    ctx: Context, domain: ConstantText, uri: str, record: ConstantText, contact: ConstantText
) -> int:
    try:
        location = await _location_of(ctx, domain, uri)
    except DatabaseError as error:
        _say(ctx, "lookup_xavp", error)
        return FAULT
    return shown_as_xavps(ctx, location, uri, record, contact)


@mod.waiting("registered", parameter=_DB_MODE, value=_DB_ONLY)
async def registered(
    ctx: Context, domain: ConstantText, uri: str = "", options: int = 0, actions: int = 0
) -> int:
    uri = asked_uri(ctx, uri)
    try:
        location = await _location_of(ctx, domain, uri)
    except DatabaseError as error:
        _say(ctx, "registered", error)
        return -1
    return is_registered(ctx, location, uri, options, actions)


@mod.waiting("reg_from_user", parameter=_DB_MODE, value=_DB_ONLY)
async def reg_from_user(ctx: Context, domain: ConstantText, uri: str, mode: int) -> int:
    try:
        location = await _location_of(ctx, domain, uri)
    except DatabaseError as error:
        _say(ctx, "reg_from_user", error)
        return -1
    return is_from(ctx, location, uri, mode)


@mod.waiting("reg_fetch_contacts", parameter=_DB_MODE, value=_DB_ONLY)
async def reg_fetch_contacts(
    ctx: Context, domain: ConstantText, uri: str, profile: ConstantText
) -> int:
    aor = aor_of(uri, settings(ctx.program))
    if aor is None:
        ctx.program.log.line(levels.ERR, f'reg_fetch_contacts(): "{uri:.100}" is no URI of a user')
        return -1
    try:
        location = await _records(ctx).of(domain, aor)
    except DatabaseError as error:
        _say(ctx, "reg_fetch_contacts", error)
        return -1
    return fetched(ctx, location, aor, profile)


@mod.waiting("unregister", parameter=_DB_MODE, value=_DB_ONLY)
async def unregister(ctx: Context, domain: ConstantText, uri: str, ruid: str = "") -> int:
    """As with a store; with an id `uri` may be empty."""
    of, records = settings(ctx.program), _records(ctx)
    aor = aor_of(uri, of)
    if aor is None and not (ruid and not uri):
        return -1
    try:
        if aor is None:
            location = await records.of_contact(domain, ruid.encode("utf-8", "surrogateescape"))
            aor = location.owner_of(ruid.encode("utf-8", "surrogateescape"))
            if aor is None:
                return -3
        async with records.turn(domain, aor):
            location = await records.of(domain, aor)
            before = location.get(aor)
            result = without(location, aor, ruid)
            await records.write(domain, aor, before, location.get(aor))
    except DatabaseError as error:
        _say(ctx, "unregister", error)
        return NOT_REMOVED
    return result
