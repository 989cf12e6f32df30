"""auth_db with use_domain: users of several domains."""

from __future__ import annotations

from typing import Any

from tests.compat.asking_database import WithUsers, is_there, plain
from tests.compat.authenticating import Try, ha1, tries

NETWORK = WithUsers
SCRIPT = plain(
    """
modparam("auth_db", "use_domain", 1)
modparam("auth_db", "load_credentials", "email_address")
"""
)


def _given(**given: Any) -> Try:
    return Try(given)


_THIRD = ha1("alice@caller.example", "caller.example", "third")
_HERE, _THERE = "sip:alice@r.example", "sip:alice@caller.example"


def _own(name: str, sender: str, to: str, method: str, **given: Any) -> Any:
    return tries(name, "c1", Try(given), method=method, to=f"<{to}>", sender=f"<{sender}>;tag=1")


FLOWS = [
    tries("right", "p", Try()),
    tries("wrong", "p", _given(password="wrong")),
    tries("unknown", "p", _given(user="nobody")),
    tries("domain", "p", _given(user="alice@r.example")),
    tries("other-domain", "p", _given(user="alice@caller.example", first=_THIRD)),
    tries("no-domain", "p", _given(user="alice@nowhere.example")),
    tries("capital-domain", "p", _given(user="alice@R.example")),
    tries("same", "p", _given(user="same", password="one")),
    tries("same-other", "p", _given(user="same", password="two")),
    _own("message", _HERE, "sip:bob@x", "MESSAGE"),
    _own("message-domain", _HERE, "sip:bob@x", "MESSAGE", user="alice@r.example"),
    _own("message-there", _THERE, "sip:bob@x", "MESSAGE"),
    _own("message-as-other", _HERE, "sip:bob@x", "MESSAGE", user=_THERE[4:], first=_THIRD),
    _own("register", _HERE, _HERE, "REGISTER"),
    _own("register-other", _HERE, _THERE, "REGISTER"),
    _own("register-for-other", _THERE, _HERE, "REGISTER"),
    _own("register-there", _THERE, _THERE, "REGISTER"),
    _own("register-there-domain", _THERE, _THERE, "REGISTER", user="alice@r.example"),
    _own("register-as-there", _THERE, _THERE, "REGISTER", user=_THERE[4:], first=_THIRD),
    _own("register-here-as-there", _HERE, _HERE, "REGISTER", user=_THERE[4:], first=_THIRD),
    _own("publish-there", _THERE, _THERE, "PUBLISH"),
    _own("register-case", "sip:alice@R.example", _HERE, "REGISTER"),
    *(is_there(f"s{flags}", uri) for flags in (0, 1) for uri in (_HERE, "sip:alice@x")),
]
