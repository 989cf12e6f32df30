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
from sipway.sip.build import Edit
from sipway.sip.uri import Uri, routable_uri

_ROUTES: Final = Routes.REQUEST | Routes.EVENT
_PRELOADED: Final = -3
_LOOSE_ONLY: Final = 1


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
        _edit(ctx, [Edit(behind, behind, line)])
        routes.remove(at)
        ctx.ruri = next_hop
    if params is not None:
        _took_ours(ctx, params, next_is_route=True)
    return 1


def _took_ours(ctx: Context, params: str, *, next_is_route: bool = False) -> None:
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
