"""Requests sent on with a transaction: t_relay() and its like.

Source: README of tm, sections 4.1 to 4.5, 4.10, 4.16 to 4.21, 4.49 to 4.51.
"""

from __future__ import annotations

from typing import Annotated, Final

from sipway.core.context import Context
from sipway.core.destinations import Target
from sipway.core.proxy import cancelling, contexts, options, relaying
from sipway.core.proxy.hops import Destination
from sipway.core.sockets import default_port
from sipway.language.signatures import ArgumentKind, Routes
from sipway.modules.textopsx.messages import msg_apply_changes
from sipway.modules.tm._module import mod
from sipway.sip.methods import ACK, METHODS

_CANCEL: Final = METHODS["CANCEL"]
_ROUTES: Final = Routes.REQUEST | Routes.FAILURE
_PROTOCOLS: Final = ("udp", "tcp", "tls", "sctp")

# What t_relay_to() takes.
_NO_100: Final = 1
_NO_REPLY: Final = 2
_NO_FAILOVER: Final = 4
_FLAGS: Final = 7


def _to_host(text: str) -> str:
    host = text.strip("[]")
    if not host or any(each.isspace() for each in host):
        raise ValueError(f'"{text}" is no host')
    return host


def _to_port(value: int | str) -> int:
    number = int(value) if isinstance(value, int) or value.isdecimal() else -1
    if not 0 <= number <= 65535:
        raise ValueError(f"{value} is no port")
    return number


_HOST: Final = ArgumentKind("a host", base=str, convert=_to_host)
_PORT: Final = ArgumentKind("a port", base=None, convert=_to_port)


def _hop(protocol: str, host: str, port: int) -> Destination:
    return Destination(Target.of_host(protocol, host, port))


def _with_protocol(ctx: Context, protocol: str) -> Destination | None:
    """Where the URIs of the request lead, by another protocol; None where they lead nowhere."""
    try:
        target = Target.from_uri(ctx.dst_uri or ctx.uri or "")
    except ValueError:
        return None
    port = target.port if target.port_given else default_port(protocol)
    return Destination(target._replace(protocol=protocol, port=port, protocol_given=True))


def _relay(ctx: Context, hop: Destination | None) -> int:
    if ctx.transaction is None:
        method = ctx.message.method_id
        if method == ACK:
            return relaying.relay_ack(ctx, hop)
        if method == _CANCEL:
            invite = ctx.program.layer.find_request(ctx.message)
            if invite is not None:
                return cancelling.cancel_by_caller(ctx, invite)
            stray = ctx.program.proxy.stray_cancel
            if stray:
                return cancelling.relay_stray(ctx, hop) if stray == 1 else 1
    return relaying.relay(ctx, hop)


@mod.function("t_newtran", routes=Routes.REQUEST)
def t_newtran(ctx: Context) -> int:
    """Make a transaction of the request. 1; -10 if there is one already, -1 for an ACK."""
    if ctx.transaction is not None:
        return -10
    if ctx.message.method_id == ACK:
        return -1
    relaying.begin(ctx)
    return 1


@mod.function("t_relay", routes=_ROUTES)
def t_relay(ctx: Context) -> int:
    """Send the request on, with a transaction, to `$du` or else to its Request-URI.

    Returns 1; below 0 if it could not be sent anywhere: -400 for a wrong Request-URI, -478 for a
    host without an address, -7 without a socket for it, -6 if branch_route dropped it, -1 if it
    has been relayed already. Then a reply that says so goes back when the script ends, unless
    the script answers itself. A name is looked up when the script has gone on.
    """
    return _relay(ctx, None)


@mod.function("t_relay", routes=_ROUTES, arities=(2,))
def t_relay_host(ctx: Context, host: Annotated[str, _HOST], port: Annotated[int, _PORT]) -> int:
    """As t_relay(), to a host and port, by the protocol that the request came by."""
    return _relay(ctx, _hop(ctx.socket.protocol, host, port))


