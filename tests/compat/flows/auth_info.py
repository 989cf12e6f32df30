"""add_authinfo_hdr: who is let in is told so by somebody who knows the password."""

from __future__ import annotations

from tests.compat.authenticating import Try, plain, tries

SCRIPT = plain('modparam("auth", "add_authinfo_hdr", 1)')

_QOP = {"qop": "auth"}

FLOWS = [
    tries("qop", "p", Try(_QOP), flags=1),
    tries("register", "w", Try(_QOP | {"nc": 17}), method="REGISTER", flags=1),
    tries("wrong", "p", Try(_QOP | {"password": "wrong"}), flags=1),
    tries("no-qop", "p", Try()),
]
