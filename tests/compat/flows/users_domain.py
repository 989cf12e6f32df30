"""uri_db and group: domains count."""

from __future__ import annotations

from tests.compat.users import FILES, FLOWS, users

__all__ = ["FILES", "FLOWS", "SCRIPT"]

SCRIPT = users(
    """
    modparam("uri_db", "use_domain", 1)
    modparam("group", "use_domain", 1)
    """
)
