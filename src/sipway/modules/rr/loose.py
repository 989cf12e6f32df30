"""loose_route(): where a request with a route set goes (RFC 3261 sections 16.4, 16.6 and 16.12)."""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from sipway.core.context import Context
from sipway.core.send_socket import find_socket, named_socket
from sipway.core.sockets import ListenSocket
from sipway.language.signatures import ArgumentKind, Routes
from sipway.modules.rr._module import (
    State,
    change_state,
    double_rr,
    failed,
    force_send_socket,
    is_ours,
    mod,
    route_mode,
    run_hooks,
    sockname_mode,
    state,
    uri_params,
)
from sipway.modules.rr.routes import RouteSet
from sipway.sip._bytes import text_of
from sipway.sip.edits import Edit, edit
from sipway.sip.headers import ROUTE
from sipway.sip.uri import Uri, routable_uri

_ROUTES: Final = Routes.REQUEST | Routes.EVENT
_ROUTE = ROUTE
_PRELOADED = -3
_LOOSE_ONLY = 1


def _to_mode(value: int | str) -> int:
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value)
    if isinstance(value, str) or not 0 <= value <= 3:
        raise ValueError(f'a mode is a number from 0 to 3, not "{value}"')
    return value


Mode: TypeAlias = Annotated[int, ArgumentKind("a mode from 0 to 3", base=None, convert=_to_mode)]


@mod.function("loose_route", routes=_ROUTES)
def loose_route(ctx: Context) -> int:
    """Route by the Route header fields; those that name us are taken out.

    Returns 1 when the next hop is known (`$du`, or the Request-URI for a strict router and at the
    end of the route set); -1 without a Route, or with a broken one; -3 for a request that begins
    a dialog and has no Route but ours, which is taken out.
    """
    return _route(ctx, "loose_route", route_mode(ctx.program))


@mod.function("loose_route_mode", routes=_ROUTES)
def loose_route_mode(ctx: Context, mode: Mode) -> int:
    """As loose_route(); bit 1: a Request-URI of ours does not mean that the last hop is strict."""
    return _route(ctx, "loose_route_mode", mode)


@mod.function("loose_route_preloaded", routes=_ROUTES)
def loose_route_preloaded(ctx: Context) -> int:
    """As loose_route(); 1 where that returns -3, else -1."""
    code = _route(ctx, "loose_route_preloaded", route_mode(ctx.program))
    return 1 if code == _PRELOADED else -1


def _route(ctx: Context, function: str, mode: int) -> int:
    code = _only_ours(ctx, mode)
    if code:
        return code
    routes = RouteSet(ctx.message)
    try:
        first = routes.get(0)
        if first is None:
            return -1
        uri = None if mode & _LOOSE_ONLY else _strict_uri(ctx)
        if uri is not None:
            return _after_strict(ctx, routes, uri)
        return _after_loose(ctx, routes)
    except ValueError as error:
        return failed(ctx, function, error)
    finally:
        _edit(ctx, routes.edits())


def _only_ours(ctx: Context, mode: int) -> int:
    """loose_route() for the usual request, whose only Route is ours; 0 for any other.

    In one pass over the bytes, as the last proxy before a phone does it for each request of each
    call. What it does not know at sight it leaves to `_route`.
    """
    message = ctx.message
    index = message.find(_ROUTE)
    if index < 0:
        return -1
    if message.find(_ROUTE, index) >= 0 or force_send_socket(ctx.program):
        return 0
    data = message.data
    start = message.value_start(index)
    end = message.value_end(index)
    if end - start < 7 or data[start] != 60 or data[end - 1] != 62:  # < >
        return 0
    host = _behind_scheme(data, start + 1, end)
    behind = _behind_place(data, host, end - 1)
    if behind == 0 or not _is_plain(data, behind, end - 1):
        return 0
    if not ctx.program.owns(data[host:behind]):
        return 0
    tag = message._read_to()._read_tag()
    if tag and not mode & _LOOSE_ONLY and _may_be_ours(ctx):
        return 0
    cut = edit(message._starts[index], message._starts[index + 1], b"")
    if ctx.edits is None:
        ctx.edits = [cut]
    elif cut not in ctx.edits:
        ctx.edits.append(cut)
    _took_ours(ctx, text_of(data, behind, end - 1))
    return 1 if tag else _PRELOADED


def _behind_scheme(data: bytes, at: int, end: int) -> int:
    """Behind `sip:`; `end` where something else stands."""
    p = data
    if (
        at + 4 < end
        and (p[at] | 32) == 115
        and (p[at + 1] | 32) == 105
        and (p[at + 2] | 32) == 112
        and p[at + 3] == 58
    ):
        return at + 4
    return end


def _behind_place(data: bytes, at: int, end: int) -> int:
    """Behind host and port at `at`; 0 where there are none, or what may be a user stands there."""
    p = data
    i = at
    while i < end and p[i] != 59 and p[i] != 63:  # ; ?
        if p[i] <= 32 or p[i] == 64 or p[i] == 60 or p[i] == 62 or p[i] >= 127:  # @ < >
            return 0
        i += 1
    return i if i > at else 0


