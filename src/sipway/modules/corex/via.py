"""What our Via says besides host, port and branch."""

from __future__ import annotations

from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.modules.corex._module import mod


@mod.function("via_add_srvid")
def via_add_srvid(ctx: Context, add: int) -> int:
    """Whether our Via has the parameter `srvid`, the `server_id` unless that is 0. Returns 1."""
    extras(ctx).via_server_id = add != 0
    return 1
