"""Path: the parameters of path as they are."""

from __future__ import annotations

from tests.compat.paths import path_suite

SCRIPT, CASES = path_suite("")
