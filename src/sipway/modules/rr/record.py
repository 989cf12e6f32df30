"""Record-Route (RFC 3261 section 16.6 step 4): the lines are made when the socket is known.

They go before all other header fields. Where a request leaves by another socket than it came by,
there are two, the outgoing side on top, both with `r2=on` (RFC 5658 section 5).
"""

from __future__ import annotations

from typing import Final

from sipway.core import log as levels
from sipway.core.avps import avp_text
from sipway.core.context import Context
from sipway.core.late_edits import LateEdit, add_late
from sipway.core.shown_address import shown_address, shown_outgoing_address
from sipway.core.sockets import ListenSocket
from sipway.language.signatures import Routes
from sipway.modules.rr._module import (
    State,
    add_username,
    append_fromtag,
    change_state,
    custom_user,
    double_rr,
    full_lr,
    ignore_sips,
    is_upstream,
    mismatch_warning,
    mod,
    own_route_params,
    sockname_mode,
    state,
)
from sipway.sip.uri import routable_uri

_ROUTES: Final = Routes.REQUEST | Routes.FAILURE | Routes.BRANCH | Routes.EVENT
_ALWAYS_TWO: Final = 2


class _Record:
    """What makes the Record-Route of one message; not to be changed.

    begin   `sip:user@`
    tail    the parameters of every line
    """

    def __init__(self, begin: str, tail: str) -> None:
        self.begin = begin
        self.tail = tail

    def __call__(self, ctx: Context, socket: ListenSocket) -> bytes:
        """The complete header lines for a request that leaves by `socket`."""
        lines = [
            f"Record-Route: <{self.begin}{each}{self.tail}>\r\n" for each in self._each(ctx, socket)
        ]
        return "".join(lines).encode("utf-8", "surrogateescape")

    def _each(self, ctx: Context, socket: ListenSocket) -> list[str]:
        """What stands between user and tail, for each line."""
        raise NotImplementedError

    def with_more(self, params: str) -> _Record:
        """The same with more parameters."""
        raise NotImplementedError


class _OfSockets(_Record):
    """record_route(): the addresses of the sockets."""

    def _each(self, ctx: Context, socket: ListenSocket) -> list[str]:
        double, named = double_rr(ctx.program), bool(sockname_mode(ctx.program))
        incoming = shown_address(ctx.socket, named=named)
        if double == _ALWAYS_TWO or (double and socket is not ctx.socket):
            outgoing = shown_outgoing_address(ctx, socket, named=named)
            return [f"{outgoing};r2=on", f"{incoming};r2=on"]
        return [incoming]

    def with_more(self, params: str) -> _Record:
        return _OfSockets(self.begin, self.tail + params)


class _Preset(_Record):
    """record_route_preset(): `texts` as the script says."""

    def __init__(self, begin: str, tail: str, texts: tuple[str, ...]) -> None:
        super().__init__(begin, tail)
        self.texts = texts

    def _each(self, ctx: Context, socket: ListenSocket) -> list[str]:
        del ctx, socket
        return list(self.texts)

    def with_more(self, params: str) -> _Record:
        return _Preset(self.begin, self.tail + params, self.texts)


class _Advertised(_Record):
    """record_route_advertised_address(): `address`, in two lines where the transport changes."""

    def __init__(self, begin: str, tail: str, address: str) -> None:
        super().__init__(begin, tail)
        self.address = address

    def _each(self, ctx: Context, socket: ListenSocket) -> list[str]:
        double, incoming = double_rr(ctx.program), ctx.socket.protocol
        if double == _ALWAYS_TWO or (double and socket.protocol != incoming):
            return [
                f"{self.address};transport={each};r2=on" for each in (socket.protocol, incoming)
            ]
        return [self.address]

    def with_more(self, params: str) -> _Record:
        return _Advertised(self.begin, self.tail + params, self.address)


def _begin(ctx: Context) -> str:
    """`sips:` for a sips Request-URI, else `sip:`, and the user as the parameters say."""
    uri = ctx.uri or ""
    secure = uri[:5].lower() == "sips:" and not ignore_sips(ctx.program)
    scheme = "sips:" if secure else "sip:"
    if not add_username(ctx.program):
        return scheme
    user = avp_text(ctx, custom_user(ctx.program))
    if not user:
        parsed = routable_uri(ctx.message.uri)
        user = parsed.user if parsed is not None else None
    return f"{scheme}{user}@" if user else scheme


