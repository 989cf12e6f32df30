"""Record-Route: with the names of sockets and a user from an AVP."""

from __future__ import annotations

from tests.compat.record_routes import record_route_suite

SCRIPT, CASES = record_route_suite(
    """
modparam("rr", "add_username", 1)
modparam("rr", "custom_user_avp", "$avp(u)")
modparam("rr", "enable_socket_mismatch_warning", 0)
modparam("rr", "sockname_mode", 1)
"""
)
