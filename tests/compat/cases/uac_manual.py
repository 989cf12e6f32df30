"""uac: the mode manual, and the AVPs."""

from __future__ import annotations

from tests.compat.replaced import replaced_suite

SCRIPT, CASES = replaced_suite(
    """
modparam("uac", "restore_mode", "manual")
modparam("uac", "restore_from_avp", "$avp(of)")
modparam("uac", "restore_to_avp", "$avp(ot)")
""",
    "AAAAAA8JHiMLbgYZDQEVHktleGFtcGxl",
    "AAAAAAwKFQANTwkUBAheCR1hbXBsZQ--",
)
