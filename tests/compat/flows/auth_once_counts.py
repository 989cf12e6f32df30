"""one_time_nonce for phones that do not count, nonce_count for those that do."""

from __future__ import annotations

from tests.compat.authenticating import Try, plain, tries

_PARAMETERS = """
modparam("auth", "one_time_nonce", 1)
modparam("auth", "nonce_count", 1)
modparam("auth", "qop", "auth")
modparam("auth", "nc_array_order", 10)
modparam("auth", "otn_in_flight_no", 1000)
modparam("auth", "nid_pool_no", 2)
"""
SCRIPT = plain(_PARAMETERS)

_FIRST = {"qop": "auth"}
_SECOND = _FIRST | {"nc": 2}

FLOWS = [
    tries("replayed", "p", Try(), Try()),
    tries("counted", "p", Try(_FIRST), Try(_SECOND), Try(_FIRST), flags=1),
]
