"""From and To replaced, and restored in replies and in the requests that follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sipway.core import address_edits
from sipway.core import log as levels
from sipway.core.avps import set_avp
from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.core.module import Param
from sipway.language.record import Record, field, replace
from sipway.language.signatures import Routes
from sipway.modules.rr import add_rr_param, is_upstream, on_own_route, own_route_params, route_param
from sipway.modules.uac._module import (
    AUTO,
    NONE,
    from_avp,
    from_param,
    mod,
    restore_mode,
    restore_passwd,
    to_avp,
    to_param,
)
from sipway.modules.uac.hiding import found_with, hide, is_hidden
from sipway.sip import headers
from sipway.sip.edits import Edit
from sipway.sip.message import text
from sipway.sip.nameaddr import NameAddr

_REPLACING: Final = Routes.REQUEST | Routes.BRANCH | Routes.EVENT
_RESTORING: Final = Routes.REQUEST | Routes.EVENT


class _Side(Record):
    """From or To: the kind of the header, where its URI is kept, and the AVP of what it was."""

    kind: int
    param: Param[str]
    avp: Param[str | None]


_FROM: Final = _Side(headers.FROM, from_param, from_avp)
_TO: Final = _Side(headers.TO, to_param, to_avp)


class _State(Record):
    """What has been replaced in a request, by the kinds of the headers.

    edits    the changes made by these functions; one that is not among the edits any more was made
             for another branch, or by another function
    written  the addresses as the sender wrote them, for its replies
    """

    edits: tuple[Edit, ...] = ()
    written: Mapping[int, bytes] = field(default_factory=dict)


def _state(ctx: Context) -> _State:
    kept = ctx.extras
    state: _State | None = None if kept is None else kept.of_modules.get("uac")
    return _State() if state is None else state


def _is_replaced(ctx: Context, side: _Side) -> bool:
    edit = address_edits.edit_of(ctx, side.kind)
    return edit is not None and any(each is edit for each in _state(ctx).edits)


def _note_replaced(ctx: Context, side: _Side, written: bytes | None) -> None:
    """Remember the change, and what stood there if replies are to show it again."""
    kept = extras(ctx)
    state = _state(ctx)
    edit = address_edits.edit_of(ctx, side.kind)
    edits = state.edits if edit is None else (*state.edits, edit)
    addresses = state.written
    if written is not None and side.kind not in addresses:
        addresses = {**addresses, side.kind: written}
        name = side.avp(ctx.program)
        if name is not None:
            set_avp(ctx, name, text(written))
    kept.of_modules["uac"] = replace(state, edits=edits, written=addresses)
    if addresses and restore_mode(ctx.program) != NONE:
        kept.on_response = restore_reply


def _address(ctx: Context, side: _Side) -> NameAddr:
    return ctx.message.from_ if side is _FROM else ctx.message.to


# --- replaced --------------------------------------------------------------------------------


def _replace(ctx: Context, function: str, side: _Side, display: str | None, uri: str) -> int:
    program = ctx.program
    mode = restore_mode(program)
    if mode == AUTO and ctx.message.to.tag:
        return _failed(ctx, function, "in a dialog loose_route() does it, in the mode auto")
    if _is_replaced(ctx, side):
        return _failed(ctx, function, "it has been replaced already")
    address = _address(ctx, side)
    written = address_edits.written(ctx.message, side.kind) if uri else None
    try:
        if display is not None:
            address_edits.set_display(ctx, side.kind, display or None)
        if uri:
            address_edits.set_uri(ctx, side.kind, uri)
    except ValueError as error:
        return _failed(ctx, function, error)
    _note_replaced(ctx, side, written)
    if uri and mode != NONE:
        hidden = hide(address.uri, uri, restore_passwd(program))
        add_rr_param(ctx, f";{side.param(program)}={hidden}")
    return 1


def _failed(ctx: Context, function: str, reason: object) -> int:
    ctx.program.log.line(levels.ERR, f"{function}(): {reason}")
    return -1


@mod.function("uac_replace_from", routes=_REPLACING)
def replace_from_uri(ctx: Context, uri: str) -> int:
    """Replace the URI in From; an empty one leaves it. 1, or -1 if that cannot be done.

    Once for a request; in a dialog only in the modes none and manual.
    """
    return _replace(ctx, "uac_replace_from", _FROM, None, uri)


@mod.function("uac_replace_from", routes=_REPLACING)
def replace_from(ctx: Context, display: str, uri: str) -> int:
    """Replace the display name, an empty one takes it out, and the URI, an empty one leaves it."""
    return _replace(ctx, "uac_replace_from", _FROM, display, uri)


@mod.function("uac_replace_to", routes=_REPLACING)
def replace_to_uri(ctx: Context, uri: str) -> int:
    """As uac_replace_from(), in To."""
    return _replace(ctx, "uac_replace_to", _TO, None, uri)


@mod.function("uac_replace_to", routes=_REPLACING)
def replace_to(ctx: Context, display: str, uri: str) -> int:
    """As uac_replace_from(), in To."""
    return _replace(ctx, "uac_replace_to", _TO, display, uri)


# --- restored --------------------------------------------------------------------------------


def _restore(ctx: Context, params: str, kept_in: _Side) -> bool:
    """Write what the peer of the sender expects; False if nothing fitting was kept.

    The URI of the caller is kept as that of From, and stands in To when the callee sends.
    """
    program = ctx.program
    value = route_param(params, kept_in.param(program))
    if not value:
        return False
    side = kept_in
    if is_upstream(ctx, params):
        side = _TO if kept_in is _FROM else _FROM
    address = _address(ctx, side)
    uri = found_with(address.uri, value, restore_passwd(program))
    if uri is None:
        return False
    written = address_edits.written(ctx.message, side.kind)
    address_edits.set_uri(ctx, side.kind, uri)
    _note_replaced(ctx, side, written)
    return True


def restore_reply(ctx: Context) -> None:
    """Give a response the From and To that the sender of the request wrote (RFC 3261 8.2.6.2)."""
    kept = ctx.transaction.user.extras if ctx.transaction is not None else None
    state: _State | None = None if kept is None else kept.of_modules.get("uac")
    if state is None:
        return
    for kind, address in state.written.items():
        try:
            address_edits.set_written(ctx, kind, address)
        except ValueError:
            continue  # a reply without From or To is none that anybody waits for


@mod.function("uac_restore_from", routes=_RESTORING)
def restore_from(ctx: Context) -> int:
    """In a dialog whose From was replaced: write the URI that the receiver knows.

    To be called after loose_route(). 1, or -1 if nothing was kept in our Route that fits.
    """
    return 1 if _restore(ctx, own_route_params(ctx), _FROM) else -1


@mod.function("uac_restore_to", routes=_RESTORING)
def restore_to(ctx: Context) -> int:
    """As uac_restore_from(), for To."""
    return 1 if _restore(ctx, own_route_params(ctx), _TO) else -1


@on_own_route("uac")
def _restore_both(ctx: Context, params: str) -> None:
    """In the mode auto loose_route() restores, and what was kept goes into a new Record-Route."""
    if restore_mode(ctx.program) != AUTO:
        return
    for side in (_FROM, _TO):
        name = side.param(ctx.program)
        value = route_param(params, name)
        if not value or not is_hidden(value):
            continue
        _restore(ctx, params, side)
        add_rr_param(ctx, f";{name}={value}")
