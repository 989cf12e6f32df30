"""`$rr_count`, `$rr_top_count`, `@nathelper.rewrite_contact[N]`."""

from __future__ import annotations

from typing import Final

from sipway.core.context import Context
from sipway.core.selects.addresses import uri_parts
from sipway.core.selects.parts import Part
from sipway.modules.nathelper._module import mod
from sipway.modules.nathelper.contacts import rewritten
from sipway.sip import headers
from sipway.sip.message import text
from sipway.sip.nameaddr import NameAddr, parse_name_addr
from sipway.sip.uri import Uri

_DOUBLE: Final = "r2"


def _routes(ctx: Context) -> list[NameAddr] | None:
    """All Record-Routes; None if one cannot be read."""
    message = ctx.message
    found = []
    for index in message.indexes(headers.RECORD_ROUTE):
        left = text(message.raw_value(index))
        while left:
            address = parse_name_addr(left)
            if not address.uri or "<" not in left:
                return None
            found.append(address)
            left = _behind(left)
    return found


def _behind(values: str) -> str:
    """What stands behind the first comma that is in no quotes and in no brackets."""
    quoted = enclosed = False
    at = 0
    while at < len(values):
        c = values[at]
        if quoted:
            if c == "\\":
                at += 1
            quoted = c != '"'
        elif c == '"':
            quoted = True
        elif c in "<>":
            enclosed = c == "<"
        elif c == "," and not enclosed:
            return values[at + 1 :].strip()
        at += 1
    return ""


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
    uri = routes[0].parsed
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