def _is_plain(data: bytes, at: int, end: int) -> bool:
    """Whether parameters hold nothing but what may stand there unescaped, and no headers follow."""
    p = data
    for i in range(at, end):
        c = p[i]
        if c <= 32 or c >= 127 or c == 34 or c == 60 or c == 62 or c == 63 or c == 64:
            return False
    return True


def _may_be_ours(ctx: Context) -> bool:
    """Whether the Request-URI may lead to us: the last hop was a strict router then."""
    if ctx.ruri is not None:
        return True
    message = ctx.message
    data = message.data
    end = message.uri_end
    begin = _behind_scheme(data, message.uri_start, end)
    p = data
    for i in range(begin, end):
        if p[i] == 64:  # @
            begin = i + 1
            break
    behind = _behind_place(data, begin, end)
    return behind == 0 or ctx.program.owns(data[begin:behind])


def _edit(ctx: Context, edits: list[Edit]) -> None:
    """Note changes of the message, each once however often the function is called."""
    if edits:
        before = ctx.edits or []
        ctx.edits = before + [each for each in edits if each not in before]


def _strict_uri(ctx: Context) -> Uri | None:
    """The Request-URI if a strict router has put our URI there: ours, in a dialog, no GRUU."""
    if not ctx.message.to.tag:
        return None
    uri = routable_uri(ctx.uri or "")
    if uri is None or not is_ours(ctx, uri) or uri.param("gr") is not None:
        return None
    return uri


def _after_strict(ctx: Context, routes: RouteSet, uri: Uri) -> int:
    """The last hop was a strict router: the Request-URI proper is the last Route."""
    at = 0
    first = routes.get(0)
    assert first is not None
    if double_rr(ctx.program) and uri.param("r2") is not None and is_ours(ctx, first.parsed):
        routes.remove(0)
        ctx.send_socket = _socket(ctx, first.parsed) or ctx.send_socket
        at = 1
    hop = routes.get(at)
    if hop is None:
        raise ValueError("the route set ends with us, so there is no Request-URI")
    next_hop = _next_hop(hop.uri, hop.parsed)
    if hop.parsed.param("lr") is None:
        routes.remove(at)
        ctx.ruri = next_hop
    else:
        index = routes.last()
        last = routes.get(index)
        assert last is not None
        request_uri = last.routable
        routes.remove(index)
        ctx.dst_uri = next_hop
        ctx.ruri = request_uri
    _took_ours(ctx, uri_params(uri))
    return 1


def _after_loose(ctx: Context, routes: RouteSet) -> int:
    """The last hop was a loose router, or the client: the topmost Route may be ours."""
    hop = routes.get(0)
    assert hop is not None
    uri = hop.parsed
    params: str | None = None
    at = 0
    if is_ours(ctx, uri):
        params = uri_params(uri)
        routes.remove(0)
        at = 1
        if double_rr(ctx.program) and uri.param("r2") is not None:
            second = routes.get(1)
            if second is not None:
                ctx.send_socket = _socket(ctx, second.parsed) or ctx.send_socket
                routes.remove(1)
                at = 2
        elif force_send_socket(ctx.program):
            ctx.send_socket = _socket(ctx, uri) or ctx.send_socket
        hop = routes.get(at)
        if hop is None:
            _took_ours(ctx, params)
            return 1 if ctx.message.to.tag else _PRELOADED
        uri = hop.parsed
    next_hop = _next_hop(hop.uri, uri)
    if uri.param("lr") is not None:
        ctx.dst_uri = next_hop
    else:
        # For a strict router: its URI in the Request-URI, and that at the end of the route set.
        line = f"Route: <{ctx.message.uri}>\r\n".encode("utf-8", "surrogateescape")
        behind = ctx.message.headers_end
        _edit(ctx, [edit(behind, behind, line)])
        routes.remove(at)
        ctx.ruri = next_hop
    if params is not None:
        _took_ours(ctx, params, True)
    return 1


def _took_ours(ctx: Context, params: str, next_is_route: bool = False) -> None:
    change_state(ctx, State(params, next_is_route, state(ctx).pending))
    run_hooks(ctx, params)


def _next_hop(text: str, uri: Uri) -> str:
    """The next hop that a Route names: its URI, or where its `maddr` says."""
    maddr = uri.param("maddr")
    if maddr is None:
        return text
    if not maddr:
        raise ValueError(f"<{text:.100}> in a Route has an empty maddr")
    return f"sip:{maddr}:{uri.port}" if uri.port else f"sip:{maddr}"


def _socket(ctx: Context, uri: Uri) -> ListenSocket | None:
    """The socket of ours that a Route of ours names, by its `sn` or its address."""
    sockets = ctx.program.sockets
    name = uri.param("sn") if sockname_mode(ctx.program) else None
    if name:
        found = named_socket(sockets, name)
        if found is not None:
            return found
    protocol = (uri.param("transport") or "udp").lower()
    if uri.scheme == "sips":
        protocol = "tls"
    port = uri.port or (5061 if protocol == "tls" else 5060)
    try:
        return find_socket(sockets, f"{protocol}:{uri.host}:{port}")
    except ValueError:
        return None
