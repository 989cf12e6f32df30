"""What a script's `$xavp` says of our Via: its parameters, its host and port.

Source: core cookbook, `xavp_via_params`, `xavp_via_reply_params` and `xavp_via_fields`; README of
corex, via_add_xavp_params(), via_reply_add_xavp_params() and via_use_xavp_fields(). As Kamailio
5.6.3 does it, the newest `$xavp` of the name counts, and its children stand in the Via the newest
first. What cannot stand in a Via without quotes is left out: it may come from the network.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sipway.sip.message import parse

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.core.xavps import Xavp

_TOKEN: Final = re.compile(r"[\w.!%*+`'~-]+", re.ASCII)
_VALUE: Final = re.compile(r"[\w.!%*+`'~:\[\]-]*", re.ASCII)
_MOST_PARAMETERS: Final = 32


def via_parameters(ctx: Context) -> bytes:
    """`;name=value` for each child; a child without a text is a parameter without a value."""
    return _parameters(ctx, ctx.program.settings.xavp_via_params)


def _parameters(ctx: Context, name: str | None) -> bytes:
    found = []
    for each in _children(ctx, name)[:_MOST_PARAMETERS]:
        value = str(each.value)
        if _TOKEN.fullmatch(each.name) and _VALUE.fullmatch(value):
            found.append(f";{each.name}={value}" if value else f";{each.name}")
    return "".join(found).encode()


def reply_with_parameters(ctx: Context, data: bytes) -> bytes:
    """A reply as it leaves, with what `xavp_via_reply_params` says in its topmost Via."""
    parameters = _parameters(ctx, ctx.program.settings.xavp_via_reply_params)
    if not parameters:
        return data
    end = parse(data).via.end
    return data[:end] + parameters + data[end:]


def via_place(ctx: Context) -> tuple[str, int] | None:
    """Host and port, from the children `address` and `port`; None unless both are there."""
    children = _children(ctx, ctx.program.settings.xavp_via_fields)
    values = {each.name: str(each.value) for each in reversed(children)}
    host, port = values.get("address", ""), values.get("port", "")
    if not host or not _VALUE.fullmatch(host) or not port.isdecimal() or len(port) > 5:
        return None
    number = int(port)
    return (host, number) if 0 < number <= 65535 else None


def _children(ctx: Context, name: str | None) -> list[Xavp]:
    """Those of the newest `$xavp` of a name that are no tables themselves."""
    if name is None or ctx.extras is None:
        return []
    newest = next((each for each in ctx.extras.xavps if each.name == name), None)
    if newest is None or not isinstance(newest.value, list):
        return []
    return [each for each in newest.value if not isinstance(each.value, list)]
