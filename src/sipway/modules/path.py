"""path: the Path header field, by which requests for a registered client come back here.

Source: README of Kamailio's module path, RFC 3327. The lines are made when the socket is known by
which the request leaves. Flow tokens (module outbound) are not there.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.core.late_edits import add_late
from sipway.core.module import Module
from sipway.core.parameters.conversions import token
from sipway.core.program import Program
from sipway.core.shown_address import shown_address, shown_outgoing_address
from sipway.core.sockets import ListenSocket
from sipway.core.variables.network import PROTOCOL_IDS
from sipway.errors import ModuleError
from sipway.language.record import Record
from sipway.language.signatures import Routes
from sipway.modules.rr import on_own_route, route_param
from sipway.sip import headers

mod: Final = Module("path", after=("rr",))

_ROUTES: Final = Routes.REQUEST | Routes.EVENT
_to_name: Final = token('"{}" is no name of a parameter')
_ALIAS: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^~;\s]+)~(\d{1,5})~(\d)")
_PROTOCOLS: Final = {number: name for name, number in PROTOCOL_IDS.items()}


def _to_format(value: int) -> int:
    if value not in (0, 1):
        raise ValueError(f"a format is 0 for a URI or 1 for ip~port~protocol, not {value}")
    return value


_use_received = mod.param(
    "use_received", int, 0, doc="`received` of our Route becomes the next hop (needs rr)"
)
_received_format = mod.param(
    "received_format",
    int,
    0,
    convert=_to_format,
    doc="1: `received` as ip~port~protocol instead of a URI",
)
_received_name = mod.param(
    "received_name", str, "received", convert=_to_name, doc="what `received` is called"
)
_enable_r2 = mod.param("enable_r2", int, 0, doc="two Paths, for either side")
_sockname_mode = mod.param("sockname_mode", int, 0, doc="write the name of the socket as sn")


@mod.on_start
def _check(program: Program) -> None:
    if _use_received(program) and "rr" not in program.modules:
        raise ModuleError("path: use_received needs the module rr")


class _Path(Record):
    """What makes the Path lines of one call.

    begin    `sip:user@`
    tail     the parameters
    address  in place of those of the sockets, or None
    """

    begin: str
    tail: str
    address: str | None

    def __call__(self, ctx: Context, socket: ListenSocket) -> bytes:
        """The complete header lines for a request that leaves by `socket`."""
        named = bool(_sockname_mode(ctx.program))
        addresses = [self.address or shown_outgoing_address(ctx, socket, named=named)]
        tail = self.tail
        if _enable_r2(ctx.program):
            addresses.append(self.address or shown_address(ctx.socket, named=named))
            tail += ";r2=on"
        lines = [f"Path: <{self.begin}{each};lr{tail}>\r\n" for each in addresses]
        return "".join(lines).encode("utf-8", "surrogateescape")


def _received(ctx: Context) -> str:
    """The address that the request came from, as a parameter."""
    ip = ctx.source_ip
    host, port, protocol = f"[{ip}]" if ":" in ip else ip, ctx.source_port, ctx.socket.protocol
    name = _received_name(ctx.program)
    if _received_format(ctx.program):
        return f";{name}={host}~{port}~{PROTOCOL_IDS[protocol]}"
    transport = "" if protocol == "udp" else f"%3btransport%3d{protocol}"
    return f";{name}=sip:{host}:{port}{transport}"


def _add(ctx: Context, user: str, params: str, received: str, address: str | None = None) -> int:
    """Add the lines before the first Path, or behind all header fields."""
    message = ctx.message
    first = message.find(headers.PATH)
    at = message.headers_end if first < 0 else message.line(first)[0]
    begin = f"sip:{user}@" if user else "sip:"
    tail = f"{received};{params}" if params else received
    add_late(ctx, at, _Path(begin, tail, address))
    return 1


@mod.function("add_path", routes=_ROUTES)
def add_path(ctx: Context, user: str = "", params: str = "") -> int:
    """Add a Path with our address, and `user` and `name=value;...` in its URI. Returns 1."""
    return _add(ctx, user, params, "")


@mod.function("add_path_received", routes=_ROUTES)
def add_path_received(ctx: Context, user: str = "", params: str = "") -> int:
    """As add_path(), with the address that the request came from as `received`. Returns 1."""
    return _add(ctx, user, params, _received(ctx))


@mod.function("add_path_advertised_address", routes=_ROUTES)
def add_path_advertised_address(
    ctx: Context, address: str, user: str = "", params: str = ""
) -> int:
    """As add_path(), with `host` or `host:port` as our address. Returns 1."""
    return _add(ctx, user, params, "", address)


@mod.function("add_path_received_advertised_address", routes=_ROUTES)
def add_path_received_advertised_address(
    ctx: Context, address: str, user: str = "", params: str = ""
) -> int:
    """As add_path_received(), with `host` or `host:port` as our address. Returns 1."""
    return _add(ctx, user, params, _received(ctx), address)


@on_own_route("path")
def _go_to_received(ctx: Context, params: str) -> None:
    """The client behind NAT is where its registration came from: that is the next hop."""
    if not _use_received(ctx.program):
        return
    value = route_param(params, _received_name(ctx.program))
    if not value:
        return
    uri = _of_alias(value) if _received_format(ctx.program) else _unescaped(value)
    if uri is None:
        ctx.program.log.line(levels.ERR, f'path: "{value:.100}" in our Route is no address')
    else:
        ctx.dst_uri = uri


def _unescaped(value: str) -> str | None:
    """A URI that was escaped; None if it has blanks or line ends, which no URI has."""
    uri = unquote(value, errors="surrogateescape")
    return None if re.search(r"[\0-\x20\x7f]", uri) else uri


def _of_alias(value: str) -> str | None:
    """The URI for `ip~port~protocol`; None if it is not written so."""
    match = _ALIAS.fullmatch(value)
    protocol = _PROTOCOLS.get(int(match[3])) if match else None
    if match is None or protocol is None:
        return None
    transport = "" if protocol == "udp" else f";transport={protocol}"
    return f"sip:{match[1]}:{match[2]}{transport}"