def _lr(ctx: Context) -> str:
    return ";lr=on" if full_lr(ctx.program) else ";lr"


def _ftag(ctx: Context) -> str:
    """The tag of the caller, as known after loose_route()."""
    if not append_fromtag(ctx.program):
        return ""
    upstream = is_upstream(ctx, own_route_params(ctx))
    tag = ctx.message.to.tag if upstream else ctx.message.from_.tag
    return f";ftag={tag}" if tag else ""


def _find(ctx: Context) -> LateEdit | None:
    """The Record-Route that the script has added."""
    for each in ctx.edits or ():
        if isinstance(each, LateEdit) and isinstance(each.make, _Record):
            return each
    return None


def _add(ctx: Context, record: _Record) -> int:
    add_late(ctx, ctx.message.line_end, record)
    kept = state(ctx)
    if kept.pending:
        change_state(ctx, State(kept.params, kept.next_is_route))
    return 1


@mod.function("record_route", routes=_ROUTES)
def record_route(ctx: Context, params: str = "") -> int:
    """Stay in the way of the dialog. `params` (`;name=value`) go into the URI.

    Returns 1; -1 if there is a Record-Route of ours already.
    """
    if _find(ctx) is not None:
        return -1
    tail = f"{_lr(ctx)}{_ftag(ctx)}{params}{state(ctx).pending}"
    return _add(ctx, _OfSockets(_begin(ctx), tail))


@mod.function("record_route_preset", routes=_ROUTES)
def record_route_preset(ctx: Context, address: str, incoming: str | None = None) -> int:
    """A Record-Route with `address:port;parameters` as given, or two, the outgoing side first.

    Returns 1; -1 if there is one already, or for two without `enable_double_rr`.
    """
    if _find(ctx) is not None or (incoming is not None and not double_rr(ctx.program)):
        return -1
    texts = (address,) if incoming is None else (address, incoming)
    if mismatch_warning(ctx.program):
        for each in texts:
            _warn_unless_ours(ctx, each)
    tail = f"{_ftag(ctx)}{state(ctx).pending}{_lr(ctx)}"
    return _add(ctx, _Preset(_begin(ctx), tail, texts))


def _warn_unless_ours(ctx: Context, address: str) -> None:
    host = address.partition(";")[0]
    host = host.partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    if not ctx.program.is_myself(host):
        ctx.program.log.line(
            levels.WARN, f"record_route_preset(): {address:.100} is no address of ours"
        )


@mod.function("record_route_advertised_address", routes=_ROUTES)
def record_route_advertised_address(ctx: Context, address: str) -> int:
    """A Record-Route with another address. Returns 1; -1 if there is one already."""
    if _find(ctx) is not None:
        return -1
    tail = f"{_ftag(ctx)}{_lr(ctx)}{state(ctx).pending}"
    return _add(ctx, _Advertised(_begin(ctx), tail, address))


@mod.function("remove_record_route", routes=Routes.REQUEST | Routes.FAILURE | Routes.EVENT)
def remove_record_route(ctx: Context) -> int:
    """Take back the Record-Route that was added here. Returns 1."""
    edit = _find(ctx)
    if edit is not None:
        ctx.edits = [each for each in ctx.edits or () if each is not edit]
    return 1


@mod.function("add_rr_param", routes=_ROUTES)
def add_rr_param(ctx: Context, param: str) -> int:
    """Add `;name=value` to our Record-Route, be it there or still to come. Returns 1."""
    edit = _find(ctx)
    if edit is None:
        kept = state(ctx)
        pending = f"{kept.pending}{param}"
        change_state(ctx, State(kept.params, kept.next_is_route, pending))
        return 1
    record = edit.make
    assert isinstance(record, _Record)
    # Another one in its place: a copy of the edits, as a branch has it, keeps what it had.
    changed = LateEdit(edit.start, record.with_more(param))
    ctx.edits = [changed if each is edit else each for each in ctx.edits or ()]
    return 1
