"""What a Route of ours says of the request, asked after."""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from sipway.core.arguments import ConstantRegex
from sipway.core.context import Context
from sipway.language.signatures import ArgumentKind, Inner, Routes
from sipway.modules.rr._module import is_upstream, mod, own_route_params, state

_ROUTES: Final = Routes.REQUEST | Routes.EVENT
_UPSTREAM: Final = "upstream"
_DOWNSTREAM: Final = "downstream"


def _to_direction(text: str) -> str:
    if text.lower() not in (_UPSTREAM, _DOWNSTREAM):
        raise ValueError(f'a direction is upstream or downstream, not "{text}"')
    return text.lower()


Direction: TypeAlias = Annotated[
    str,
    ArgumentKind("upstream or downstream", base=str, dynamic=False, convert=_to_direction),
]


def _direction(ctx: Context) -> str:
    return _UPSTREAM if is_upstream(ctx, own_route_params(ctx)) else _DOWNSTREAM


@mod.function("is_direction", routes=_ROUTES)
def is_direction(ctx: Context, direction: Direction) -> int:
    """1 if the request goes this way, else -1; "downstream" is that of the first of the dialog.

    Told by the `ftag` of our Route; without one all goes downstream.
    """
    return 1 if _direction(ctx) == direction else -1


@mod.function("check_route_param", routes=_ROUTES)
def check_route_param(ctx: Context, pattern: ConstantRegex) -> int:
    """1 if the parameters of our Route (`;lr;ftag=...`) match, else -1; any case."""
    params = own_route_params(ctx)
    return 1 if params and pattern(params) else -1


@mod.function("rr_next_hop_route")
def rr_next_hop_route(ctx: Context) -> int:
    """1 if loose_route() found a Route below ours, else -1."""
    return 1 if state(ctx).next_is_route else -1


def _to_key(name: str) -> bool:
    """Whether `$rdir` is wanted as a number."""
    if name not in ("id", "name"):
        raise ValueError(f'$rdir(id) or $rdir(name) is wanted, not "{name}"')
    return name == "id"


@mod.variable("rdir", inner=Inner.REQUIRED, prepare=_to_key, nullable=False)
def _rdir(ctx: Context, is_number: bool) -> int | str:
    """The direction: `$rdir(name)` downstream or upstream, `$rdir(id)` 1 or 2."""
    name = _direction(ctx)
    if is_number:
        return 1 if name == _DOWNSTREAM else 2
    return name


def _tag(ctx: Context, *, of_caller: bool) -> str | None:
    upstream = is_upstream(ctx, own_route_params(ctx))
    message = ctx.message
    address = message.to if of_caller == upstream else message.from_
    return address.tag or None


@mod.variable("fti", values=(str,))
def _from_tag_initial(ctx: Context) -> str | None:
    """The From-tag of the request that began the dialog."""
    return _tag(ctx, of_caller=True)


@mod.variable("tti", values=(str,))
def _to_tag_initial(ctx: Context) -> str | None:
    """The To-tag of the reply that established the dialog."""
    return _tag(ctx, of_caller=False)
