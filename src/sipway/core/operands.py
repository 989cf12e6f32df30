"""Bare words that stand for something of the message: `method`, `src_ip`, `from_uri` ...

Source: core cookbook, section core keywords. `af` is the number of the address family,
`proto` Kamailio's number of the transport, as `$prid`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sipway.core.context import Context
from sipway.core.variables.network import PROTOCOL_IDS
from sipway.language.signatures import OperandSignature, OperandType, Routes
from sipway.sip.addresses import family, ip_text, port


def _method(ctx: Context) -> str:
    return ctx.method


def _uri(ctx: Context) -> str | None:
    return ctx.uri


def _from_uri(ctx: Context) -> str | None:
    return ctx.message.from_.uri


def _to_uri(ctx: Context) -> str | None:
    return ctx.message.to.uri


def _source_ip(ctx: Context) -> str:
    return ctx.source_ip


def _source_port(ctx: Context) -> int:
    return ctx.source_port


def _socket_ip(ctx: Context) -> str:
    return ctx.socket.ip


def _socket_port(ctx: Context) -> int:
    return ctx.socket.port


def _protocol(ctx: Context) -> int:
    return PROTOCOL_IDS[ctx.socket.protocol]


def _family(ctx: Context) -> int:
    return family(ctx.source)


def _status(ctx: Context) -> str | None:
    message = ctx.message
    return None if message.is_request else str(message.status)


def _length(ctx: Context) -> int:
    """Of what is about to be sent, in onsend_route."""
    return len(ctx.message.data if ctx.sending is None else ctx.sending[0])


# --- in onsend_route ---------------------------------------------------------------------------


def _send_ip(ctx: Context) -> str:
    return "" if ctx.sending is None else ctx.sending[2].ip


def _send_port(ctx: Context) -> int:
    return 0 if ctx.sending is None else ctx.sending[2].port


def _send_protocol(ctx: Context) -> int:
    return 0 if ctx.sending is None else PROTOCOL_IDS[ctx.sending[2].protocol]


def _send_family(ctx: Context) -> int:
    return 0 if ctx.sending is None else family(ctx.sending[1])


def _to_ip(ctx: Context) -> str:
    return "" if ctx.sending is None else ip_text(ctx.sending[1])


def _to_port(ctx: Context) -> int:
    return 0 if ctx.sending is None else port(ctx.sending[1])


_TABLE: Final[tuple[tuple[str, OperandType, Callable[[Any], int | str | None]], ...]] = (
    ("af", OperandType.FAMILY, _family),
    ("dst_ip", OperandType.ADDRESS, _socket_ip),
    ("dst_port", OperandType.PORT, _socket_port),
    ("from_uri", OperandType.URI, _from_uri),
    ("method", OperandType.TEXT, _method),
    ("msg:len", OperandType.NUMBER, _length),
    ("proto", OperandType.PROTOCOL, _protocol),
    ("src_ip", OperandType.ADDRESS, _source_ip),
    ("src_port", OperandType.PORT, _source_port),
    ("status", OperandType.TEXT, _status),
    ("to_uri", OperandType.URI, _to_uri),
    ("uri", OperandType.URI, _uri),
)

_OF_ONSEND: Final[tuple[tuple[str, OperandType, Callable[[Any], int | str | None]], ...]] = (
    ("snd_af", OperandType.FAMILY, _send_family),
    ("snd_ip", OperandType.ADDRESS, _send_ip),
    ("snd_port", OperandType.PORT, _send_port),
    ("snd_proto", OperandType.PROTOCOL, _send_protocol),
    ("to_ip", OperandType.ADDRESS, _to_ip),
    ("to_port", OperandType.PORT, _to_port),
)

OPERANDS: Final = {
    **{name: OperandSignature(name, type_, get) for name, type_, get in _TABLE},
    **{name: OperandSignature(name, type_, get, Routes.ONSEND) for name, type_, get in _OF_ONSEND},
}
"""By name; `snd_*` is our end and `to_*` the other one of what is about to be sent."""
