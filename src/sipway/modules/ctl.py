"""ctl: where kamcmd and its like reach the server, over the protocol binrpc.

Source: README of Kamailio's module ctl. What is listened on is up to `sipway.rpc`, which reads the
parameters here. Left out: the old FIFO protocol (`fifo`), for which jsonrpcs has a successor.
"""

from __future__ import annotations

from typing import Any, Final

from sipway.core.commands import CommandError
from sipway.core.module import Module
from sipway.core.program import Program
from sipway.language.signatures import Meaning

mod = Module("ctl")

_NOTHING: Final[list[str]] = []

BINRPC: Final = mod.param(
    "binrpc", str, _NOTHING, repeatable=True, doc="where to listen, such as unix:/run/x or udp:*:1"
)
MODE: Final = mod.param("mode", int, 0o600, doc="permissions of the Unix sockets")
USER: Final = mod.param("user", str, "", doc="owner of the Unix sockets, a name or a number")
GROUP: Final = mod.param("group", str, "", doc="group of the Unix sockets, a name or a number")


def _no_fifo(value: str) -> str:
    raise ValueError(
        f'the old FIFO protocol is not there ("{value}"); jsonrpcs has a FIFO for JSON-RPC'
    )


mod.param("fifo", str, "", convert=_no_fifo, doc="where to listen for the old FIFO protocol")
mod.param(
    "autoconversion",
    int,
    0,
    meaning=Meaning.IGNORED,
    doc="parameters of another type are converted (here they always are)",
)
for _name, _default in {
    "binrpc_buffer_size": 1024,
    "binrpc_max_body_size": 32,
    "binrpc_struct_max_body_size": 8,
}.items():
    mod.param(_name, int, _default, meaning=Meaning.IGNORED, doc="of Kamailio's buffers")


class Peers:
    """Who is connected, kept by whoever listens: (how, from where, to what)."""

    def __init__(self) -> None:
        self.listening: list[tuple[str, str]] = []
        self.connected: list[tuple[str, str, str]] = []


def peers(program: Program) -> Peers:
    """Those of the worker."""
    return program.shared.of_module(mod.name, Peers)


@mod.rpc("ctl.listen", lists=True)
def listen(program: Program) -> list[str]:
    """Lists where this module listens: protocol, transport, address."""
    return [word for how, where in peers(program).listening for word in ("binrpc", how, where)]


@mod.rpc("ctl.connections")
def connections(program: Program) -> int:
    """Says how many connections there are."""
    return len(peers(program).connected)


@mod.rpc("ctl.who", lists=True)
def who(program: Program) -> list[Any]:
    """Lists the connections: protocol, transport, peer, its port, address here."""
    found = peers(program).connected
    if not found:
        raise CommandError(606, "rpc available only over binrpc (ctl)")
    return [word for how, source, where in found for word in ("binrpc", how, source, "", where)]
