"""Record-Route: the parameters of rr as they are."""

from __future__ import annotations

from tests.compat.record_routes import record_route_suite

SCRIPT, CASES = record_route_suite("")
