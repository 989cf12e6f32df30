"""speeddial: short numbers of each user, looked up in a database with each request.

Source: README of Kamailio's module speeddial; what it leaves open was tried on Kamailio 5.6.3.
"""

from __future__ import annotations

from typing import Final

from sipway.core import ruri
from sipway.core.context import Context
from sipway.core.databases import USUAL_URL, Table, database, text_of
from sipway.core.module import Module
from sipway.core.program import Program
from sipway.core.stored_uris import usable, without_prefix
from sipway.language.signatures import Routes
from sipway.sip.uri import routable_uri
from sipway.stores.databases import Condition

mod = Module("speeddial")

_ROUTES: Final = Routes.REQUEST | Routes.EVENT
_OF_OWNER: Final = 1
_OF_BOTH: Final = 2
_SCHEMES: Final = ("sip:", "sips:", "tel:")

_db_url = mod.param(
    "db_url",
    str,
    USUAL_URL,
    doc="database of the short numbers",
)
_user_column = mod.param("user_column", str, "username", doc="column with a number's owner")
_domain_column = mod.param("domain_column", str, "domain", doc="column with the owner's domain")
_sd_user_column = mod.param("sd_user_column", str, "sd_username", doc="column with a short number")
_sd_domain_column = mod.param(
    "sd_domain_column", str, "sd_domain", doc="column with the domain of a short number"
)
_new_uri_column = mod.param("new_uri_column", str, "new_uri", doc="column with what it stands for")
_domain_prefix = mod.param(
    "domain_prefix", str, "", doc="what is taken off where a domain begins with it"
)
_use_domain = mod.param(
    "use_domain", int, 0, doc="domains that count: 0 none, 1 the owner's, 2 the number's too"
)


@mod.on_start
def _start(program: Program) -> None:
    """Raises ModuleError where there is no such kind of database."""
    database(program, _db_url(program), mod.name)


@mod.function("sd_lookup", routes=_ROUTES, may_wait=True)
async def sd_lookup(ctx: Context, table: str) -> int:
    """Replace the Request-URI by what the caller's short number stands for. 1; -1 if nothing."""
    return await _lookup(ctx, table, ctx.message.from_uri)


@mod.function("sd_lookup", routes=_ROUTES, may_wait=True)
async def sd_lookup_of(ctx: Context, table: str, owner: str) -> int:
    """The same with the numbers of another user, by URI."""
    return await _lookup(ctx, table, owner)


async def _lookup(ctx: Context, table: str, text: str | None) -> int:
    program = ctx.program
    owner, number = routable_uri(text or ""), routable_uri(ctx.uri or "")
    if owner is None or number is None or not owner.user or not number.user:
        return -1
    where = [
        Condition(_user_column(program), owner.user),
        Condition(_sd_user_column(program), number.user),
    ]
    prefix = _domain_prefix(program)
    if _use_domain(program) >= _OF_OWNER:
        where.append(Condition(_domain_column(program), without_prefix(owner.host, prefix)))
    if _use_domain(program) >= _OF_BOTH:
        where.append(Condition(_sd_domain_column(program), without_prefix(number.host, prefix)))
    asked = Table(program, _db_url(program), table, None, module=mod.name)
    rows = await asked.find("sd_lookup", [_new_uri_column(program)], where, limit=1)
    found = text_of(rows[0][0]) if rows else None
    if not found or not usable(ctx, "sd_lookup", found):
        return -1
    ruri.set_uri(ctx, found if found.lower().startswith(_SCHEMES) else f"sip:{found}")
    return 1
