"""For those who look for a fault of the server: memory, and an end with a core dump."""

from __future__ import annotations

import os
import resource

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.modules.cfgutils._module import mod


@mod.function("abort")
def abort(ctx: Context) -> int:
    """End the server at once, with a core dump where the system writes them."""
    ctx.program.log.line(levels.CRIT, "abort(): the script ends the server")
    ctx.program.log.flush()
    os.abort()


def _tell_memory(ctx: Context) -> int:
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ctx.program.log.line(levels.DBG, f"memory: at most {kilobytes} KiB so far")
    return 1


@mod.function("pkg_status")
def pkg_status(ctx: Context) -> int:
    """Log, for debugging, how much memory the process has taken at most. Returns 1."""
    return _tell_memory(ctx)


@mod.function("pkg_summary")
def pkg_summary(ctx: Context) -> int:
    """As pkg_status(). Returns 1."""
    return _tell_memory(ctx)


@mod.function("shm_status")
def shm_status(ctx: Context) -> int:
    """As pkg_status(): there is no memory that processes share. Returns 1."""
    return _tell_memory(ctx)


@mod.function("shm_summary")
def shm_summary(ctx: Context) -> int:
    """As pkg_status(): there is no memory that processes share. Returns 1."""
    return _tell_memory(ctx)
