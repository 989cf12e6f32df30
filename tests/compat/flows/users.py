"""uri_db and group: as they are without parameters."""

from __future__ import annotations

from tests.compat.users import FILES, FLOWS, users

__all__ = ["FILES", "FLOWS", "SCRIPT"]

SCRIPT = users("")
