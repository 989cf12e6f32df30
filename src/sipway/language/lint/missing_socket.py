"""force_send_socket() with a socket that the server cannot have.

A host that is no IP address is never the address of a socket of ours: it has to be what a socket of
the script advertises. Kamailio resolves it at start, and refuses the script if it has no address.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from sipway.language.diagnostics import Diagnostic, Severity
from sipway.language.nodes import Call, Expression, Listen, Name, Network, Script, String
from sipway.language.resolve import Scope
from sipway.language.visitor import walk

CODE = "missing-socket"
WHAT = "force_send_socket() names a socket that the server does not listen on."
WHY = "Nothing is changed then: the message leaves by another socket, and that is only logged."
FIX = "Write the address of one of the sockets, as in force_send_socket(udp:192.0.2.1:5060)."
EXAMPLE = """request_route {
    force_send_socket("nonsense");
}
"""

_SOCKET: Final = re.compile(r"(?:[A-Za-z]+:)?(?P<host>\[[^\]]+\]|[^:\[\]\s]+)(?::\d+)?")


def check(script: Script, _: Scope) -> Iterator[Diagnostic]:
    sockets = [item for item in script.items if isinstance(item, Listen)]
    hosts = {socket.host.lower() for socket in sockets}
    hosts |= {socket.advertise[0].strip("[]").lower() for socket in sockets if socket.advertise}
    for node in walk(script):
        if not isinstance(node, Call) or node.name != "force_send_socket" or not node.arguments:
            continue
        host = _host(node.arguments[0])
        if host is None or host in hosts or _is_address(host):
            continue
        named = any(socket.name == host for socket in sockets)
        yield Diagnostic(
            Severity.WARNING,
            CODE,
            f"no socket of the script has the address {host}"
            if sockets
            else f"{host} is no address, and the script names no sockets",
            node.arguments[0].span,
            hint=f'{host} is a name: set_send_socket_name("{host}") of corex takes it'
            if named
            else "the address of a socket is wanted, as in udp:192.0.2.1:5060",
        )


def _host(argument: Expression) -> str | None:
    """The host in a constant argument, in small letters; None where there is none to see."""
    if isinstance(argument, String):
        text = argument.value
    elif isinstance(argument, Name):
        text = argument.name
    elif isinstance(argument, Network):
        text = argument.text
    else:
        return None
    match = _SOCKET.fullmatch(text)
    return None if match is None else match["host"].strip("[]").lower()


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
