"""Whether there is a user: is_subscriber().

Source: README of auth_db, section 4.6.
"""

from __future__ import annotations

from typing import Final

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.errors import DatabaseError, SipParseError
from sipway.modules.auth_db._module import TableName, mod
from sipway.modules.auth_db.users import load, users
from sipway.sip.uri import parse_uri

_OK: Final = 1
_ERROR: Final = -1
_NOT_THERE: Final = -2

_DOMAIN: Final = 1
_ASK_ONLY: Final = 2


@mod.function("is_subscriber", may_wait=True)
async def is_subscriber(ctx: Context, uri: str, dbtable: TableName, flags: int) -> int:
    """Whether the user of a URI is in a table; flags: 1 with its domain, 2 without AVPs.

    What `load_credentials` says is put into AVPs. Returns 1; -2 if not, -1 for what is no URI, and
    if the database does not answer.
    """
    try:
        parsed = parse_uri(uri)
    except SipParseError:
        ctx.program.log.line(levels.ERR, f'is_subscriber(): "{uri:.60}" is no URI')
        return _ERROR
    if not parsed.user:
        return _NOT_THERE
    domain = parsed.host if flags & _DOMAIN else None
    asked = users(ctx.program)
    columns = () if flags & _ASK_ONLY else asked.loaded
    try:
        row = await asked.first(ctx, "is_subscriber", dbtable, parsed.user, domain, columns)
    except DatabaseError:
        return _ERROR
    if row is None:
        return _NOT_THERE
    if columns:
        load(ctx, row)
    return _OK
