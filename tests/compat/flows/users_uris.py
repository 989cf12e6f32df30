"""uri_db and group: the table of URIs, one group of several."""

from __future__ import annotations

from tests.compat.users import FILES, FLOWS, users

__all__ = ["FILES", "FLOWS", "SCRIPT"]

SCRIPT = users(
    """
    modparam("uri_db", "use_uri_table", 1)
    modparam("uri_db", "db_table", "uri")
    modparam("group", "multiple_gid", 0)
    """
)
