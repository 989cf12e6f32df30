"""kex: functions that were once of Kamailio's core.

Source: README of Kamailio's module kex. Here so far is what needs neither branches nor the
flags of branches and scripts.
"""

from __future__ import annotations

from sipway.core.context import Context
from sipway.core.module import Module
from sipway.core.myself import is_myself_address, is_myself_uri

mod = Module("kex")


@mod.function("is_myself")
def is_myself(ctx: Context, text: str) -> int:
    """1 if a URI, or a bare host, is ours; else -1."""
    ours = is_myself_uri(ctx, text) if ":" in text else is_myself_address(ctx, text)
    return 1 if ours else -1
