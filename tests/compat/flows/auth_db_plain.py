"""auth_db with calculate_ha1: passwords in the database; other columns, AVPs all the same."""

from __future__ import annotations

from tests.compat.asking_database import WithUsers, plain
from tests.compat.authenticating import HA1, Try, tries

NETWORK = WithUsers
SCRIPT = plain(
    """
modparam("auth", "algorithm", "SHA-256")
modparam("auth_db", "calculate_ha1", 1)
modparam("auth_db", "password_column", "password")
modparam("auth_db", "force_generate_avps", 1)
modparam("auth_db", "version_table", 0)
modparam("auth_db", "load_credentials", "email_address")
"""
)

FLOWS = [
    tries("right", "p", Try()),
    tries("wrong", "p", Try({"password": "wrong"})),
    tries("hash", "p", Try({"first": HA1})),
    tries("unknown", "p", Try({"user": "nobody"})),
    tries("domain", "p", Try({"user": "alice@r.example"})),
    tries("other-domain", "p", Try({"user": "alice@caller.example"})),
    tries("no-password", "p", Try({"user": "nothing", "password": ""})),
    tries("register", "w", Try({"qop": "auth"}), method="REGISTER", flags=1),
]
