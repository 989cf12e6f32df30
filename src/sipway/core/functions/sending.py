"""How what is made of the message leaves: socket, address in the Via, connection."""

from __future__ import annotations

from typing import Annotated

from sipway.core import log as levels
from sipway.core.arguments import ConstantText
from sipway.core.builtin import core
from sipway.core.context import Context
from sipway.core.extras import SendOption, extras
from sipway.core.send_socket import find_socket
from sipway.core.streams import add_alias
from sipway.language.signatures import ArgumentKind


def _to_specification(text: str) -> str:
    find_socket((), text)
    return text


def _to_port(value: int) -> int:
    if not 0 < value <= 65535:
        raise ValueError(f"{value} is no port")
    return value


def _to_protocol(text: str) -> str:
    if text.upper() not in ("UDP", "TCP", "TLS", "SCTP"):
        raise ValueError(f"{text} is none of UDP, TCP, TLS, SCTP")
    return text.lower()


_SOCKET = ArgumentKind(
    "a socket such as udp:192.0.2.1:5060", base=str, dynamic=False, convert=_to_specification
)
_PORT = ArgumentKind("a port", base=int, dynamic=False, convert=_to_port)
_PROTOCOL = ArgumentKind("a protocol", base=str, dynamic=False, convert=_to_protocol)


@core.function("force_rport", "add_rport")
def force_rport(ctx: Context) -> int:
    """Answer to the port that the request came from, as if the Via asked for it (RFC 3581)."""
    ctx.force_rport = True
    return 1


@core.function("add_local_rport")
def add_local_rport(ctx: Context) -> int:
    """Ask with `rport` in our own Via for replies to the port that we send from (RFC 3581)."""
    extras(ctx).local_rport = True
    return 1


@core.function("force_send_socket")
def force_send_socket(ctx: Context, socket: Annotated[str, _SOCKET]) -> int:
    """Send by a socket of ours; a destination of another address family gets another one.

    A socket that is not ours is logged, and nothing changes. Returns 1.
    """
    found = find_socket(ctx.program.sockets, socket)
    if found is None:
        ctx.program.log.once(levels.WARN, f"force_send_socket(): there is no socket {socket}")
    else:
        ctx.send_socket = found
    return 1


@core.function("set_advertised_address")
def set_advertised_address(ctx: Context, host: ConstantText) -> int:
    """Show this host in our Via instead of the socket's."""
    extras(ctx).advertised_host = host
    return 1


@core.function("set_advertised_port")
def set_advertised_port(ctx: Context, port: Annotated[int, _PORT]) -> int:
    """Show this port in our Via instead of the socket's."""
    extras(ctx).advertised_port = port
    return 1


@core.function("udp_mtu_try_proto")
def udp_mtu_try_proto(ctx: Context, protocol: Annotated[str, _PROTOCOL]) -> int:
    """What to send by if the request is longer than `udp_mtu`: UDP, TCP, TLS or SCTP."""
    extras(ctx).mtu_protocol = protocol
    return 1


# --- connections -------------------------------------------------------------------------------


@core.function("set_forward_no_connect")
def set_forward_no_connect(ctx: Context) -> int:
    """Send the request on only by a connection that is open already; UDP has none."""
    extras(ctx).forward_options |= SendOption.NO_CONNECT
    return 1


@core.function("set_forward_close")
def set_forward_close(ctx: Context) -> int:
    """Close the connection once the request has been sent on; UDP has none."""
    extras(ctx).forward_options |= SendOption.CLOSE
    return 1


@core.function("set_reply_no_connect")
def set_reply_no_connect(ctx: Context) -> int:
    """Reply only by a connection that is open already; UDP has none."""
    extras(ctx).reply_options |= SendOption.NO_CONNECT
    return 1


@core.function("set_reply_close")
def set_reply_close(ctx: Context) -> int:
    """Close the connection once the reply has been sent; UDP has none."""
    extras(ctx).reply_options |= SendOption.CLOSE
    return 1


@core.function("force_tcp_alias", "add_tcp_alias")
def force_tcp_alias(ctx: Context, port: int = 0) -> int:
    """Know the peer's connection by another port too, that of the Via if none is given.

    What is sent to that port of the peer goes by this connection as long as it is open. Returns 1,
    over UDP too, where there is nothing to do; -1 for what is no port, or if the connection has
    gone.
    """
    return 1 if add_alias(ctx, port) else -1
