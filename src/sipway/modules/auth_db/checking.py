"""Credentials checked with a database: www_authenticate(), proxy_authenticate(), auth_check().

Source: README of auth_db, sections 4.1 to 4.5.
"""

from __future__ import annotations

from typing import Final

from sipway.core import log as levels
from sipway.core.authorized import user_and_domain
from sipway.core.context import Context
from sipway.errors import DatabaseError
from sipway.language.signatures import Routes
from sipway.modules.auth._module import Realm
from sipway.modules.auth.attempts import (
    ANOTHER_USER,
    ERROR,
    OK,
    UNKNOWN_USER,
    WRONG_PASSWORD,
    Attempt,
    begin,
    finish,
    is_never_asked,
)
from sipway.modules.auth.identities import is_own
from sipway.modules.auth.realms import PROXY, WWW, Side, realm_of, side_of
from sipway.modules.auth_db._module import (
    ConstantTable,
    TableName,
    calculate_ha1,
    force_generate_avps,
    mod,
    password_column,
    password_column_2,
    use_domain,
)
from sipway.modules.auth_db.users import load, loaded_columns, row_of, text_of

_OWN: Final = 1
_NOT_CALLERS: Final = 2
# Those may come from somebody who does not want to be named.
_ANONYMOUS: Final = frozenset({"INVITE", "BYE", "PRACK", "UPDATE", "MESSAGE"})


async def _authenticate(
    ctx: Context,
    function: str,
    side: Side,
    text: str,
    table: str,
    *,
    method: str = "",
    flags: int = 0,
) -> int:
    realm = realm_of(ctx, text)
    if realm is None or not table:
        what = "no realm" if realm is None else "no table"
        ctx.program.log.line(levels.ERR, f"{function}(): {what} is given")
        return ERROR
    if is_never_asked(ctx):
        return OK
    attempt = begin(ctx, side, realm)
    if isinstance(attempt, int):
        return attempt
    try:
        code = await _check(ctx, function, attempt, table, method or ctx.method)
    except DatabaseError:
        return ERROR
    if code != OK or not _is_compared(ctx, flags):
        return code
    domains = bool(use_domain(ctx.program))
    own = is_own(ctx, attempt.given.user, realm, domains=domains)
    return OK if own else ANOTHER_USER


def _is_compared(ctx: Context, flags: int) -> bool:
    """Whether the user has to be who the request says it is from."""
    if not flags & _OWN:
        return False
    return not (flags & _NOT_CALLERS and ctx.message.method in _ANONYMOUS)


async def _check(ctx: Context, function: str, attempt: Attempt, table: str, method: str) -> int:
    """What the password in the database says. Raises DatabaseError."""
    program = ctx.program
    user, domain = user_and_domain(attempt.given.user)
    plain = bool(calculate_ha1(program))
    column = password_column_2 if domain and not plain else password_column
    where = (domain or attempt.realm) if use_domain(program) else None
    columns = (column(program), *loaded_columns(program))
    row = await row_of(ctx, function, table, user, where, columns)
    if row is None:
        return UNKNOWN_USER
    stored = text_of(row[0])
    code = WRONG_PASSWORD
    if stored:  # who has none cannot get in by an empty one
        code = finish(ctx, attempt, attempt.secret(stored) if plain else stored, method)
    if code == OK or force_generate_avps(program):
        load(ctx, row[1:])
    return code


@mod.function("www_authenticate", "www_authorize", routes=Routes.REQUEST, may_wait=True)
async def www_authenticate(
    ctx: Context, realm: Realm, table: ConstantTable, method: str = ""
) -> int:
    """Check the credentials in Authorization for a realm, with the password in a table.

    The method is the request's unless another is given. Returns 1; -1 for what is none, and if
    the database does not answer, -2 for a wrong password, -3 for an unknown user, -4 for a nonce
    that is too old, -5 without credentials, -6 for a nonce that was used.
    """
    return await _authenticate(ctx, "www_authenticate", WWW, realm, table, method=method)


@mod.function("proxy_authenticate", "proxy_authorize", routes=Routes.REQUEST, may_wait=True)
async def proxy_authenticate(ctx: Context, realm: Realm, table: ConstantTable) -> int:
    """As www_authenticate(), in Proxy-Authorization."""
    return await _authenticate(ctx, "proxy_authenticate", PROXY, realm, table)


@mod.function("auth_check", routes=Routes.REQUEST, may_wait=True)
async def auth_check(ctx: Context, realm: Realm, table: TableName, flags: int) -> int:
    """As www_authenticate() for a REGISTER, as proxy_authenticate() for all else.

    With flag 1 the user must be the one that the request says it is from: -8 if not; with 2
    besides that is not asked of INVITE, BYE, PRACK, UPDATE and MESSAGE.
    """
    return await _authenticate(ctx, "auth_check", side_of(ctx), realm, table, flags=flags)
