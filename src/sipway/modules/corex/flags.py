"""Flags that the core keeps beside those of the message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final, TypeAlias

from sipway.core.arguments import INTEGER
from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.language.signatures import ArgumentKind
from sipway.modules.corex._module import mod

# Kamailio's names for flags of its own work, and their bits.
_NAMES: Final = {"MSG_APPLY_CHANGES": 3, "UAC_AUTH": 11, "USE_UAC_FROM": 4, "USE_UAC_TO": 5}


def _to_flag(most: int) -> Callable[[int | str], int]:
    def convert(value: int | str) -> int:
        assert INTEGER.convert is not None
        flag = INTEGER.convert(value)
        if not isinstance(flag, int) or not 0 <= flag <= most:
            raise ValueError(f"a flag is a number from 0 to {most}, not {flag}")
        return flag

    return convert


def _to_internal_flag(text: str) -> int:
    if text in _NAMES:
        return _NAMES[text]
    try:
        return _to_flag(63)(text)
    except ValueError:
        names = ", ".join(_NAMES)
        raise ValueError(f'{names} or a number from 0 to 63 is wanted, not "{text}"') from None


XFlag: TypeAlias = Annotated[
    int, ArgumentKind("a flag from 0 to 63", base=None, convert=_to_flag(63))
]
ViaFlag: TypeAlias = Annotated[
    int, ArgumentKind("a flag from 0 to 31", base=None, convert=_to_flag(31))
]
InternalFlag: TypeAlias = Annotated[
    int, ArgumentKind("the name or number of a flag", base=str, convert=_to_internal_flag)
]


@mod.function("setxflag")
def set_xflag(ctx: Context, flag: XFlag) -> int:
    """Set an extended flag of the message, 0 to 63. Returns 1."""
    extras(ctx).xflags |= 1 << flag
    return 1


@mod.function("resetxflag")
def reset_xflag(ctx: Context, flag: XFlag) -> int:
    """Take back an extended flag of the message, 0 to 63. Returns 1."""
    extras(ctx).xflags &= ~(1 << flag)
    return 1


@mod.function("isxflagset")
def is_xflag_set(ctx: Context, flag: XFlag) -> int:
    """1 if the extended flag of the message is set, else -1."""
    return 1 if ctx.extras is not None and ctx.extras.xflags >> flag & 1 else -1


@mod.function("msg_iflag_set")
def set_internal_flag(ctx: Context, flag: InternalFlag) -> int:
    """Set a flag of Kamailio's own work. It is kept, and changes nothing here. Returns 1."""
    extras(ctx).internal_flags |= 1 << flag
    return 1


@mod.function("msg_iflag_reset")
def reset_internal_flag(ctx: Context, flag: InternalFlag) -> int:
    """Take back a flag of Kamailio's own work. Returns 1."""
    extras(ctx).internal_flags &= ~(1 << flag)
    return 1


@mod.function("msg_iflag_is_set")
def is_internal_flag_set(ctx: Context, flag: InternalFlag) -> int:
    """1 if the flag of Kamailio's own work is set, else -2."""
    return 1 if ctx.extras is not None and ctx.extras.internal_flags >> flag & 1 else -2


@mod.function("msg_vbflag_set")
def set_via_flag(ctx: Context, flag: ViaFlag) -> int:
    """Set a flag of the topmost Via, 0 to 31. It is kept, and changes nothing here. Returns 1."""
    extras(ctx).via_flags |= 1 << flag
    return 1


@mod.function("msg_vbflag_reset")
def reset_via_flag(ctx: Context, flag: ViaFlag) -> int:
    """Take back a flag of the topmost Via, 0 to 31. Returns 1."""
    extras(ctx).via_flags &= ~(1 << flag)
    return 1


@mod.function("msg_vbflag_is_set")
def is_via_flag_set(ctx: Context, flag: ViaFlag) -> int:
    """1 if the flag of the topmost Via is set, else -1."""
    return 1 if ctx.extras is not None and ctx.extras.via_flags >> flag & 1 else -1
