"""jsonrpcs: commands as JSON-RPC 2.0, by FIFO, datagrams, TCP, and from the script itself.

Source: README of Kamailio's module jsonrpcs. What is listened on is up to `sipway.rpc`, which reads
the parameters here. Left out: jsonrpc_dispatch(), which needs the module xhttp.
"""

from __future__ import annotations

from typing import Final

from sipway.core.arguments import Format
from sipway.core.commands import jsonrpc
from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.core.module import Module
from sipway.language.signatures import Inner, Meaning

mod = Module("jsonrpcs")

HTTP, FIFO, DATAGRAM, TCP = 1, 2, 4, 8


def _transports(value: int) -> int:
    if not 0 <= value <= HTTP | FIFO | DATAGRAM | TCP:
        raise ValueError(f"a sum of 1, 2, 4 and 8 is wanted, or 0 for all, not {value}")
    return value


PRETTY: Final = mod.param("pretty_format", int, 1, doc="answers are laid out for people")
TRANSPORT: Final = mod.param(
    "transport",
    int,
    FIFO | DATAGRAM,
    convert=_transports,
    doc="1 HTTP, 2 FIFO, 4 datagrams, 8 TCP, a sum of them, or 0 for all",
)
FIFO_NAME: Final = mod.param("fifo_name", str, "kamailio_rpc.fifo", doc="the FIFO for requests")
FIFO_MODE: Final = mod.param("fifo_mode", int, 0o660, doc="its permissions")
FIFO_USER: Final = mod.param("fifo_user", str, "", doc="its owner, a name or a number")
FIFO_GROUP: Final = mod.param("fifo_group", str, "", doc="its group, a name or a number")
REPLY_DIR: Final = mod.param("fifo_reply_dir", str, "/tmp/", doc="where FIFOs for answers are")
SOCKET: Final = mod.param(
    "dgram_socket", str, "kamailio_rpc.sock", doc="a Unix socket, or udp:ADDRESS:PORT"
)
SOCKET_MODE: Final = mod.param("dgram_mode", int, 0o660, doc="permissions of the Unix socket")
SOCKET_USER: Final = mod.param("dgram_user", str, "", doc="its owner, a name or a number")
SOCKET_GROUP: Final = mod.param("dgram_group", str, "", doc="its group, a name or a number")
TCP_SOCKET: Final = mod.param("tcp_socket", str, "", doc="where to listen: tcp:ADDRESS:PORT")
mod.param("dgram_workers", int, 1, meaning=Meaning.IGNORED, doc="processes for datagrams")
mod.param(
    "dgram_timeout",
    int,
    2000,
    meaning=Meaning.IGNORED,
    doc="milliseconds to wait (here nobody waits)",
)

mod.later("jsonrpc_dispatch", reason="it answers HTTP; there is no module xhttp yet")


@mod.function("jsonrpc_exec", may_wait=True)
async def jsonrpc_exec(ctx: Context, request: Format) -> int:
    """Carry out a JSON-RPC request; `$jsonrpl` has the answer. 1; -1 for what is no request."""
    text = request(ctx).encode("utf-8", "surrogateescape")
    answer = await jsonrpc.answer(ctx.program, text, bool(PRETTY(ctx.program)))
    extras(ctx).of_modules[mod.name] = answer
    return -1 if answer.code in (jsonrpc.PARSE_ERROR, jsonrpc.INVALID_REQUEST) else 1


_KEYS: Final = ("code", "text", "body")


def _key(name: str) -> str:
    if name not in _KEYS:
        raise ValueError(f"{', '.join(_KEYS)} are known, not {name}")
    return name


@mod.variable("jsonrpl", inner=Inner.REQUIRED, prepare=_key)
def jsonrpl(ctx: Context, key: str) -> int | str | None:
    """What jsonrpc_exec() was answered: code, text or body; null before."""
    answer = None if ctx.extras is None else ctx.extras.of_modules.get(mod.name)
    if answer is None:
        return None
    if key == "code":
        return int(answer.code)
    return str(answer.reason) if key == "text" else str(answer.body.decode("utf-8", "replace"))
