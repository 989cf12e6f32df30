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


@mod.function("via_add_xavp_params")
def via_add_xavp_params(ctx: Context, add: int) -> int:
    """Whether our Via has the parameters that `xavp_via_params` names. Returns 1."""
    extras(ctx).via_xavp_params = add != 0
    return 1


@mod.function("via_reply_add_xavp_params")
def via_reply_add_xavp_params(ctx: Context, add: int) -> int:
    """Whether the topmost Via of replies has what `xavp_via_reply_params` names. Returns 1."""
    extras(ctx).via_reply_xavp_params = add != 0
    return 1


@mod.function("via_use_xavp_fields")
def via_use_xavp_fields(ctx: Context, use: int) -> int:
    """Whether our Via shows the host and port that `xavp_via_fields` names. Returns 1."""
    extras(ctx).via_xavp_fields = use != 0
    return 1
