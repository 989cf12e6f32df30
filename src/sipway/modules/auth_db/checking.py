"""Credentials checked with a database: www_authenticate(), proxy_authenticate(), auth_check().

Source: README of auth_db, sections 4.1 to 4.5.
"""

from __future__ import annotations

from sipway.core.context import Context
from sipway.language.signatures import Routes
from sipway.modules.auth._module import Realm
from sipway.modules.auth.realms import PROXY, WWW, side_of
from sipway.modules.auth_db._module import ConstantTable, TableName, mod
from sipway.modules.auth_db.credentials import authenticate


@mod.function("www_authenticate", "www_authorize", routes=Routes.REQUEST, may_wait=True)
async def www_authenticate(
    ctx: Context, realm: Realm, table: ConstantTable, method: str = ""
) -> int:
    """Check the credentials in Authorization for a realm, with the password in a table.

    The method is the request's unless another is given. Returns 1; -1 for what is none, and if
    the database does not answer, -2 for a wrong password, -3 for an unknown user, -4 for a nonce
    that is too old, -5 without credentials, -6 for a nonce that was used.
    """
    code = authenticate(ctx, "www_authenticate", WWW, realm, table, method)
    return code if isinstance(code, int) else await code


@mod.function("proxy_authenticate", "proxy_authorize", routes=Routes.REQUEST, may_wait=True)
async def proxy_authenticate(ctx: Context, realm: Realm, table: ConstantTable) -> int:
    """As www_authenticate(), in Proxy-Authorization."""
    code = authenticate(ctx, "proxy_authenticate", PROXY, realm, table)
    return code if isinstance(code, int) else await code


@mod.function("auth_check", routes=Routes.REQUEST, may_wait=True)
async def auth_check(ctx: Context, realm: Realm, table: TableName, flags: int) -> int:
    """As www_authenticate() for a REGISTER, as proxy_authenticate() for all else.

    With flag 1 the user must be the one that the request says it is from: -8 if not; with 2
    besides that is not asked of INVITE, BYE, PRACK, UPDATE and MESSAGE.
    """
    code = authenticate(ctx, "auth_check", side_of(ctx), realm, table, "", flags)
    return code if isinstance(code, int) else await code
