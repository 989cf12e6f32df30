"""ds_is_from_list(), ds_is_active() and ds_list_exists().

Source: README of dispatcher, sections 4.11 to 4.13; what it leaves open was tried on Kamailio
5.6.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final

from sipway.core import log as levels
from sipway.core.arguments import MAX_INT
from sipway.core.context import Context
from sipway.core.destinations import Target
from sipway.language.signatures import ArgumentKind, Routes
from sipway.modules.dispatcher._module import attrs_pvname, dns_mode, mod, setid_pvname
from sipway.modules.dispatcher.board import Board, board
from sipway.modules.dispatcher.destinations import NO_LOOKUP, Destination
from sipway.modules.dispatcher.names import refresh_soon
from sipway.sip.addresses import ip_text

_ANY_PORT: Final = 1
_ANY_PROTOCOL: Final = 2
_ACTIVE: Final = 4
_SAME_SOCKET: Final = 8
_CLOSEST: Final = 16
_ALL: Final = -1
_WITH_EACH_MATCH: Final = 2


class _Place:
    """What is looked for: address or name of a host, port and protocol."""

    __slots__ = ("host", "port", "protocol")

    def __init__(self, host: str, port: int, protocol: str) -> None:
        self.host = host.lower()
        self.port = port
        self.protocol = protocol


def _source(ctx: Context) -> _Place:
    return _Place(ctx.source_ip, ctx.source_port, ctx.socket.protocol)


def _of_uri(uri: str) -> _Place:
    """Raises ValueError for what is no URI."""
    target = Target.from_uri(uri)
    if not target.host:
        raise ValueError(f"{uri:.60} has no host")
    address = target.address
    host = target.host if address is None else ip_text(address)
    return _Place(host, target.port, target.protocol)


def _has_host(destination: Destination, place: _Place) -> bool:
    if destination.flags & NO_LOOKUP:
        return False  # such ones are matched no more, whatever their host is
    return place.host in destination.addresses or place.host == destination.target.host.lower()


def _has_socket(ctx: Context, destination: Destination) -> bool:
    return destination.socket is None or destination.socket is ctx.socket


def _fits(ctx: Context, destination: Destination, place: _Place, mode: int) -> bool:
    return (
        _has_host(destination, place)
        and (bool(mode & _ANY_PORT) or destination.port in (0, place.port))
        and (bool(mode & _ANY_PROTOCOL) or destination.target.protocol == place.protocol)
        and (not mode & _ACTIVE or destination.is_usable)
        and (not mode & _SAME_SOCKET or _has_socket(ctx, destination))
    )


def _closeness(ctx: Context, destination: Destination, place: _Place) -> int:
    """How much of it fits: port 2, protocol 4, socket 8, besides the address."""
    return (
        (2 if destination.port == place.port else 0)
        + (4 if destination.target.protocol == place.protocol else 0)
        + (8 if destination.socket is ctx.socket else 0)
    )


def _candidates(here: Board, group: int) -> Iterator[Destination]:
    if group == _ALL:
        yield from here.sets.destinations()
        return
    found = here.sets.get(group)
    if found is not None:
        yield from found.destinations


def _match(ctx: Context, here: Board, group: int, mode: int, place: _Place) -> Destination | None:
    best: Destination | None = None
    for each in _candidates(here, group):
        if dns_mode(here.program) & _WITH_EACH_MATCH:
            refresh_soon(here.program, each, ctx.now)
        if mode & _CLOSEST:
            if (
                _has_host(each, place)
                and (not mode & _ACTIVE or each.is_usable)
                and (best is None or _closeness(ctx, each, place) > _closeness(ctx, best, place))
            ):
                best = each
        elif _fits(ctx, each, place, mode):
            return each
    return best


@mod.function("ds_is_from_list", routes=Routes.ANY & ~Routes.ONSEND)
def ds_is_from_list(
    ctx: Context, groupid: int = _ALL, mode: int = _ANY_PROTOCOL, uri: str = ""
) -> int:
    """Whether the sender, or a URI, is a destination of a set, or with -1 of any.

    mode is a sum: 1 whatever its port, 2 whatever its protocol, 4 if it is active, 8 if the message
    came by its socket, 16 the one of which most fits. The variables of `setid_pvname` (for -1) and
    `attrs_pvname` get what was found. Returns 1; -1 if there is none.
    """
    here = board(ctx.program)
    try:
        place = _of_uri(uri) if uri else _source(ctx)
    except ValueError as error:
        here.error(f"ds_is_from_list(): {error}")
        return -1
    found = _match(ctx, here, groupid, mode, place)
    if found is None:
        return -1
    setid = setid_pvname(ctx.program)
    if groupid == _ALL and setid is not None and setid.set is not None:
        setid.set(ctx, found.group)
    attributes = attrs_pvname(ctx.program)
    if found.attributes.body and attributes is not None and attributes.set is not None:
        attributes.set(ctx, found.attributes.body)
    return 1


@mod.function("ds_is_active")
def ds_is_active(ctx: Context, groupid: int, uri: str = "") -> int:
    """Whether a destination of a set is there for calls: that of this very URI, or any.

    Returns 1 or -1.
    """
    active = any(
        each.is_usable and uri in ("", each.uri)
        for each in _candidates(board(ctx.program), groupid)
        if groupid != _ALL
    )
    return 1 if active else -1


def _to_group(value: int | str) -> int | None:
    """A number; None for what is none."""
    if isinstance(value, int):
        return value
    text = value.strip()
    number = int(text) if text.removeprefix("-").isdecimal() and text.isascii() else None
    return number if number is None or abs(number) <= MAX_INT else None


_GROUP: Final = ArgumentKind("the number of a set", base=None, convert=_to_group)


@mod.function("ds_list_exists", "ds_list_exist")
def ds_list_exists(ctx: Context, groupid: Annotated[int | None, _GROUP]) -> int:
    """Whether there is a set of this number. Returns 1 or -1; -2 for what is no number."""
    here = board(ctx.program)
    if groupid is None:
        here.tell(levels.ERR, "ds_list_exists(): that is no number of a set")
        return -2
    return -1 if here.sets.get(groupid) is None else 1
