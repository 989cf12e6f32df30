"""AVPs written into the Request-URI, the next hop, or branches."""

from __future__ import annotations

import re
from typing import Annotated, Final

from sipway.core import log as levels
from sipway.core import ruri
from sipway.core.branches import Branch, add_branch
from sipway.core.context import Context
from sipway.language.record import Record
from sipway.language.signatures import ArgumentKind, Form, Reader, VariableReference
from sipway.modules.avpops._module import all_values, mod, read_flags
from sipway.sip.uri import routable_uri

_PARTS: Final = ("username", "domain")
_UNFIT: Final = re.compile(r"[\x00-\x20\x7f<>]")


class _Pushed(Record):
    variable: VariableReference
    flags: frozenset[str]


def _to_destination(text: str, read: Reader) -> str:
    del read
    variable, slash, part = text.partition("/")
    if variable not in ("$ru", "$du", "$br"):
        raise ValueError(f'$ru, $du or $br is wanted, not "{variable}"')
    if slash and (variable != "$ru" or part.lower() not in _PARTS):
        raise ValueError(f'{variable} has no part "{part}"; $ru/username and $ru/domain are known')
    return part.lower() or variable


def _read_pushed(text: str, read: Reader) -> _Pushed:
    reference, rest = read(text)
    return _Pushed(reference, read_flags(rest, "g"))


_DESTINATION = ArgumentKind(
    "$ru, $ru/username, $ru/domain, $du or $br", base=str, form=Form.READ, convert=_to_destination
)
_PUSHED = ArgumentKind(
    "a variable such as $avp(x) or $avp(x)/g", base=str, form=Form.READ, convert=_read_pushed
)


@mod.function("avp_pushto")
def avp_pushto(
    ctx: Context,
    destination: Annotated[str, _DESTINATION],
    pushed: Annotated[_Pushed, _PUSHED],
) -> int:
    """Write a value into `$ru`, into its user or host, into `$du`, or add a branch (`$br`).

    With `/g` all values of an AVP are taken, the newest first: of `$ru` each one but the last
    leaves a branch behind. Returns 1; -1 without a value, and for one that makes no URI.
    """
    values = all_values(ctx, pushed.variable)
    if "g" not in pushed.flags:
        values = values[:1]
    if not values:
        return -1
    try:
        for place, value in enumerate(values):
            if place and destination in ("$ru", *_PARTS):
                add_branch(ctx, Branch(ctx.uri or "", dst_uri=ctx.dst_uri))
            _push(ctx, destination, str(value))
    except ValueError as error:
        ctx.program.log.line(levels.ERR, f"avp_pushto(): {error}")
        return -1
    return 1


def _push(ctx: Context, destination: str, value: str) -> None:
    """Write one value. Raises ValueError for one that does not fit."""
    if not value or _UNFIT.search(value):
        raise ValueError(f"{value!a:.80} cannot be part of a URI")
    if destination == "username":
        ruri.set_user(ctx, value)
    elif destination == "domain":
        ruri.set_host(ctx, value)
    elif routable_uri(value) is None:
        raise ValueError(f"{value!a:.80} is no URI")
    elif destination == "$ru":
        ruri.set_uri(ctx, value)
    elif destination == "$du":
        ctx.dst_uri = value
    else:
        add_branch(ctx, Branch(value))