def _add_forced(protocol: str) -> None:
    @mod.function(f"t_relay_to_{protocol}", routes=_ROUTES)
    def relay_by(ctx: Context) -> int:
        return _relay_by(ctx, protocol)

    relay_by.__doc__ = f"As t_relay(), over {protocol.upper()} whatever the URI says."

    @mod.function(f"t_relay_to_{protocol}", routes=_ROUTES, arities=(2,))
    def relay_to(ctx: Context, host: Annotated[str, _HOST], port: Annotated[int, _PORT]) -> int:
        return _relay(ctx, _hop(protocol, host, port))

    relay_to.__doc__ = f"As t_relay(), to a host and port over {protocol.upper()}."

    @mod.function(f"t_forward_nonack_{protocol}", routes=Routes.REQUEST)
    def forward_to(ctx: Context, host: Annotated[str, _HOST], port: Annotated[int, _PORT]) -> int:
        return _forward(ctx, _hop(protocol, host, port))

    forward_to.__doc__ = f"As t_forward_nonack(), over {protocol.upper()}."

    @mod.function(f"t_replicate_{protocol}", routes=Routes.REQUEST)
    def replicate_to(ctx: Context, host: Annotated[str, _HOST], port: Annotated[int, _PORT]) -> int:
        return _replicate(ctx, _hop(protocol, host, port))

    replicate_to.__doc__ = f"As t_replicate(), to a host and port over {protocol.upper()}."


def _relay_by(ctx: Context, protocol: str) -> int:
    return _relay(ctx, _with_protocol(ctx, protocol))


for _protocol in _PROTOCOLS:
    _add_forced(_protocol)


# --- t_forward_nonack() --------------------------------------------------------------------------


def _forward(ctx: Context, hop: Destination | None) -> int:
    if ctx.transaction is None:
        return -1
    ctx.transaction.user.auto_100 = False
    return relaying.relay(ctx, hop)


@mod.function("t_forward_nonack", routes=Routes.REQUEST, arities=(0, 2))
def t_forward_nonack(
    ctx: Context, host: Annotated[str, _HOST] = "", port: Annotated[int, _PORT] = 0
) -> int:
    """Send a request on, to a host and port; -1 without a transaction, else as t_relay()."""
    return _forward(ctx, _hop(ctx.socket.protocol, host, port) if host else None)


@mod.function("t_forward_nonack_uri", routes=Routes.REQUEST)
def t_forward_nonack_uri(ctx: Context) -> int:
    """Send a request on to where its URIs lead; returns as t_forward_nonack()."""
    return _forward(ctx, None)


# --- t_relay_to() --------------------------------------------------------------------------------


def _to_proxy(text: str) -> Target:
    """`proto:host:port`, of which protocol and port can be left out."""
    protocol, mark, rest = text.partition(":")
    if not mark or protocol.lower() not in _PROTOCOLS:
        protocol, rest = "", text
    host, _, digits = rest.rpartition(":") if _has_port(rest) else (rest, "", "")
    port = _to_port(digits) if digits else 0
    return Target(protocol.lower(), _to_host(host), port)


def _has_port(text: str) -> bool:
    return text.rpartition("]")[2].startswith(":") if "[" in text else text.count(":") == 1


def _to_flags(value: int | str) -> int:
    text = str(value)
    try:
        number = int(text, 0)
    except ValueError:
        number = -1
    if not 0 <= number <= _FLAGS:
        raise ValueError(f"{value} is none of the flags 0 to {_FLAGS}")
    return number


def _to_proxy_or_flags(value: int | str) -> Target | int:
    if isinstance(value, int) or value.isdecimal() or value[:2].lower() == "0x":
        return _to_flags(value)
    return _to_proxy(value)


_PROXY: Final = ArgumentKind("a destination such as udp:192.0.2.1:5060", convert=_to_proxy)
_EITHER: Final = ArgumentKind(
    "a destination such as udp:192.0.2.1:5060, or flags", base=None, convert=_to_proxy_or_flags
)
_FLAG: Final = ArgumentKind("flags from 0 to 7", base=None, convert=_to_flags)


@mod.function("t_relay_to", routes=_ROUTES)
def t_relay_to(
    ctx: Context,
    proxy: Annotated[Target | int, _EITHER] = 0,
    flags: Annotated[int, _FLAG] = 0,
) -> int:
    """As t_relay(), to a destination if one is given.

    Flags: 1 no 100, 2 no reply if it cannot be sent, 4 only the first address of a name.
    """
    target: Target | None = None
    if isinstance(proxy, int):
        flags = proxy
    else:
        target = proxy
    return _relay_to(ctx, target, flags)


