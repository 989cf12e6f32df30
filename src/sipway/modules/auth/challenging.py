"""Who asks is challenged: www_challenge(), proxy_challenge(), auth_challenge() and their kin.

Source: README of auth, sections 4.3 to 4.5, 4.9 and 4.10.
"""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from sipway.core import log as levels
from sipway.core.arguments import WritableName
from sipway.core.context import Context
from sipway.core.proxy import answering
from sipway.errors import StoreError
from sipway.language.signatures import ArgumentKind, Routes
from sipway.modules.auth._module import Realm, force_stateless_reply, mod, to_algorithms
from sipway.modules.auth.attempts import ERROR, OK
from sipway.modules.auth.challenges import challenge_lines
from sipway.modules.auth.realms import PROXY, WWW, Side, realm_of, side_of
from sipway.modules.auth.stale import set_algorithms
from sipway.modules.sl import sl_send_reply

Algorithms: TypeAlias = Annotated[
    tuple[str, ...],
    ArgumentKind("a list of algorithms such as SHA-256,MD5", base=str, convert=to_algorithms),
]

# Of the flags; of qop the stronger holds.
_AUTH: Final = 1
_AUTH_INT: Final = 2
_QUIET: Final = 4
_STALE: Final = 16

_ROUTES: Final = Routes.REQUEST | Routes.FAILURE

_FAILURE: Final = (500, "Internal Server Error")


def _qop_of(flags: int) -> str:
    if flags & _AUTH_INT:
        return "auth-int"
    return "auth" if flags & _AUTH else ""


def _answer(ctx: Context, code: int, reason: str, lines: list[bytes]) -> int:
    """Answer with more header lines; with the transaction if there is one, and it may be."""
    before = ctx.reply_lines
    ctx.reply_lines = [*(before or ()), *lines]
    try:
        if ctx.transaction is not None and not force_stateless_reply(ctx.program):
            return answering.answer(ctx, code, reason)
        return sl_send_reply(ctx, code, reason)
    finally:
        ctx.reply_lines = before


def _lines(
    ctx: Context, function: str, side: Side, text: str, flags: int, offered: tuple[str, ...]
) -> list[bytes]:
    """The header lines of a challenge; none, and the log says why, if there can be none."""
    realm = realm_of(ctx, text)
    if realm is None:
        ctx.program.log.line(levels.ERR, f'{function}(): "{text:.60}" can be no realm')
        return []
    try:
        return challenge_lines(
            ctx, side, realm, _qop_of(flags), stale=bool(flags & _STALE), offered=offered
        )
    except StoreError as error:
        ctx.program.log.line(levels.ERR, f"{function}(): {error}")
        return []


def _challenge(
    ctx: Context,
    function: str,
    side: Side,
    realm: str,
    flags: int,
    offered: tuple[str, ...],
) -> int:
    lines = _lines(ctx, function, side, realm, flags, offered)
    if lines:
        return _answer(ctx, side.status, side.reason, lines)
    if not flags & _QUIET:
        _answer(ctx, *_FAILURE, [])
    return ERROR


@mod.function("www_challenge", routes=_ROUTES, replies=True)
def www_challenge(ctx: Context, realm: Realm, flags: int, algorithms: Algorithms = ()) -> int:
    """Answer 401 with a challenge; flags: 1 qop auth, 2 auth-int, 4 no 500, 16 stale.

    With a list of algorithms there is a header field for each. Returns 1; -1 if that cannot be,
    then a 500 is sent instead.
    """
    return _challenge(ctx, "www_challenge", WWW, realm, flags, algorithms)


@mod.function("proxy_challenge", routes=_ROUTES, replies=True)
def proxy_challenge(ctx: Context, realm: Realm, flags: int, algorithms: Algorithms = ()) -> int:
    """As www_challenge(), with 407."""
    return _challenge(ctx, "proxy_challenge", PROXY, realm, flags, algorithms)


@mod.function("auth_challenge", routes=_ROUTES, replies=True)
def auth_challenge(ctx: Context, realm: Realm, flags: int, algorithms: Algorithms = ()) -> int:
    """As www_challenge() for a REGISTER, as proxy_challenge() for all else."""
    return _challenge(ctx, "auth_challenge", side_of(ctx), realm, flags, algorithms)


@mod.function("auth_get_www_authenticate", routes=Routes.REQUEST)
def auth_get_www_authenticate(ctx: Context, realm: Realm, flags: int, result: WritableName) -> int:
    """Set a variable to the header line of a challenge; flags as for www_challenge().

    With several algorithms it is several lines. Returns 1; -1 if that cannot be.
    """
    assert result.set is not None
    lines = _lines(ctx, "auth_get_www_authenticate", WWW, realm, flags, ())
    if not lines:
        return ERROR
    result.set(ctx, b"".join(lines).decode("utf-8", "surrogateescape"))
    return OK


@mod.function("auth_algorithm", routes=Routes.REQUEST)
def auth_algorithm(ctx: Context, algorithm: Algorithms) -> int:
    """Take another algorithm for this request than the parameter says. Returns 1."""
    set_algorithms(ctx, algorithm)
    return OK
