"""speeddial: the domain of the owner counts, and that of the number."""

from __future__ import annotations

from tests.compat.cases.short_numbers import FILES, asked

__all__ = ["CASES", "FILES", "SCRIPT"]

_asking = asked()
SCRIPT = _asking.script(
    "speeddial",
    'modparam("speeddial", "use_domain", 2)\nmodparam("speeddial", "domain_prefix", "tel.")',
)
CASES = _asking.cases
