"""Path: received in the other form and under another name, names of sockets."""

from __future__ import annotations

from tests.compat.paths import path_suite

SCRIPT, CASES = path_suite(
    """
modparam("path", "use_received", 1)
modparam("path", "received_format", 1)
modparam("path", "received_name", "rcv")
modparam("path", "sockname_mode", 1)
""",
    name="rcv",
    alias=True,
)
