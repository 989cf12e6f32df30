"""Path: two lines, and received as the next hop."""

from __future__ import annotations

from tests.compat.paths import path_suite

SCRIPT, CASES = path_suite(
    """
modparam("path", "use_received", 1)
modparam("path", "enable_r2", 1)
"""
)
