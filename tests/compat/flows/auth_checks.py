"""auth_checks_*: nonces are for one request."""

from __future__ import annotations

from tests.compat.authenticating import Try, plain, tries

_PARAMETERS = """
modparam("auth", "auth_checks_register", 15)
modparam("auth", "auth_checks_no_dlg", 15)
modparam("auth", "auth_checks_in_dlg", 15)
"""
SCRIPT = plain(_PARAMETERS)

_IN = "<sip:bob@callee.example>;tag=b1"
_OUT = "<sip:bob@callee.example>"

FLOWS = [
    tries("again", "p", Try(), Try()),
    tries("call-id", "p", Try(call="other")),
    tries("from-tag", "p", Try(tag="other")),
    tries("uri", "p", Try(uri="sip:p@127.0.0.2")),
    tries("into-dialog", "p", Try(to=_IN)),
    tries("in-dialog", "p", Try(to=_IN), Try(tag="other"), to=_IN),
    tries("out-of-dialog", "p", Try(to=_OUT), to=_IN),
    tries("other-dialog", "p", Try(to=f"{_OUT};tag=b2"), to=_IN),
    tries("method", "p", Try(method="INFO")),
    tries("register", "w", Try(), Try(call="more"), Try(tag="other"), method="REGISTER"),
    tries("register-uri", "w", Try(uri="sip:w@127.0.0.2"), method="REGISTER"),
]
