"""uac: a password, and other names of the parameters."""

from __future__ import annotations

from tests.compat.replaced import replaced_suite

SCRIPT, CASES = replaced_suite(
    """
modparam("uac", "restore_passwd", "secret")
modparam("uac", "rr_from_store_param", "fs")
modparam("uac", "rr_to_store_param", "ts")
""",
    "c2Vjcmp9bUZoHGNtfmR2bC4RCwQOAgkR",
    "c2Vjcml+ZmVuPWxgd209e3gVHhUPFw--",
    names=("fs", "ts"),
)
