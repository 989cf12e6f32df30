"""`$rr_count`, `$rr_top_count`, `@nathelper.rewrite_contact[N]`."""

from __future__ import annotations

from typing import Final

from sipway.core.context import Context
from sipway.core.selects.addresses import uri_parts
from sipway.core.selects.parts import Part
from sipway.core.variables.headers import single_values
from sipway.modules.nathelper._module import mod
from sipway.modules.nathelper.contacts import rewritten
from sipway.sip import headers
from sipway.sip.nameaddr import NameAddr, parse_name_addr
from sipway.sip.uri import Uri

_DOUBLE: Final = "r2"


def _routes(ctx: Context) -> list[str] | None:
    """All Record-Routes; None if one has no brackets."""
    found = single_values(ctx.message, headers.RECORD_ROUTE)
    if any("<" not in each or ">" not in each for each in found):
        return None
    return found


@mod.variable("rr_count", values=(int,))
def _rr_count(ctx: Context) -> int | None:
    """The number of Record-Routes; null if they cannot be read."""
    routes = _routes(ctx)
    return None if routes is None else len(routes)


@mod.variable("rr_top_count", values=(int,))
def _rr_top_count(ctx: Context) -> int | None:
    """How many the topmost proxy has left: 2 with `r2`, 1 without, 0 if there is none."""
    routes = _routes(ctx)
    if routes is None:
        return None
    if not routes:
        return 0
    uri = parse_name_addr(routes[0]).parsed
    return 2 if uri is not None and uri.param(_DOUBLE) is not None else 1


def _uri(address: object) -> Uri | None:
    assert isinstance(address, NameAddr)
    return address.parsed


_ADDRESS: Final = Part(
    step=parse_name_addr,
    parts={
        "name": Part(lambda address: address.display or None),
        "uri": Part(lambda address: address.uri or None, parts=uri_parts(_uri)),
        "params": Part(
            named=lambda name: Part(lambda address: address.params.get(name.lower())),
        ),
    },
)


def _numbered(number: int) -> Part:
    def find(ctx: Context) -> str | None:
        return rewritten(ctx, number)

    return Part(lambda value: value, find, {"nameaddr": _ADDRESS})


mod.selects.update(
    nathelper=Part(parts={"rewrite_contact": Part(numbered=_numbered)}),
)