@mod.function("t_relay_to_proxy", routes=_ROUTES)
def t_relay_to_proxy(
    ctx: Context, proxy: Annotated[Target, _PROXY], flags: Annotated[int, _FLAG] = 0
) -> int:
    """As t_relay_to(), with a destination."""
    return _relay_to(ctx, proxy, flags)


def _relay_to(ctx: Context, target: Target | None, flags: int) -> int:
    transaction = ctx.transaction
    if flags & _NO_100:
        if transaction is None:
            options.ask(ctx, auto_100=False)
        else:
            transaction.user.auto_100 = False
    if flags & _NO_REPLY:
        if transaction is None:
            options.ask(ctx, quiet=True)
        else:
            transaction.user.quiet = True
    if flags & _NO_FAILOVER:
        if transaction is None:
            options.ask(ctx, single=True)
        else:
            transaction.user.single = True
    if target is None:
        return _relay(ctx, None)
    return _relay(ctx, _hop(target.protocol or ctx.socket.protocol, target.host, target.port))


# --- t_replicate() -------------------------------------------------------------------------------


def _to_uri(text: str) -> Target:
    return Target.from_uri(text)


_URI: Final = ArgumentKind("a URI", base=str, convert=_to_uri)


def _replicate(ctx: Context, hop: Destination | None) -> int:
    if ctx.message.method_id == ACK:
        return -1
    return relaying.replicate(ctx, hop)


@mod.function("t_replicate", routes=Routes.REQUEST)
def t_replicate(ctx: Context, uri: Annotated[Target | None, _URI] = None) -> int:
    """Send the request to another server too: to a URI, or to where its own URIs lead.

    Responses run the onreply_route and go no further. Returns as t_relay().
    """
    return _replicate(ctx, None if uri is None else Destination(uri))


@mod.function("t_replicate", routes=Routes.REQUEST, arities=(2,))
def t_replicate_host(ctx: Context, host: Annotated[str, _HOST], port: Annotated[int, _PORT]) -> int:
    """As t_replicate(), to a host and port by the protocol that the request came by."""
    return _replicate(ctx, _hop(ctx.socket.protocol, host, port))


def _to_protocol(text: str) -> str:
    if text.lower() not in _PROTOCOLS:
        raise ValueError(f'{", ".join(_PROTOCOLS)} is wanted, not "{text}"')
    return text.lower()


_PROTOCOL: Final = ArgumentKind("a protocol", base=str, convert=_to_protocol)


@mod.function("t_replicate_to", routes=Routes.REQUEST)
def t_replicate_to(
    ctx: Context, protocol: Annotated[str, _PROTOCOL], hostport: Annotated[Target, _PROXY]
) -> int:
    """As t_replicate(), by a protocol to `host:port`."""
    return _replicate(ctx, _hop(protocol, hostport.host, hostport.port))


# --- branches of others, and messages of a branch ------------------------------------------------


@mod.function("t_cell_append_branches", routes=Routes.REQUEST | Routes.FAILURE | Routes.EVENT)
def t_cell_append_branches(ctx: Context, tindex: int, tlabel: int) -> int:
    """Add the branches of this message to another transaction, which goes on to them at once.

    The numbers are those of `$T(id_index)` and `$T(id_label)` there. Returns as t_relay(); -1 if
    there is no such transaction, it has a final answer, or there are no branches.
    """
    identity = b"%08x%08x" % (tindex & 0xFFFFFFFF, tlabel & 0xFFFFFFFF)
    transaction = ctx.program.layer.find(identity)
    if transaction is None or transaction.server is None or transaction.server.status >= 200:
        return -1
    if not ctx.branches:
        return -1
    other = contexts.context_of(transaction, ctx.now)
    other.branches, ctx.branches = ctx.branches, None
    return relaying.relay(other)


@mod.function("t_msg_apply_changes", routes=Routes.BRANCH)
def t_msg_apply_changes(ctx: Context) -> int:
    """As msg_apply_changes() of textopsx, for the request of this branch alone."""
    return msg_apply_changes(ctx)
