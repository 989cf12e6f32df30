"""uac: the mode auto."""

from __future__ import annotations

from tests.compat.replaced import replaced_suite

SCRIPT, CASES = replaced_suite(
    "", "AAAAAA8JHiMLbgYZDQEVHktleGFtcGxl", "AAAAAAwKFQANTwkUBAheCR1hbXBsZQ--"
)
