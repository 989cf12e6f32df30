"""auth_db: HA1 in a database, without domains."""

from __future__ import annotations

from typing import Any

from tests.compat.asking_database import WithUsers, is_there, plain
from tests.compat.authenticating import OWN, Try, asks, tries

NETWORK = WithUsers
SCRIPT = plain(
    'modparam("auth_db", "load_credentials", "$avp(rp)=rpid;email_address;$avp(i:5)=number")'
)

_METHODS = ("MESSAGE", "INVITE", "BYE", "UPDATE", "INFO", "REGISTER", "PUBLISH")
_ANOTHER = "<sip:bob@caller.example>"
_URIS = (
    "sip:alice@r.example",
    "sip:alice@other.example",
    "sip:nobody@r.example",
    "sip:alice@r.example;x=y",
    "sip:r.example",
    "sip:%61lice@r.example",
    "sip:alice@R.example",
    "tel:123",
    "nothing",
)


def _given(**given: Any) -> Try:
    return Try(given)


FLOWS = [
    *(tries("register", name, Try(), method="REGISTER") for name in ("w", "wz", "wm")),
    tries("named-method", "wm", Try(reckoned="INFO"), method="REGISTER"),
    *(tries("right", name, Try()) for name in ("p", "pz", "variable")),
    tries("wrong", "p", _given(password="wrong")),
    tries("unknown", "p", _given(user="nobody")),
    tries("empty-user", "p", _given(user="")),
    tries("capitals", "p", _given(user="ALICE")),
    tries("blank", "p", _given(user="alice ")),
    tries("escaped", "p", _given(user="%61lice")),
    tries("pattern", "p", _given(user="al%")),
    tries("sql", "p", _given(user="alice' or '1'='1")),
    tries("sql-union", "p", _given(user="' union select 'x")),
    tries("sql-end", "p", _given(user="alice'; drop table subscriber; --")),
    tries("other-name", "p", _given(shown={"username": "bob"})),
    tries("no-password", "p", _given(user="nothing", password="")),
    tries("same", "p", _given(user="same", password="one")),
    tries("same-other", "p", _given(user="same", password="two")),
    tries("domain", "p", _given(user="alice@r.example")),
    tries("other-domain", "p", _given(user="alice@caller.example")),
    tries("scheme", "p", _given(user="sip:alice@r.example")),
    tries("other-realm", "p", _given(shown={"realm": "x"})),
    tries("again", "p", Try(), Try()),
    *(
        tries(f"{method}-{name}", call, Try(), method=method, to=to, sender=f"{sender};tag=1")
        for call in ("c0", "c1", "c2", "c3", "c4")
        for method in (_METHODS if call in ("c1", "c3") else ("MESSAGE", "REGISTER"))
        for name, to, sender in (("own", OWN, OWN), ("from", OWN, _ANOTHER), ("to", _ANOTHER, OWN))
    ),
    tries("other", "variable", Try(), sender=f"{_ANOTHER};tag=1"),
    tries("case", "c1", Try(), sender="<sip:ALICE@r.example>;tag=1"),
    *(asks(name) for name in ("norealm", "emptyrealm")),
    tries("right", "absent", Try()),
    asks("c1", "cancel", method="CANCEL"),
    asks("c1", "prack", method="PRACK", to="<sip:bob@callee.example>;tag=b1"),
    asks("c1", "prack-outside", method="PRACK"),
    *(is_there(f"s{flags}", uri) for flags in range(4) for uri in _URIS),
    *(is_there(name) for name in ("sv", "sx", "se")),
]
