"""What happens when a Program with auth begins."""

from __future__ import annotations

from sipway.core import log as levels
from sipway.core.program import Program
from sipway.modules.auth import keeping
from sipway.modules.auth._module import mod, nonce_count, qop


@mod.on_start
def start(program: Program) -> None:
    """Raises StoreError."""
    if nonce_count(program) and not qop(program):
        program.log.line(levels.WARN, "auth: nonce_count is set, and qop is not")
    keeping.prepare(program)
