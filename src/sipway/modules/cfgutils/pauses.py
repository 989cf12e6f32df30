"""Pauses: the route waits, and the server goes on with other messages."""

from __future__ import annotations

from sipway.core.context import Context
from sipway.modules.cfgutils._module import mod


@mod.function("sleep", may_wait=True)
async def sleep(ctx: Context, seconds: int) -> int:
    """Go on after so many seconds; at once if there are none. Returns 1."""
    del ctx
    return await _pause(seconds)


@mod.function("usleep", may_wait=True)
async def usleep(ctx: Context, microseconds: int) -> int:
    """Go on after so many millionths of a second; at once if there are none. Returns 1."""
    del ctx
    return await _pause(microseconds / 1_000_000)


async def _pause(seconds: float) -> int:
    if seconds > 0:
        import asyncio  # slow to import, and `check` waits for nothing

        await asyncio.sleep(seconds)
    return 1
