"""permissions: trusted peers that are read at the start; the first that matches."""

from __future__ import annotations

from tests.compat.cases.permissions_trusted import CASES, FILES, script

__all__ = ["CASES", "FILES", "SCRIPT"]

SCRIPT = script('modparam("permissions", "db_mode", 1)')
