"""speeddial: the domain of the owner counts."""

from __future__ import annotations

from tests.compat.cases.short_numbers import FILES, asked

__all__ = ["CASES", "FILES", "SCRIPT"]

_asking = asked()
SCRIPT = _asking.script(
    "speeddial",
    'modparam("speeddial", "use_domain", 1)',
)
CASES = _asking.cases
