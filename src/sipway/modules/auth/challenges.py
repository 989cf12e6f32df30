"""Challenges made (RFC 7616 section 3.3): one for each algorithm, all with one nonce."""

from __future__ import annotations

from typing import Final

from sipway.core.context import Context
from sipway.modules.auth import keeping
from sipway.modules.auth._module import (
    ALGORITHMS,
    checks_in_dlg,
    checks_no_dlg,
    checks_register,
    nonce_count,
    one_time_nonce,
)
from sipway.modules.auth.nonces import Nonce, binding_of, write_nonce
from sipway.modules.auth.realms import Side
from sipway.modules.auth.stale import algorithms, is_stale
from sipway.sip.methods import REGISTER

_URI, _CALL_ID, _FROM_TAG, _SOURCE = 1, 2, 4, 8
_MD5: Final = ("MD5",)


def checks_of(ctx: Context) -> int:
    """Which parts of a request a nonce for it is bound to (`auth_checks_*`)."""
    program = ctx.program
    if ctx.method_id & REGISTER:
        return checks_register(program)
    outside, inside = checks_no_dlg(program), checks_in_dlg(program)
    return outside if outside == inside or not ctx.to_tag else inside


def binding_for(ctx: Context, key: bytes, checks: int) -> bytes:
    """What ties a nonce to this request."""
    message = ctx.message
    parts = []
    if checks & _URI:
        parts.append(_wire(message.uri))
    if checks & _CALL_ID:
        parts.append(_wire(message.call_id))
    if checks & _FROM_TAG:
        parts.append(_wire(message.from_.params.get("tag") or ""))
    if checks & _SOURCE:
        parts.append(_wire(ctx.source_ip))
    return binding_of(key, checks, parts)


def new_nonce(ctx: Context, offered: tuple[str, ...]) -> str:
    """A nonce for the next try of this request, or one like it. Raises StoreError."""
    key = keeping.key(ctx.program)
    checks = checks_of(ctx)
    numbered = nonce_count(ctx.program) or one_time_nonce(ctx.program)
    nonce = Nonce(
        int(ctx.now),
        sum(1 << ALGORITHMS.index(each) for each in offered),
        keeping.new_number(ctx) if numbered else None,
        binding_for(ctx, key, checks) if checks else None,
    )
    return write_nonce(key, nonce)


def challenge_lines(
    ctx: Context,
    side: Side,
    realm: str,
    qop: str,
    *,
    stale: bool = False,
    offered: tuple[str, ...] = (),
) -> list[bytes]:
    """Header lines, the best algorithm first. Raises StoreError.

    `stale` is said too where the nonce was all that was wrong with the credentials.
    """
    named = offered or algorithms(ctx)
    nonce = new_nonce(ctx, named or _MD5)
    text = f'{side.challenge_name(ctx)}: Digest realm="{realm}", nonce="{nonce}"'
    if qop:
        text += f', qop="{qop}"'
    if stale or is_stale(ctx, side, realm):
        text += ", stale=true"
    if not named:
        return [_wire(f"{text}\r\n")]
    return [_wire(f"{text}, algorithm={each}\r\n") for each in named]


def _wire(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
