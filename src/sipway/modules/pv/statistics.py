"""`$stat`: counters, of the modules statistics and counters."""

from __future__ import annotations

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.core.statistics import statistics
from sipway.language.signatures import Inner
from sipway.modules.pv._module import mod


@mod.variable("stat", inner=Inner.REQUIRED, values=(int,))
def _statistic(ctx: Context, name: str) -> int | None:
    """The value of a counter, without a sign; null, and told once in the log, without one."""
    found = statistics(ctx.program).find(name)
    if found is None:
        ctx.program.log.once(levels.WARN, f"$stat: there is no statistic {name:.60}")
        return None
    return found.shown
