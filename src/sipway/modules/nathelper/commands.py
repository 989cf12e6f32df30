"""The command nathelper.enable_ping."""

from __future__ import annotations

from sipway.core.commands import CommandError
from sipway.core.program import Program
from sipway.modules.nathelper._module import mod, natping_interval
from sipway.modules.nathelper.pinging import state


@mod.rpc("nathelper.enable_ping", usage=(500, "No parameter"))
def enable_ping(program: Program, enable: int) -> None:
    """Switches pings off with 0, on with another number."""
    if not natping_interval(program):
        raise CommandError(500, "NATping disabled")
    state(program).enabled = bool(enable)
