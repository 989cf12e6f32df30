"""secfilter with `dst_exact_match` 0: a number in the list blocks all that begin with it."""

from __future__ import annotations

from typing import Final

from tests.compat.cases.secfilter import FILES, LOAD
from tests.compat.tables import Table

__all__ = ["CASES", "FILES", "SCRIPT"]

_TABLE: Final = Table()
for _value in ("555", "5551", "55", "x555", "ABCD", "ab"):
    _TABLE.add(
        f"dst-{_value}", "a number", f'$var(c) = "{_value}"; secf_check_dst($var(c)); L("$rc");'
    )
CASES = _TABLE.cases
SCRIPT: Final = f'{LOAD}modparam("secfilter", "dst_exact_match", 0)\n{_TABLE.request_route}'
