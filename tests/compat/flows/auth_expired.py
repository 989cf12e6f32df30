"""Nonces that are too old, and what challenges say of them."""

from __future__ import annotations

from tests.compat.authenticating import CALLS, Try, block, tries
from tests.compat.flow_script import script

SCRIPT = script(
    {
        **{name: block(call) for name, call in CALLS.items()},
        "stale": """
            $var(r) = pv_proxy_authenticate("r.example", "secret", "0"); L("$var(r)");
            if ($var(r) == -4) { auth_challenge("r.example", "17"); exit; }
            auth_challenge("r.example", "1");
            """,
        "told": """
            $var(r) = pv_proxy_authenticate("r.example", "secret", "0"); L("$var(r)");
            auth_challenge("r.example", "1");
            """,
    },
    parameters='loadmodule "auth.so"\nmodparam("auth", "nonce_expire", 0)\n',
)

FLOWS = [
    tries("right", "p", Try(), later=True),
    tries("wrong", "p", Try({"password": "wrong"}), later=True),
    tries("register", "w", Try({"qop": "auth"}), method="REGISTER", flags=1, later=True),
    tries("challenged", "stale", Try(), later=True),
    tries("challenged", "told", Try(), later=True),
    tries("other-realm", "told", Try({"shown": {"realm": "x"}}), later=True),
]
