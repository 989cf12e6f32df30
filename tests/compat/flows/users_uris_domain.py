"""uri_db and group: the table of URIs, where domains count."""

from __future__ import annotations

from tests.compat.users import FILES, FLOWS, users

__all__ = ["FILES", "FLOWS", "SCRIPT"]

SCRIPT = users(
    """
    modparam("uri_db", "use_uri_table", 1)
    modparam("uri_db", "db_table", "uri")
    modparam("uri_db", "use_domain", 1)
    modparam("group", "use_domain", 1)
    modparam("group", "multiple_gid", 0)
    """
)
