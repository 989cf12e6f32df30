"""nonce_count: each nc of a nonce is good once."""

from __future__ import annotations

from typing import Any

from tests.compat.authenticating import Try, plain, tries

_PARAMETERS = """
modparam("auth", "nonce_count", 1)
modparam("auth", "qop", "auth")
"""
SCRIPT = plain(_PARAMETERS)


def _nc(count: int | str, **given: Any) -> Try:
    return Try({"qop": "auth", "nc": count, **given})


_WRONG = {"password": "wrong"}

FLOWS = [
    tries("up", "p", *(_nc(each) for each in (1, 2, 3, 10, 9, 10, 11)), flags=1),
    tries("replayed", "p", _nc(1), _nc(1), _nc(2), _nc(1), flags=1),
    tries("largest", "p", _nc(254), _nc(255), _nc(255), flags=1),
    tries("too-large", "p", _nc(256), _nc("ffffffff"), _nc(1), flags=1),
    tries("zero", "p", _nc(0), _nc(1), flags=1),
    tries("odd", "p", *map(_nc, ("zz", "0000000g", "1", "0000000002", "00000003")), flags=1),
    tries("wrong-first", "p", _nc(1, **_WRONG), _nc(1), _nc(2), flags=1),
    tries("kept", "f36", _nc(1, **_WRONG), _nc(1), _nc(1), flags=1),
    tries("no-qop", "p", Try(), Try(), Try(_WRONG), Try(), flags=1),
    tries("mixed", "p", _nc(1), Try(), _nc(2), flags=1),
    tries("other-call", "p", Try({"qop": "auth"}, call="auth_counts-other"), flags=1),
    tries("register", "w", _nc(1), _nc(1), _nc(2), method="REGISTER", flags=1),
]
