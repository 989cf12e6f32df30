"""ds_select_dst() and its kin: destinations chosen, sent to, and kept for a failover.

Source: README of dispatcher, sections 4.1 to 4.8; what it leaves open was tried on Kamailio 5.6.3.
What was chosen stands in `$xavp(_dsdst_)`, the one in use first, so that scripts can read it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from sipway.core import log as levels
from sipway.core import ruri
from sipway.core.branches import Branch, add_branch
from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.core.send_socket import find_socket
from sipway.core.sockets import ListenSocket
from sipway.core.xavps import Xavp, Xavps, find, remove
from sipway.errors import SipParseError
from sipway.language.signatures import Routes
from sipway.modules.dispatcher._module import Settings, mod
from sipway.modules.dispatcher.board import Board, board
from sipway.modules.dispatcher.choosing import PARALLEL, Choice, choose
from sipway.modules.dispatcher.destinations import Destination

ROUTES: Final = Routes.REQUEST | Routes.FAILURE | Routes.EVENT

_DST: Final = "dst"
_RURI: Final = "ruri"
_XAVP: Final = "xavp"
_MODES: Final = {"0": _DST, "d": _DST, "1": _RURI, "r": _RURI, "2": _XAVP, "x": _XAVP}

_NO_ATTRS: Final = 1
_WITH_SOCKET: Final = 2
_WITH_SOCKNAME: Final = 4
_NO_CNT: Final = 1

_RULE: Final = re.compile(r"([0-9]{1,9})=([0-9]{1,9})", re.ASCII)


# --- where the request goes --------------------------------------------------------------------


def _uri_at(ctx: Context, uri: str) -> str:
    """The Request-URI with host, port and parameters of a destination. Raises ValueError."""
    mine = ctx.uri
    if mine is None:
        raise ValueError("a reply has no Request-URI")
    try:
        ours, theirs = ruri.cut(mine), ruri.cut(uri)
    except SipParseError as error:
        raise ValueError(f"{mine:.60} and {uri:.60} do not go together: {error.reason}") from None
    ours.tail = theirs.tail.partition("?")[0]
    if ours.is_telephone:
        ours.scheme = "sip"
    ours.host, ours.port = theirs.host, theirs.port
    return str(ours)


def _push(ctx: Context, mode: str, uri: str, socket: ListenSocket | None) -> None:
    """Have the request go there. Raises ValueError."""
    if mode == _DST:
        ctx.dst_uri = uri
    elif mode == _RURI:
        ctx.ruri = _uri_at(ctx, uri)
    else:
        return
    if socket is not None:
        ctx.send_socket = socket


def _fork(ctx: Context, mode: str, destinations: Sequence[Destination]) -> None:
    """Add a branch for each of them. Raises ValueError where there are too many."""
    uri = ctx.uri
    if uri is None:
        raise ValueError("a reply has no branches to add")
    for each in destinations:
        if mode == _RURI:
            add_branch(ctx, Branch(_uri_at(ctx, each.uri), socket=each.socket))
        else:
            add_branch(ctx, Branch(uri, dst_uri=each.uri, socket=each.socket))


# --- what is kept ------------------------------------------------------------------------------


def _text(socket: ListenSocket) -> str:
    return f"{socket.protocol}:{socket.host}:{socket.port}"


def _record(settings: Settings, destination: Destination, counted: bool) -> Xavp:
    attributes = destination.attributes
    children = [Xavp("grp", destination.group), Xavp("uri", destination.uri)]
    if destination.socket is not None:
        children.append(Xavp("sock", _text(destination.socket)))
    if settings.dst_mode & _WITH_SOCKET and attributes.socket:
        children.append(Xavp("socket", attributes.socket))
    if settings.dst_mode & _WITH_SOCKNAME and attributes.sockname:
        children.append(Xavp("sockname", attributes.sockname))
    if counted:
        children.append(Xavp("dstid", attributes.duid))
    if attributes.body and not settings.dst_mode & _NO_ATTRS:
        children.append(Xavp("attrs", attributes.body))
    return Xavp(settings.dst_name, children)


def _keep(ctx: Context, settings: Settings, records: list[Xavp]) -> None:
    """In front of what was chosen before, as Kamailio does."""
    added = list(records)
    if not settings.ctx_mode & _NO_CNT:
        added.insert(0, Xavp(settings.ctx_name, [Xavp("cnt", len(records))]))
    extras(ctx).xavps[:0] = added


class _Selection:
    """What comes of one call: of one set, or of several one after the other."""

    def __init__(self, ctx: Context, mode: str, limit: int) -> None:
        self.ctx = ctx
        self.board: Board = board(ctx.program)
        self.mode = mode
        self.limit = limit
        self.records: list[Xavp] = []
        self.pushed = False

    def add(self, number: int, algorithm: int) -> bool:
        """Choose of a set; whether there was anybody to choose."""
        chosen = self.board.sets.get(number)
        if chosen is None:
            self.board.error(f"there is no set {number}")
            return False
        choice = choose(self.ctx, self.board, chosen, algorithm)
        if choice is None:
            return False
        first = choice.destinations[0]
        pushes = self.mode != _XAVP and not self.pushed
        try:
            if pushes:
                _push(self.ctx, self.mode, first.uri, first.socket)
                self.pushed = True
        except ValueError as error:
            self.board.error(str(error))
            return False
        if algorithm != PARALLEL:
            if self.board.settings.failover:
                self._record(choice)
            return True
        try:
            _fork(self.ctx, self.mode, choice.destinations[1:] if pushes else choice.destinations)
        except ValueError as error:
            self.board.error(str(error))  # and it goes to those that there is room for
        return True

    def _record(self, choice: Choice) -> None:
        """The first one always; the others while there are fewer than the limit."""
        for number, each in enumerate(choice.destinations):
            if number and 0 < self.limit <= len(self.records):
                break
            self.records.append(_record(self.board.settings, each, choice.counted))

    def finish(self) -> None:
        _keep(self.ctx, self.board.settings, self.records)


def _select(ctx: Context, mode: str, number: int, algorithm: int, limit: int) -> int:
    selection = _Selection(ctx, mode, limit)
    if mode == _DST and ctx.dst_uri and not selection.board.settings.force_dst:
        selection.board.error(f"the destination is set already, to {ctx.dst_uri:.60}")
        return -1
    if not selection.add(number, algorithm):
        return -1
    selection.finish()
    return 1


# --- functions ---------------------------------------------------------------------------------


@mod.function("ds_select_dst", routes=ROUTES)
def ds_select_dst(ctx: Context, set: int, alg: int, limit: int = 0) -> int:  # noqa: A002
    """Choose a destination of a set, and have the request go there (`$du`).

    With bit 2 of `flags` it and the others stand in `$xavp(_dsdst_)`, for ds_next_dst(); at most
    `limit`, if that is above 0. Returns 1; -1 if there is nobody to choose, or no such set.
    """
    return _select(ctx, _DST, set, alg, limit)


@mod.function("ds_select_domain", routes=ROUTES)
def ds_select_domain(ctx: Context, set: int, alg: int, limit: int = 0) -> int:  # noqa: A002
    """As ds_select_dst(), with the domain of the Request-URI in the place of `$du`."""
    return _select(ctx, _RURI, set, alg, limit)


@mod.function("ds_select")
def ds_select(ctx: Context, set: int, alg: int, limit: int = 0) -> int:  # noqa: A002
    """As ds_select_dst(), but the request does not go there yet: see ds_set_dst()."""
    return _select(ctx, _XAVP, set, alg, limit)


@mod.function("ds_select_routes", routes=ROUTES)
def ds_select_routes(ctx: Context, rules: str, mode: str, limit: int = 0) -> int:
    """Choose of several sets, one after the other, by rules such as `1=4;2=8` (set=algorithm).

    The first one goes to `$du` (mode `d` or 0), the Request-URI (`r` or 1), or into the list alone
    (`x` or 2). Returns 1 if one of the sets had a destination; -1 if none had.
    """
    found = [_RULE.fullmatch(each) for each in rules.removesuffix(";").split(";")]
    way = _MODES.get(mode[:1].lower())
    selection = _Selection(ctx, way or _XAVP, limit)
    if way is None:
        selection.board.error(f'ds_select_routes(): a mode is one of d, r and x, not "{mode:.20}"')
        return -1
    if not all(found):
        selection.board.error(f'ds_select_routes(): rules are set=algorithm;..., not "{rules:.60}"')
        return -1
    if way == _DST and ctx.dst_uri and not selection.board.settings.force_dst:
        selection.board.error(f"the destination is set already, to {ctx.dst_uri:.60}")
        return -1
    added = [selection.add(int(each[1]), int(each[2])) for each in found if each is not None]
    if not any(added):
        return -1
    selection.finish()
    return 1


def current(ctx: Context, settings: Settings) -> Xavps | None:
    """What stands of the destination in use; None if nothing was chosen."""
    kept = ctx.extras
    found = None if kept is None else find(kept.xavps, settings.dst_name, None)
    return found.value if found is not None and isinstance(found.value, list) else None


def field(children: Xavps, name: str) -> int | str | None:
    found = find(children, name, None)
    return found.value if found is not None and not isinstance(found.value, list) else None


def _use(ctx: Context, mode: str, children: Xavps | None, *, moves: bool) -> int:
    """Have the request go where a record says."""
    here = board(ctx.program)
    uri = None if children is None else field(children, "uri")
    if children is None or not isinstance(uri, str):
        return -1
    sock = field(children, "sock")
    socket = None
    if isinstance(sock, str):
        try:
            socket = find_socket(ctx.program.sockets, sock)
        except ValueError as error:
            here.error(str(error))
    try:
        _push(ctx, mode, uri, socket)
    except ValueError as error:
        here.error(str(error))
        return -1
    duid = field(children, "dstid")
    group = field(children, "grp")
    if moves and isinstance(duid, str) and isinstance(group, int):
        here.calls.move(ctx.message.call_id, (group, duid))
    return 1


def _next(ctx: Context, function: str, mode: str) -> int:
    here = board(ctx.program)
    settings = here.settings
    if not settings.failover:
        here.tell(levels.WARN, f"{function}(): there is no failover without bit 2 in flags")
        return -1
    if ctx.extras is None or not remove(ctx.extras.xavps, settings.dst_name):
        return -1
    return _use(ctx, mode, current(ctx, settings), moves=True)


@mod.function("ds_next_dst", routes=ROUTES)
def ds_next_dst(ctx: Context) -> int:
    """Have the request go to the next of the chosen ones (`$du`). Returns 1; -1: no more."""
    return _next(ctx, "ds_next_dst", _DST)


@mod.function("ds_next_domain", routes=ROUTES)
def ds_next_domain(ctx: Context) -> int:
    """As ds_next_dst(), with the domain of the Request-URI in the place of `$du`."""
    return _next(ctx, "ds_next_domain", _RURI)


@mod.function("ds_set_dst", routes=ROUTES)
def ds_set_dst(ctx: Context) -> int:
    """Have the request go to the first of the chosen destinations (`$du`). Returns 1; -1: none."""
    return _use(ctx, _DST, current(ctx, board(ctx.program).settings), moves=False)


@mod.function("ds_set_domain", routes=ROUTES)
def ds_set_domain(ctx: Context) -> int:
    """As ds_set_dst(), with the domain of the Request-URI in the place of `$du`."""
    return _use(ctx, _RURI, current(ctx, board(ctx.program).settings), moves=False)
