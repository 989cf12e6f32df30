"""Credentials checked with a password of the script's: pv_www_authenticate() and its kin.

Source: README of auth, sections 4.6 to 4.8.
"""

from __future__ import annotations

from typing import Final

from sipway.core import log as levels
from sipway.core.avps import set_avp
from sipway.core.context import Context
from sipway.errors import StoreError
from sipway.language.early import NULL
from sipway.language.signatures import Routes
from sipway.modules.auth._module import Realm, challenge_avp, mod, use_domain
from sipway.modules.auth.attempts import (
    ANOTHER_USER,
    ERROR,
    OK,
    begin,
    finish,
    is_never_asked,
)
from sipway.modules.auth.challenges import challenge_lines
from sipway.modules.auth.identities import is_own
from sipway.modules.auth.realms import PROXY, WWW, Side, realm_of, side_of

_HASHED: Final = 1
_NO_QOP: Final = 2
_AUTH: Final = 4
_AUTH_INT: Final = 8
_STALE: Final = 16
_KEEPS_NONCE: Final = 32

_OWN: Final = 1


def _qop_of(flags: int) -> str | None:
    """Of the challenge to build, the strongest; None if there is to be none."""
    if flags & _AUTH_INT:
        return "auth-int"
    if flags & _AUTH:
        return "auth"
    return "" if flags & _NO_QOP else None


def _authenticate(
    ctx: Context,
    function: str,
    side: Side,
    text: str,
    password: str,
    flags: int,
    method: str,
    checks: int = 0,
) -> int:
    realm = realm_of(ctx, text)
    if realm is None or not password or NULL in password:
        # A variable that is not set must never be somebody's password.
        what = "no realm" if realm is None else "no password"
        ctx.program.log.line(levels.ERR, f"{function}(): {what} is given")
        return ERROR
    if is_never_asked(ctx):
        return OK
    code = _check(ctx, side, realm, password, flags, method or ctx.method, checks)
    qop = _qop_of(flags)
    if code < 0 and code != ANOTHER_USER and qop is not None:
        try:
            lines = challenge_lines(ctx, side, realm, qop, stale=bool(flags & _STALE))
        except StoreError as error:
            ctx.program.log.line(levels.ERR, f"{function}(): {error}")
            return code
        made = b"".join(lines).decode("utf-8", "surrogateescape")
        set_avp(ctx, challenge_avp(ctx.program), made)
    return code


def _check(
    ctx: Context, side: Side, realm: str, password: str, flags: int, method: str, checks: int
) -> int:
    attempt = begin(ctx, side, realm, keeps_nonce=bool(flags & _KEEPS_NONCE))
    if isinstance(attempt, int):
        return attempt
    ha1 = password if flags & _HASHED else attempt.secret(password)
    code = finish(ctx, attempt, ha1, method)
    if code == OK and checks & _OWN:
        domains = bool(use_domain(ctx.program))
        if not is_own(ctx, attempt.given.user, realm, domains=domains):
            return ANOTHER_USER
    return code


@mod.function("pv_www_authenticate", "pv_www_authorize", routes=Routes.REQUEST)
def pv_www_authenticate(
    ctx: Context, realm: Realm, passwd: str, flags: int, method: str = ""
) -> int:
    """Check the credentials in Authorization for a realm, with a password.

    Flags: 1 the password is HA1, 2, 4 and 8 put a challenge into `$avp(digest_challenge)` if they
    are wrong, without qop, with auth, with auth-int; 16 it says stale, 32 a nonce is not used up
    by wrong ones. The method is the request's unless another is given. Returns 1; -1 for what is
    none, -2 for a wrong password, -4 for a nonce that is too old, -5 without credentials, -6 for a
    nonce that was used.
    """
    return _authenticate(ctx, "pv_www_authenticate", WWW, realm, passwd, flags, method)


@mod.function("pv_proxy_authenticate", "pv_proxy_authorize", routes=Routes.REQUEST)
def pv_proxy_authenticate(ctx: Context, realm: Realm, passwd: str, flags: int) -> int:
    """As pv_www_authenticate(), in Proxy-Authorization."""
    return _authenticate(ctx, "pv_proxy_authenticate", PROXY, realm, passwd, flags, "")


@mod.function("pv_auth_check", routes=Routes.REQUEST)
def pv_auth_check(ctx: Context, realm: Realm, passwd: str, flags: int, checks: int) -> int:
    """As pv_www_authenticate() for a REGISTER, as pv_proxy_authenticate() for all else.

    With checks 1 the user must be the one that the request says it is from: -8 if not.
    """
    return _authenticate(ctx, "pv_auth_check", side_of(ctx), realm, passwd, flags, "", checks)
