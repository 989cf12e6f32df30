"""Whether a phone seems to be behind NAT.

Source: README of nathelper, nat_uac_test() and is_rfc1918().
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sipway.core.context import Context
from sipway.core.sockets import SIP_PORT
from sipway.modules.nathelper._module import mod, nat_addr_mode
from sipway.modules.nathelper.addresses import is_private, is_source, packed
from sipway.modules.nathelper.places import find_contact
from sipway.modules.sdpops.body import Line, read_sdp
from sipway.sip.uri import routable_uri

_CONNECTION: Final = "c="
_WEB: Final = ("ws", "wss")


def _private(ctx: Context, host: str) -> bool:
    return is_private(host, bool(nat_addr_mode(ctx.program)))


def _private_contact(ctx: Context) -> bool:
    contact = find_contact(ctx)
    return contact is not None and _private(ctx, contact.uri.host)


def _other_via(ctx: Context) -> bool:
    return not is_source(ctx, ctx.message.via.host)


def _private_via(ctx: Context) -> bool:
    return _private(ctx, ctx.message.via.host)


def _connections(ctx: Context) -> tuple[str | None, list[str | None]]:
    """The addresses of the session and of each media stream of the SDP, None without one."""
    body = read_sdp(ctx)
    if body is None:
        return None, []
    return _connection(body.session), [_connection(each.lines) for each in body.media]


def _connection(lines: tuple[Line, ...]) -> str | None:
    for line in lines:
        if line.text.startswith(_CONNECTION):
            words = line.text[2:].split()
            return words[2] if len(words) > 2 else None
    return None


def _private_sdp(ctx: Context) -> bool:
    session, media = _connections(ctx)
    return any(_private(ctx, each or session or "") for each in media)


def _other_port(ctx: Context) -> bool:
    return (ctx.message.via.port or SIP_PORT) != ctx.source_port


def _private_source(ctx: Context) -> bool:
    return _private(ctx, ctx.source_ip)


def _web_socket(ctx: Context) -> bool:
    return ctx.socket.protocol in _WEB


def _other_contact_port(ctx: Context) -> bool:
    contact = find_contact(ctx)
    if contact is None or not contact.uri.host:
        return False
    return (contact.uri.port or SIP_PORT) != ctx.source_port


def _other_sdp(ctx: Context) -> bool:
    """That of the session alone, as in 5.6.3."""
    session, media = _connections(ctx)
    if not media or session is None or packed(session) is None:
        return False
    return not is_source(ctx, session)


def _other_target(ctx: Context) -> bool:
    return _other_hop(ctx) if ctx.message.is_request else _other_reply_hop(ctx)


def _other_hop(ctx: Context) -> bool:
    """Whether a request goes elsewhere than its URI says, or over WebSocket."""
    uri = routable_uri(ctx.uri or "")
    if uri is None:
        return False
    if (uri.param("transport") or "").lower() in _WEB:
        return True
    hop = None if ctx.dst_uri is None else routable_uri(ctx.dst_uri)
    if hop is None:
        return False
    return (uri.host, uri.port or SIP_PORT) != (hop.host, hop.port or SIP_PORT)


def _other_reply_hop(ctx: Context) -> bool:
    """Whether a reply goes elsewhere than the sent-by of its next Via says."""
    vias = ctx.message.vias()
    if len(vias) < 2:
        return False
    via = vias[1]
    if via.protocol.lower() in _WEB:
        return True
    if via.received is not None and via.received != via.host:
        return True
    rport = via.rport_number
    return rport != 0 and rport != (via.port or SIP_PORT)


_TESTS: Final[tuple[tuple[int, Callable[[Context], bool]], ...]] = (
    (1, _private_contact),
    (2, _other_via),
    (4, _private_via),
    (8, _private_sdp),
    (16, _other_port),
    (32, _private_source),
    (64, _web_socket),
    (128, _other_contact_port),
    (256, _other_sdp),
    (512, _other_target),
)


@mod.function("nat_uac_test")
def nat_uac_test(ctx: Context, flags: int) -> int:
    """1 if one of the tests that `flags` adds up says that a phone is behind NAT, else -1.

    1: the Contact is a private address; 2: the topmost Via is not where the message came from; 4:
    that Via is a private address; 8: so is one of the SDP; 16: the port of that Via is another
    than the message came from; 32: it came from a private address; 64: over WebSocket; 128: the
    port of Contact is another than the message came from; 256: the address of the SDP's session is
    another; 512: a request goes elsewhere than its URI says, a reply elsewhere than its Via, or
    over WebSocket.
    """
    for bit, test in _TESTS:
        if flags & bit and test(ctx):
            return 1
    return -1


@mod.function("is_rfc1918")
def is_rfc1918(ctx: Context, ip: str) -> int:
    """1 for an IPv4 address for use within a network (RFC 1918, RFC 6598, RFC 7335), else -1."""
    return 1 if _private(ctx, ip) else -1
