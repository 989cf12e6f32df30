"""Credentials and the row of their user in a database: what the functions of scripts return.

Compiled (see `credentials.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Final

from sipway.core import log as levels
from sipway.core.authorized import user_and_domain
from sipway.core.context import Context
from sipway.errors import DatabaseError
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
from sipway.modules.auth.realms import Side, realm_of
from sipway.modules.auth_db._module import force_generate_avps
from sipway.modules.auth_db.users import load, text_of, users
from sipway.stores.databases import ASK_LATER, Row

_OWN: Final = 1
_NOT_CALLERS: Final = 2
# Those may come from somebody who does not want to be named.
_ANONYMOUS: Final = frozenset({"INVITE", "BYE", "PRACK", "UPDATE", "MESSAGE"})


def authenticate(
    ctx: Context,
    function: str,
    side: Side,
    text: str,
    table: str,
    method: str = "",
    flags: int = 0,
) -> int | Coroutine[Any, Any, int]:
    """What a function returns, or what is to be awaited for it: mostly the answer is at hand."""
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
    asked = users(ctx.program)
    user, domain = user_and_domain(attempt.given.user)
    columns = asked.password_2 if domain and not asked.plain else asked.password
    where = (domain or realm) if asked.use_domain else None
    row: Any = asked.first_at_once(ctx.program, table, user, where, columns)
    if row is ASK_LATER:
        later = asked.first(ctx, function, table, user, where, columns)
        return _when_asked(ctx, attempt, later, method, flags)
    return _code_of(ctx, attempt, row, method, flags)


async def _when_asked(
    ctx: Context,
    attempt: Attempt,
    asked: Coroutine[Any, Any, Row | None],
    method: str,
    flags: int,
) -> int:
    try:
        row = await asked
    except DatabaseError:
        return ERROR
    return _code_of(ctx, attempt, row, method, flags)


def _code_of(ctx: Context, attempt: Attempt, row: Row | None, method: str, flags: int) -> int:
    """What the password in the database says."""
    if row is None:
        return UNKNOWN_USER
    stored = text_of(row[0])
    code = WRONG_PASSWORD
    if stored:  # who has none cannot get in by an empty one
        secret = attempt.secret(stored) if users(ctx.program).plain else stored
        code = finish(ctx, attempt, secret, method or ctx.method)
    if len(row) > 1 and (code == OK or force_generate_avps(ctx.program)):
        load(ctx, row[1:])
    if code != OK or not _is_compared(ctx, flags):
        return code
    domains = users(ctx.program).use_domain
    own = is_own(ctx, attempt.given.user, attempt.realm, domains=domains)
    return OK if own else ANOTHER_USER


def _is_compared(ctx: Context, flags: int) -> bool:
    """Whether the user has to be who the request says it is from."""
    if not flags & _OWN:
        return False
    return not (flags & _NOT_CALLERS and ctx.message.method in _ANONYMOUS)
