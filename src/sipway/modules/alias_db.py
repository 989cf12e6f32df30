"""alias_db: the URIs that a database has for an alias, asked for with each request.

Source: README of Kamailio's module alias_db; what it leaves open was tried on Kamailio 5.6.3.
"""

from __future__ import annotations

from typing import Annotated, Final

from sipway.core import log as levels
from sipway.core import ruri
from sipway.core.arguments import WritableName
from sipway.core.branches import Branch, add_branch
from sipway.core.context import Context
from sipway.core.databases import USUAL_URL, Table, database, text_of
from sipway.core.module import Module
from sipway.core.program import Program
from sipway.core.stored_uris import usable, without_prefix
from sipway.language.signatures import ArgumentKind, Routes
from sipway.sip.uri import routable_uri
from sipway.stores.databases import Condition

mod = Module("alias_db")

_LOOKUP: Final = Routes.REQUEST | Routes.FAILURE | Routes.EVENT
_NO_DOMAIN: Final = "d"
_REVERSE: Final = "r"
_DOMAIN: Final = "u"

_db_url = mod.param(
    "db_url",
    str,
    USUAL_URL,
    doc="database of the aliases",
)
_user_column = mod.param("user_column", str, "username", doc="column with a user")
_domain_column = mod.param("domain_column", str, "domain", doc="column with the user's domain")
_alias_user_column = mod.param(
    "alias_user_column", str, "alias_username", doc="column with the user part of an alias"
)
_alias_domain_column = mod.param(
    "alias_domain_column", str, "alias_domain", doc="column with the domain of an alias"
)
_use_domain = mod.param("use_domain", int, 0, doc="1: the domain of an alias counts too")
_domain_prefix = mod.param(
    "domain_prefix", str, "", doc="what is taken off where a domain begins with it"
)
_append_branches = mod.param(
    "append_branches", int, 0, doc="1: of several URIs the others become branches"
)


@mod.on_start
def _start(program: Program) -> None:
    """Raises ModuleError where there is no such kind of database."""
    database(program, _db_url(program), mod.name)


def _to_flags(text: str) -> str:
    unknown = sorted(set(text) - {_NO_DOMAIN, _REVERSE, _DOMAIN})
    if unknown:
        raise ValueError(f"there is no flag {unknown[0]}: d, r and u are known")
    return text


_FLAGS: Final = ArgumentKind("flags such as rd", base=str, dynamic=False, convert=_to_flags)


@mod.function("alias_db_lookup", routes=_LOOKUP, may_wait=True)
async def alias_db_lookup(ctx: Context, table: str, flags: Annotated[str, _FLAGS] = "") -> int:
    """Replace the Request-URI by what the table has for it. 1; -1 if that is nothing.

    Flags: d the domain does not count, u it does, r the other way round: the alias of a URI.
    """
    found = await _found(ctx, table, ctx.uri, flags, "alias_db_lookup")
    if not found:
        return -1
    ruri.set_uri(ctx, found[0])
    try:
        for uri in found[1:]:
            add_branch(ctx, Branch(uri))
    except ValueError as error:
        ctx.program.log.line(levels.ERR, f"alias_db_lookup(): {error}")
    return 1


@mod.function("alias_db_find", may_wait=True)
async def alias_db_find(
    ctx: Context, table: str, uri: str, result: WritableName, flags: Annotated[str, _FLAGS] = ""
) -> int:
    """Put what the table has for a URI into a variable. 1; -1 if that is nothing. Flags as above.

    With append_branches an AVP gets all of them.
    """
    found = await _found(ctx, table, uri, flags, "alias_db_find")
    if not found or result.set is None:
        return -1
    for each in found:
        result.set(ctx, each)
    return 1


async def _found(
    ctx: Context, table: str, text: str | None, flags: str, function: str
) -> list[str]:
    """The URIs for an alias; the first alone unless the others become branches."""
    program = ctx.program
    uri = routable_uri(text or "")
    if uri is None or not uri.user:
        return []
    columns = [_user_column(program), _domain_column(program)]
    keys = [_alias_user_column(program), _alias_domain_column(program)]
    if _REVERSE in flags:
        columns, keys = keys, columns
    where = [Condition(keys[0], uri.user)]
    if _counts_domain(program, flags):
        where.append(Condition(keys[1], without_prefix(uri.host, _domain_prefix(program))))
    many = program.max_branches if _append_branches(program) else 1
    asked = Table(program, _db_url(program), table, None, module=mod.name)
    rows = await asked.find(function, columns, where, limit=many)
    pairs = [(text_of(user), text_of(domain)) for user, domain in rows or ()]
    uris = [f"sip:{user}@{domain}" for user, domain in pairs if user and domain]
    return [each for each in uris if usable(ctx, function, each)]


def _counts_domain(program: Program, flags: str) -> bool:
    """The last flag that says it counts."""
    for flag in reversed(flags):
        if flag in (_NO_DOMAIN, _DOMAIN):
            return flag == _DOMAIN
    return bool(_use_domain(program))
