"""Record-Route: always two, with a user, never sips."""

from __future__ import annotations

from tests.compat.record_routes import record_route_suite

SCRIPT, CASES = record_route_suite(
    """
modparam("rr", "enable_double_rr", 2)
modparam("rr", "add_username", 1)
modparam("rr", "ignore_sips", 1)
"""
)
