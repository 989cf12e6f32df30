"""Requests that `redirect.cfg` redirects."""

from __future__ import annotations

from tests.compat.case import Case, request

CASES = [
    Case("plain", "Branch flags as a parameter, the path in the URI.", (request(),)),
    Case("received", "A path with a URI in a parameter.", (request(user="received"),)),
]
