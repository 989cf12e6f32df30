"""What of a request is known by the time it is challenged: which nonces were no good, and how."""

from __future__ import annotations

from typing import Final

from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.modules.auth._module import algorithm, mod
from sipway.modules.auth.realms import Side

_STALE: Final = f"{mod.name}:stale"
_ALGORITHMS: Final = f"{mod.name}:algorithms"


def note_stale(ctx: Context, side: Side, realm: str) -> None:
    """Credentials were not looked at for want of a good nonce (RFC 7616 section 3.3)."""
    table = extras(ctx).of_modules
    table[_STALE] = table.get(_STALE, frozenset()) | {(side.status, realm.lower())}


def is_stale(ctx: Context, side: Side, realm: str) -> bool:
    """Whether a challenge is to say that a new nonce is all that is wanted."""
    if ctx.extras is None:
        return False
    return (side.status, realm.lower()) in ctx.extras.of_modules.get(_STALE, ())


def set_algorithms(ctx: Context, names: tuple[str, ...]) -> None:
    extras(ctx).of_modules[_ALGORITHMS] = names


def algorithms(ctx: Context) -> tuple[str, ...]:
    """What the script has chosen for the request, else the parameter; empty for plain MD5."""
    if ctx.extras is not None:
        found: tuple[str, ...] | None = ctx.extras.of_modules.get(_ALGORITHMS)
        if found is not None:
            return found
    return algorithm(ctx.program)
