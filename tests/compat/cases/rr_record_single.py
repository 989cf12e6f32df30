"""Record-Route: no second one, no tag, lr with a value, the socket from any Route."""

from __future__ import annotations

from tests.compat.record_routes import record_route_suite

SCRIPT, CASES = record_route_suite(
    """
modparam("rr", "enable_full_lr", 1)
modparam("rr", "append_fromtag", 0)
modparam("rr", "enable_double_rr", 0)
modparam("rr", "force_send_socket", 1)
"""
)
