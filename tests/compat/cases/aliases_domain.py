"""alias_db: the domain counts, less what it begins with, and others become branches."""

from __future__ import annotations

from tests.compat.cases.aliases import FILES, asked

__all__ = ["CASES", "FILES", "SCRIPT"]

_asking = asked()
SCRIPT = _asking.script(
    "alias_db",
    'modparam("alias_db", "use_domain", 1)\nmodparam("alias_db", "domain_prefix", "sip.")\n'
    'modparam("alias_db", "append_branches", 1)',
)
CASES = _asking.cases
