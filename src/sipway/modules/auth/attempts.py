"""Credentials checked in two steps, for modules that get passwords from somewhere.

`begin` finds the credentials for a realm and looks at their nonce; `finish` compares the answer
with the one that the password leads to. In between a module may wait for a database.

Compiled (see `attempts.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

import hmac
import re
from typing import Final

from sipway.core import log as levels
from sipway.core.authorized import authorize
from sipway.core.context import Context
from sipway.errors import StoreError
from sipway.modules.auth import keeping
from sipway.modules.auth._module import (
    ALGORITHMS,
    add_authinfo_hdr,
    max_drift,
    nonce_count,
    nonce_expire,
    one_time_nonce,
)
from sipway.modules.auth.challenges import binding_for, checks_of, new_nonce
from sipway.modules.auth.nonces import Nonce, read_nonce
from sipway.modules.auth.realms import Found, Side, credentials
from sipway.modules.auth.stale import note_stale
from sipway.sip.digest import Response, response, response_of, secret, size_of
from sipway.sip.methods import ACK, CANCEL, PRACK

# What functions return (README section 4.6).
OK: Final = 1
ERROR: Final = -1
WRONG_PASSWORD: Final = -2
UNKNOWN_USER: Final = -3
STALE: Final = -4
NONE: Final = -5
REUSED: Final = -6
ANOTHER_USER: Final = -8

_UNASKED: Final = ACK | CANCEL
_AUTH, _AUTH_INT = "auth", "auth-int"
_COUNT: Final = re.compile(r"[0-9A-Fa-f]{8}")

# Typed, so that compiled code reads them without a call of Python.
_add_info_of = add_authinfo_hdr
_count_of = nonce_count
_drift_of = max_drift
_expire_of = nonce_expire
_once_of = one_time_nonce

# By the bits of a nonce what was offered, the best first.
_OFFERED: Final = tuple(
    tuple(each for at, each in enumerate(ALGORITHMS) if bits >> at & 1)
    for bits in range(1 << len(ALGORITHMS))
)


class Attempt:
    """Credentials whose nonce is good.

    realm      as the script calls it
    algorithm  what the answer is reckoned with
    counts     the use of the nonce is still to be noted, if they are right
    """

    def __init__(
        self,
        side: Side,
        realm: str,
        found: Found,
        given: Response,
        algorithm: str,
        nonce: Nonce,
        counts: bool,
    ) -> None:
        self.side = side
        self.realm = realm
        self.found = found
        self.given = given
        self.algorithm = algorithm
        self.nonce = nonce
        self.counts = counts

    def secret(self, password: str) -> str:
        """HA1 of a password."""
        return secret(self.algorithm, self.given.user, self.realm, password)


def is_never_asked(ctx: Context) -> bool:
    """Nobody can answer a challenge to an ACK or a CANCEL (RFC 3261 section 22.1); a call does not
    go on without its PRACK.
    """
    if ctx.method_id & PRACK:
        return bool(ctx.to_tag)
    return bool(ctx.method_id & _UNASKED)


def begin(ctx: Context, side: Side, realm: str, *, keeps_nonce: bool = False) -> Attempt | int:
    """The credentials of a request for a realm, or why there are none: what a function returns.

    With `keeps_nonce` a nonce that is counted is not used up by credentials that turn out to be
    wrong.
    """
    unread = False
    key = _key(ctx)
    if key is None:
        return ERROR
    for found in credentials(ctx, side):
        if found is None:
            unread = True
            continue
        if not found.is_of(realm):
            continue
        try:
            given = response_of(found.parameters, found.repeated)
        except ValueError:
            unread = True
            continue
        nonce = read_nonce(key, given.nonce)
        if nonce is None:
            note_stale(ctx, side, realm)
            return ERROR
        algorithm = _algorithm(given, nonce)
        if algorithm is None:
            unread = True
            continue
        return _begin(ctx, key, side, realm, found, given, algorithm, nonce, keeps_nonce)
    return ERROR if unread else NONE


def _begin(
    ctx: Context,
    key: bytes,
    side: Side,
    realm: str,
    found: Found,
    given: Response,
    algorithm: str,
    nonce: Nonce,
    keeps_nonce: bool,
) -> Attempt | int:
    if len(given.response) != size_of(algorithm):
        return ERROR
    counts = keeps_nonce and _is_counted(ctx, given)
    attempt = Attempt(side, realm, found, given, algorithm, nonce, counts)
    fault = _fault_of_nonce(ctx, key, attempt)
    if fault == OK and not counts:
        fault = _use(ctx, attempt)
    if fault == OK:
        return attempt
    if fault != ERROR:
        note_stale(ctx, side, realm)
    return fault


def finish(ctx: Context, attempt: Attempt, ha1: str, method: str) -> int:
    """Whether the answer is right for an HA1: OK, or what a function returns."""
    given = attempt.given
    if given.qop not in ("", _AUTH, _AUTH_INT):
        return WRONG_PASSWORD
    wanted = response(
        attempt.algorithm,
        ha1,
        given.nonce,
        method,
        given.uri,
        qop=given.qop,
        count=given.nc,
        cnonce=given.cnonce,
        body=ctx.message.body if given.qop == _AUTH_INT else b"",
    )
    if not given.response.isascii() or not hmac.compare_digest(wanted, given.response):
        return WRONG_PASSWORD
    if attempt.counts:
        fault = _use(ctx, attempt)
        if fault != OK:
            note_stale(ctx, attempt.side, attempt.realm)
            return fault
    found = attempt.found
    authorize(ctx, attempt.side.answers, found.value, found.parameters)
    if _add_info_of.of(ctx.program):
        _add_info(ctx, attempt, ha1)
    return OK


def _key(ctx: Context) -> bytes | None:
    try:
        return keeping.key(ctx.program)
    except StoreError as error:
        ctx.program.log.line(levels.ERR, f"auth: {error}")
        return None


def _algorithm(given: Response, nonce: Nonce) -> str | None:
    """What an answer is reckoned with; None if that was not offered."""
    offered = _OFFERED[nonce.offered]
    if given.algorithm is None:
        return offered[0] if offered else None
    return given.algorithm if given.algorithm in offered else None


def _is_counted(ctx: Context, given: Response) -> bool:
    """Whether each nc is good once: phones that do not count have none."""
    return bool(_count_of.of(ctx.program) and given.qop)


def _fault_of_nonce(ctx: Context, key: bytes, attempt: Attempt) -> int:
    """OK, or why the nonce cannot be taken."""
    nonce, now, program = attempt.nonce, int(ctx.now), ctx.program
    if now > nonce.created + _expire_of.of(program):
        return STALE
    if nonce.created > now + _drift_of.of(program):
        return STALE
    numbered = nonce.number is not None
    if (_count_of.of(program) or _once_of.of(program)) and not numbered:
        return STALE
    if _is_counted(ctx, attempt.given):
        return OK  # that is stronger than what follows
    if _once_of.of(program):
        return OK
    checks = checks_of(ctx)
    if not checks and nonce.binding is None:
        return OK
    if not checks or nonce.binding is None:
        return STALE
    wanted = binding_for(ctx, key, checks)
    return OK if hmac.compare_digest(wanted, nonce.binding) else STALE


def _use(ctx: Context, attempt: Attempt) -> int:
    """Note that the nonce is used: OK, or that it was before."""
    number, given = attempt.nonce.number, attempt.given
    if number is None:
        return OK
    try:
        if _is_counted(ctx, given):
            if not _COUNT.fullmatch(given.nc):
                return ERROR
            count = int(given.nc, 16)
            if count > keeping.LARGEST_COUNT or count < 1:
                return STALE
            return OK if keeping.count_use(ctx, number, count) else STALE
        if _once_of.of(ctx.program):
            return OK if keeping.only_use(ctx, number) else REUSED
    except StoreError as error:
        ctx.program.log.line(levels.ERR, f"auth: {error}")
        return ERROR
    return OK


def _add_info(ctx: Context, attempt: Attempt, ha1: str) -> None:
    """Have answers prove that we know the password too (RFC 7616 section 3.5)."""
    given = attempt.given
    following = given.nonce
    if _once_of.of(ctx.program):
        try:
            following = new_nonce(ctx, (attempt.algorithm,))
        except StoreError as error:
            ctx.program.log.line(levels.ERR, f"auth: {error}")
            return
    text = f'Authentication-Info: nextnonce="{following}"'
    if given.qop and _COUNT.fullmatch(given.nc):
        proof = response(
            attempt.algorithm,
            ha1,
            given.nonce,
            "",
            given.uri,
            qop=given.qop,
            count=given.nc,
            cnonce=given.cnonce,
        )
        text += f', qop={given.qop}, rspauth="{proof}", cnonce="{given.cnonce}", nc={given.nc}'
    if ctx.reply_lines is None:
        ctx.reply_lines = []
    ctx.reply_lines.append(_wire(f"{text}\r\n"))


def _wire(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
