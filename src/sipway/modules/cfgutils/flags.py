"""Flags of the whole server."""

from __future__ import annotations

from typing import Annotated

from sipway.core.arguments import FLAG
from sipway.core.context import Context
from sipway.language.signatures import ArgumentKind
from sipway.modules.cfgutils._module import kept, mod


def _constant_flag(value: int | str) -> object:
    assert FLAG.convert is not None
    return FLAG.convert(value)


_FLAG = ArgumentKind("a flag from 0 to 31", base=None, dynamic=False, convert=_constant_flag)


@mod.function("set_gflag")
def set_gflag(ctx: Context, flag: Annotated[int, _FLAG]) -> int:
    """Set a global flag. Returns 1."""
    kept(ctx.program).flags |= 1 << flag
    return 1


@mod.function("reset_gflag")
def reset_gflag(ctx: Context, flag: Annotated[int, _FLAG]) -> int:
    """Take a global flag back. Returns 1."""
    kept(ctx.program).flags &= ~(1 << flag)
    return 1


@mod.function("is_gflag")
def is_gflag(ctx: Context, flag: Annotated[int, _FLAG]) -> int:
    """1 if a global flag is set, else -1."""
    return 1 if kept(ctx.program).flags >> flag & 1 else -1
