"""Routing blocks whose names are made when the script runs, and that need not be there."""

from __future__ import annotations

from typing import Final

from sipway.core.context import Context
from sipway.language.runtime import code_shown
from sipway.modules.cfgutils._module import failed, mod

_DEEPEST: Final = 64


@mod.function("check_route_exists")
def check_route_exists(ctx: Context, name: str) -> int:
    """1 if the script has a route[] of this name, else -1."""
    return 1 if name in ctx.program.routes else -1


@mod.function("route_if_exists", may_wait=True)
async def route_if_exists(ctx: Context, name: str) -> int:
    """Run the route[] of this name. Its code, so that 0 ends the script; -1 if there is none.

    Also -1 where such routes call each other more than 64 deep.
    """
    program = ctx.program
    route = program.routes.get(name)
    if route is None:
        return -1
    if ctx.depth >= _DEEPEST:
        return failed(ctx, "route_if_exists", f"routes call each other more than {_DEEPEST} deep")
    ctx.depth += 1
    ctx.retcode = 0
    code = await route(ctx) if route in program.waiting else route(ctx)
    ctx.depth -= 1
    return code_shown(code)
