"""What leaves: `$sndto(...)`, `$sndfrom(...)`, `$rpl(...)`; what came in: `$rcv(...)`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from sipway.core.builtin import core
from sipway.core.context import Context
from sipway.core.raw import raw_of
from sipway.core.sockets import ListenSocket
from sipway.core.variables.network import PROTOCOL_IDS
from sipway.errors import SipParseError
from sipway.language.signatures import Inner, Routes
from sipway.sip.addresses import family, ip_text, sockaddr
from sipway.sip.addresses import port as port_of
from sipway.sip.message import text
from sipway.sip.via import Via

Value = int | str | None

_SIP_PORT: Final = 5060
_EVENT: Final = Routes.EVENT.value


def _one_of(names: list[str]) -> Callable[[str], str]:
    """What checks an inner name. The check raises ValueError."""

    def check(name: str) -> str:
        if name not in names:
            raise ValueError(f"{', '.join(names[:-1])} and {names[-1]} are there, not {name}")
        return name

    return check


# --- while onsend_route runs -------------------------------------------------------------------

_SENDING: Final = ["ip", "port", "af", "proto", "sproto", "buf", "len"]


def _sent(data: bytes, socket: ListenSocket, name: str) -> Value:
    """What is the same for both ends."""
    if name == "proto":
        return PROTOCOL_IDS[socket.protocol]
    if name == "sproto":
        return socket.protocol
    return text(data) if name == "buf" else len(data)


@core.variable("snd", "sndto", inner=Inner.REQUIRED, prepare=_one_of(_SENDING))
def _send_to(ctx: Context, name: str) -> Value:
    """Where the message is about to be sent, and what it is; null but in onsend_route."""
    if ctx.sending is None:
        return None
    data, destination, socket = ctx.sending
    if name == "ip":
        return ip_text(destination)
    if name == "port":
        return port_of(destination)
    return family(destination) if name == "af" else _sent(data, socket, name)


@core.variable("sndfrom", inner=Inner.REQUIRED, prepare=_one_of(_SENDING))
def _send_from(ctx: Context, name: str) -> Value:
    """Our socket that the message is about to leave by; null but in onsend_route."""
    if ctx.sending is None:
        return None
    data, _, socket = ctx.sending
    if name == "ip":
        return socket.ip
    if name == "port":
        return socket.port
    return family(sockaddr(socket.ip, socket.port)) if name == "af" else _sent(data, socket, name)


# --- where a reply goes next -------------------------------------------------------------------


def _reply_host(via: Via) -> str:
    return via.received or via.host


def _reply_port(via: Via) -> int:
    return via.rport_number or via.port or _SIP_PORT


_REPLY: Final[dict[str, Callable[[Via], Value]]] = {
    "duri": lambda via: (
        f"sip:{_reply_host(via)}:{_reply_port(via)};transport={via.protocol.lower()}"
    ),
    "dhost": _reply_host,
    "dport": _reply_port,
    "dproto": lambda via: via.protocol.lower(),
    "dprotoid": lambda via: PROTOCOL_IDS.get(via.protocol.lower(), 0),
}
_VIA_COUNT: Final = "cntvia"


@core.variable("rpl", inner=Inner.REQUIRED, prepare=_one_of([*_REPLY, _VIA_COUNT]))
def _reply(ctx: Context, name: str) -> Value:
    """Where a reply goes by its second Via, or how many Vias it has; null for a request."""
    message = ctx.message
    if message.is_request:
        return None
    try:
        vias = message.vias()
    except SipParseError:
        return None
    if name == _VIA_COUNT:
        return len(vias)
    return _REPLY[name](vias[1]) if len(vias) > 1 else None


# --- as it was received ------------------------------------------------------------------------


def _data(ctx: Context) -> bytes:
    """What was received: before it was parsed, where an event route looks at that."""
    raw = raw_of(ctx)
    return ctx.message.data if raw is None else raw.data


def _kind(ctx: Context) -> int:
    """1 for a message, 2 for what was read from the socket (`received_route_mode`)."""
    raw = raw_of(ctx)
    return 1 if raw is None else raw.kind


_STRANGE: Final = re.compile(rb"[^\t\r\n\x20-\x7e]")

_RECEIVED: Final[dict[str, Callable[[Context], Value]]] = {
    "buf": lambda ctx: text(_data(ctx)),
    "len": lambda ctx: len(_data(ctx)),
    "safe": lambda ctx: 0 if _STRANGE.search(_data(ctx)) else 1,
    "evtype": _kind,
    "srcip": lambda ctx: ctx.source_ip,
    "rcvip": lambda ctx: ctx.socket.ip,
    "srcport": lambda ctx: ctx.source_port,
    "rcvport": lambda ctx: ctx.socket.port,
    "proto": lambda ctx: PROTOCOL_IDS[ctx.socket.protocol],
    "sproto": lambda ctx: ctx.socket.protocol,
    "af": lambda ctx: family(ctx.source),
}


@core.variable("rcv", "recv", inner=Inner.REQUIRED, prepare=_one_of([*_RECEIVED]))
def _received(ctx: Context, name: str) -> Value:
    """What was received, and between which addresses; null but in event routes."""
    return _RECEIVED[name](ctx) if ctx.kind == _EVENT else None
