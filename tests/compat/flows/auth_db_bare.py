"""auth_db without load_credentials."""

from __future__ import annotations

from tests.compat.asking_database import WithUsers, is_there, plain
from tests.compat.authenticating import Try, tries

NETWORK = WithUsers
SCRIPT = plain("")

_QUESTIONS = [
    is_there(f"s{flags}", uri) for flags in (0, 1) for uri in ("sip:alice@r.example", "sip:x@y")
]
FLOWS = [tries("right", "p", Try()), tries("wrong", "p", Try({"password": "x"})), *_QUESTIONS]
