"""uri_db: whether the user who has shown credentials may use a URI, and whether a user exists.

Source: README of Kamailio's module uri_db; what it leaves open, the return codes first of all, was
tried on Kamailio 5.6.3.
"""

from __future__ import annotations

from typing import Final

from sipway.core import log as levels
from sipway.core.authorized import right_user
from sipway.core.context import Context
from sipway.core.databases import USUAL_URL, Table
from sipway.core.module import Module, Param
from sipway.core.program import Program
from sipway.core.stored_uris import small
from sipway.language.signatures import Routes
from sipway.sip.uri import routable_uri
from sipway.stores.databases import Condition

mod = Module("uri_db")

_ROUTES: Final = Routes.REQUEST | Routes.EVENT
_URI_VERSION: Final = 1
_SUBSCRIBER_VERSION: Final = 7

_NO_URI: Final = -1
_NO_CREDENTIALS: Final = -2
_NO_USER: Final = -4
_NOT_ASKED: Final = -8
_NOT_HIS: Final = -9
_ANOTHER: Final = -10
_EXISTENCE_NOT_ASKED: Final = -4
_NOBODY: Final = -5

_db_url = mod.param(
    "db_url",
    str,
    USUAL_URL,
    doc="database of the users; without one only credentials are looked at",
)
_db_table = mod.param("db_table", str, "subscriber", doc="table of the users, or of their URIs")
_user_column = mod.param("user_column", str, "username", doc="column with a user")
_domain_column = mod.param("domain_column", str, "domain", doc="column with a domain")
_uriuser_column = mod.param(
    "uriuser_column", str, "uri_user", doc="column with the user part of a URI of the user's"
)
_use_uri_table = mod.param("use_uri_table", int, 0, doc="1: the table is of the users' URIs")
_use_domain = mod.param("use_domain", int, 0, doc="1: does_uri_exist() looks at the domain too")

_NO_TABLE: Final[Table | None] = None
_table: Final[Param[Table | None]] = Param(mod.name, "", _NO_TABLE)


@mod.on_start
def _start(program: Program) -> None:
    """Raises ModuleError where there is no such kind of database."""
    url = _db_url(program)
    if url:
        version = _URI_VERSION if _use_uri_table(program) else _SUBSCRIBER_VERSION
        program.parameters[_table.key] = Table(
            program, url, _db_table(program), version, module=mod.name
        )


@mod.function("check_to", routes=_ROUTES, may_wait=True)
async def check_to(ctx: Context) -> int:
    """As check_uri(), with the URI of To."""
    return await _check(ctx, "check_to", ctx.message.to_uri)


@mod.function("check_from", routes=_ROUTES, may_wait=True)
async def check_from(ctx: Context) -> int:
    """As check_uri(), with the URI of From."""
    return await _check(ctx, "check_from", ctx.message.from_uri)


@mod.function("check_uri", routes=_ROUTES, may_wait=True)
async def check_uri(ctx: Context, uri: str) -> int:
    """1 if the user of this URI is the one whose credentials have been found to be right.

    With use_uri_table: if the table has it among the URIs of that user. -1: this is no URI; -4: it
    has no user; -2: no credentials have been checked; -10, -9 with the table: it is another user;
    -8: the database cannot be asked.
    """
    return await _check(ctx, "check_uri", uri)


async def _check(ctx: Context, function: str, text: str | None) -> int:
    program = ctx.program
    uri = routable_uri(text or "")
    if uri is None:
        return _NO_URI
    if not uri.user:
        return _NO_USER
    right = right_user(ctx)
    if right is None:
        program.log.line(
            levels.ERR,
            f"{function}(): no credentials have been checked, such as by www_authorize()",
        )
        return _NO_CREDENTIALS
    user, domain = right
    if not _use_uri_table(program):
        return 1 if small(user) == small(uri.user) else _ANOTHER
    where = [
        Condition(_user_column(program), user),
        Condition(_domain_column(program), domain),
        Condition(_uriuser_column(program), uri.user),
    ]
    found = await _is_there(program, function, where)
    if found is None:
        return _NOT_ASKED
    return 1 if found else _NOT_HIS


@mod.function("does_uri_exist", routes=_ROUTES, may_wait=True)
async def does_uri_exist(ctx: Context) -> int:
    """1 if the table has the user of the Request-URI, with use_domain in its domain.

    -5: it has not; -1: there is no URI, or no database; -4: the database cannot be asked.
    """
    program = ctx.program
    uri = routable_uri(ctx.uri or "")
    if uri is None or _table(program) is None:
        return _NO_URI
    column = _uriuser_column if _use_uri_table(program) else _user_column
    where = [Condition(column(program), uri.user or "")]
    if _use_domain(program):
        where.append(Condition(_domain_column(program), uri.host))
    found = await _is_there(program, "does_uri_exist", where)
    if found is None:
        return _EXISTENCE_NOT_ASKED
    return 1 if found else _NOBODY


async def _is_there(program: Program, function: str, where: list[Condition]) -> bool | None:
    """Whether the table has such a row; None if it cannot be asked."""
    table = _table(program)
    if table is None:
        return None
    rows = await table.find(function, [where[0].column], where, limit=1)
    return None if rows is None else bool(rows)
