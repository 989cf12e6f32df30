"""`$cfg(...)`: the place in the script; `$lsock(...)`: our sockets; `$atkv(...)`: events.

Source: README of corex, and the cookbook on pseudo-variables.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.core.core_events import told
from sipway.core.send_socket import find_socket, named_socket
from sipway.core.sockets import ListenSocket
from sipway.language.signatures import Inner, Location
from sipway.modules.corex._module import mod

Value = int | str | None

# --- $cfg --------------------------------------------------------------------------------------

# What Kamailio calls the blocks that have no name.
_BLOCKS: Final = {
    "request_route": "DEFAULT_ROUTE",
    "reply_route": "DEFAULT_ONREPLY",
    "onsend_route": "DEFAULT_SEND",
    "failure_route": "DEFAULT_FAILURE",
    "branch_route": "DEFAULT_BRANCH",
}

_PLACE: Final[dict[str, Callable[[Location], int | str]]] = {
    "line": lambda place: place.line,
    "name": lambda place: place.path,
    "file": lambda place: place.path,
    "route": lambda place: _BLOCKS.get(place.block, place.block),
}


def _place_part(name: str) -> str:
    if name not in _PLACE:
        raise ValueError(f"$cfg takes {', '.join(_PLACE)}, not {name}")
    return name


@mod.variable("cfg", inner=Inner.REQUIRED, nullable=False, prepare=_place_part, located=True)
def _place(_: Context, place: Location, part: str) -> int | str:
    """Where in the script this stands: `line`, `name` or `file` for the file, `route`."""
    return _PLACE[part](place)


# --- $lsock ------------------------------------------------------------------------------------


def _advertised(socket: ListenSocket) -> str:
    if socket.advertised is None:
        return ""
    host, port = socket.advertised
    return f"{socket.protocol}:{host}:{port}"


_FIELDS: Final[dict[str, Callable[[Context, ListenSocket], int | str]]] = {
    "n": lambda _, socket: socket.name or "",
    "l": lambda _, socket: socket.text,
    "a": lambda _, socket: _advertised(socket),
    "i": lambda ctx, socket: ctx.program.sockets.index(socket),
}


def _find(ctx: Context, kind: str, value: str) -> ListenSocket | None:
    """The socket of this name (`n`) or address (`l`). Raises ValueError for another kind."""
    if kind == "n":
        return named_socket(ctx.program.sockets, value)
    if kind != "l":
        raise ValueError("n (name) or l (address) stands in front")
    protocol, _, address = value.partition(":")
    if not protocol.isalpha() or not address:
        return None
    return find_socket(ctx.program.sockets, value)


@mod.variable("lsock", inner=Inner.REQUIRED)
def _listen_socket(ctx: Context, expression: str) -> Value:
    """Of the socket that `n/NAME/FIELD` or `l/ADDRESS/FIELD` means a field; null if none is ours.

    The fields are `name`, `listen`, `advertise` and `index`, of which the first letter counts. An
    expression of another form is logged, and the text is empty.
    """
    kind, _, rest = expression.partition("/")
    value, _, field = rest.rpartition("/")
    try:
        if field[:1] not in _FIELDS or len(field) < 2 or not value:
            raise ValueError("MATCH/VALUE/FIELD is wanted, FIELD one of name, listen, advertise,"
                             " index")  # fmt: skip
        socket = _find(ctx, kind, value)
    except ValueError as error:
        ctx.program.log.line(levels.ERR, f"$lsock({expression:.60}): {error}")
        return ""
    return None if socket is None else _FIELDS[field[0]](ctx, socket)


# --- $atkv -------------------------------------------------------------------------------------


def _event_part(name: str) -> str:
    if name not in ("type", "key", "val", "gname"):
        raise ValueError(f"$atkv takes type, key, val or gname, not {name}")
    return name


@mod.variable("atkv", inner=Inner.REQUIRED, prepare=_event_part)
def _event(ctx: Context, part: str) -> int | str | None:
    """Of the event that event_route[core:tkv] runs for; null in other blocks."""
    event = told(ctx)
    if event is None:
        return None
    if part == "type":
        return event.type
    return {"key": event.key, "val": event.value, "gname": event.group}[part]
