"""algorithm: SHA-256."""

from __future__ import annotations

from tests.compat.authenticating import HA1, Try, plain, tries

SCRIPT = plain('modparam("auth", "algorithm", "SHA-256")')

_QOP = {"qop": "auth"}
_WRONG = {"password": "wrong"}

FLOWS = [
    tries("right", "p", Try()),
    tries("wrong", "p", Try(_WRONG)),
    tries("qop", "p", Try(_QOP), flags=1),
    tries("stale", "p", Try(_QOP), flags=17),
    tries("unnamed", "p", Try({"shown": {"algorithm": None}})),
    tries("named-md5", "p", Try({"shown": {"algorithm": "MD5"}})),
    tries("md5", "p", Try({"first": HA1})),
    tries("short-response", "p", Try({"shown": {"response": "a" * 32}})),
    tries("long-response", "p", Try({"shown": {"response": "a" * 64}})),
    tries("register", "w", Try(), method="REGISTER"),
]
