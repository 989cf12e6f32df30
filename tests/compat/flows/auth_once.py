"""one_time_nonce: each nonce is good once."""

from __future__ import annotations

from tests.compat.authenticating import Try, plain, tries

SCRIPT = plain('modparam("auth", "one_time_nonce", 1)')

_QOP = {"qop": "auth"}
_WRONG = {"password": "wrong"}

FLOWS = [
    tries("replayed", "p", Try(), Try(), Try()),
    tries("counted", "p", Try(_QOP), Try(_QOP | {"nc": 2}), flags=1),
    tries("wrong-first", "p", Try(_WRONG), Try()),
    tries("register", "w", Try(), Try(), method="REGISTER"),
]
