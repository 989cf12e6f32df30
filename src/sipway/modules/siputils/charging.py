"""P-Charging-Vector (RFC 7315 section 5.6): `sip_p_charging_vector()` and `$pcv`."""

from __future__ import annotations

import secrets
from typing import Annotated, Final, TypeAlias

from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.language.signatures import ArgumentKind, Inner
from sipway.modules.siputils._module import mod
from sipway.sip.edits import Edit

_NAME: Final = "P-Charging-Vector"
_MADE: Final = 3
_REMOVED: Final = 4
_REPLACED: Final = 5
_PARAMETERS: Final = {
    "value": "icid-value",
    "genaddr": "icid-generated-at",
    "orig": "orig-ioi",
    "term": "term-ioi",
}


def _to_mode(text: str) -> str:
    if text not in ("r", "g", "f"):
        raise ValueError(f'r (remove), g (generate) or f (force) is wanted, not "{text}"')
    return text


Mode: TypeAlias = Annotated[str, ArgumentKind("r, g or f", base=str, convert=_to_mode)]


@mod.function("sip_p_charging_vector")
def sip_p_charging_vector(ctx: Context, mode: Mode) -> int:
    """Remove (`r`) the P-Charging-Vector, make one if there is none (`g`), or both (`f`).

    Returns 3 if one was made, 4 if it was removed, 5 if another one takes its place, 1 if there
    was nothing to do: one that was made here stays.
    """
    kept = extras(ctx)
    if kept.charging_status == _MADE:
        return 1
    removed = kept.charging_status == _REMOVED
    present = not removed and bool(ctx.message.indexes_named(_NAME))
    if mode == "r":
        if not present:
            return 1
        _remove(ctx)
        kept.charging_status = _REMOVED
        return _REMOVED
    if mode == "g" and present:
        return 1
    if present:
        _remove(ctx)
    vector = f"icid-value={secrets.token_hex(16).upper()};icid-generated-at={ctx.socket.host}"
    end = ctx.message.headers_end
    _edit(ctx, Edit(end, end, f"{_NAME}: {vector}\r\n".encode()))
    kept.charging_vector, kept.charging_status = vector, _MADE
    return _REPLACED if present or removed else _MADE


def _edit(ctx: Context, edit: Edit) -> None:
    ctx.edits = [*(ctx.edits or ()), edit]


def _remove(ctx: Context) -> None:
    for index in ctx.message.indexes_named(_NAME):
        start, end = ctx.message.line(index)
        _edit(ctx, Edit(start, end, b""))


def _vector(ctx: Context) -> str | None:
    """The header as the script has left it."""
    kept = ctx.extras
    if kept is not None and kept.charging_status:
        return kept.charging_vector
    return ctx.message.named(_NAME.lower(), 0)


def _parameter(vector: str, name: str) -> str | None:
    for piece in vector.split(";"):
        key, _, value = piece.partition("=")
        if key.strip().lower() == name:
            return value.strip()
    return None


def _part(name: str) -> str:
    if name not in ("all", "status", *_PARAMETERS):
        raise ValueError(f"$pcv takes all, {', '.join(_PARAMETERS)} or status, not {name}")
    return name


@mod.variable("pcv", inner=Inner.REQUIRED, prepare=_part)
def _charging_vector(ctx: Context, part: str) -> int | str | None:
    """The P-Charging-Vector: `all`, or its parts `value`, `genaddr`, `orig`, `term`.

    `status` is 0 without one, 1 if it can be read, 2 if it has no icid-value, 3 if it was made
    here, 4 if it was removed.
    """
    vector = _vector(ctx)
    if part == "status":
        status = ctx.extras.charging_status if ctx.extras is not None else 0
        if status or vector is None:
            return status
        return 1 if _parameter(vector, _PARAMETERS["value"]) else 2
    if vector is None or part == "all":
        return vector
    return _parameter(vector, _PARAMETERS[part])
