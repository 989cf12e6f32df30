"""A script run on one message without a server: its log, what it sent, what it changed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sipway.core.context import Context
from sipway.core.loader import ModuleCatalog, load_program
from sipway.core.program import Program
from sipway.core.resolving import Names
from sipway.core.settings import Settings
from sipway.core.sockets import ListenSocket
from sipway.language import compile_script
from sipway.language.compiled import CompiledScript
from sipway.language.diagnostics import Diagnostics
from sipway.language.parser import parse
from sipway.language.signatures import Routes
from sipway.language.source import SourceFile
from sipway.sip.addresses import sockaddr
from sipway.sip.edits import edited
from sipway.sip.message import parse as parse_message
from sipway.stores.interface import Store
from tests.fakes import LogInMemory, request
from tests.storage import stored

NOW = 1_795_483_209.104714
_MODULES = (
    "sl",
    "xlog",
    "pv",
    "kex",
    "textops",
    "siputils",
    "maxfwd",
    "corex",
    "rr",
    "path",
    "uac",
    "sanity",
    "textopsx",
    "cfgutils",
    "ipops",
    "avpops",
    "sdpops",
    "statistics",
    "counters",
    "rtimer",
)
_catalog = ModuleCatalog()


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a script: `log` is (level, text), `sent` the bytes that left."""

    ctx: Context
    log: list[tuple[int, str]]
    sent: list[bytes]

    @property
    def lines(self) -> list[str]:
        """What the script wrote, without its prefix and line ends."""
        return [text.removeprefix("<script>: ").rstrip("\n") for _, text in self.log]

    @property
    def edited(self) -> str:
        """The message as it would go on."""
        data = edited(self.ctx.message, self.ctx.edits or ())
        return data.decode("utf-8", "surrogateescape")


def mistakes(
    code: str, parameters: str = "", *, hints: bool = False, modules: tuple[str, ...] = ()
) -> list[str]:
    """What the check of a script says, with its hints if they are wanted.

    `modules` are loaded besides the usual ones.
    """
    found = _compiled(code, parameters, modules)[1].sorted()
    return [f"{each.message}: {each.hint}" if hints else each.message for each in found]


def _compiled(
    code: str, parameters: str, modules: tuple[str, ...] = (), path: str = "test.cfg"
) -> tuple[CompiledScript | None, Diagnostics]:
    diagnostics = Diagnostics()
    text = " ".join(f'loadmodule "{name}.so"' for name in (*_MODULES, *modules))
    text += "\n"
    parsed = parse(SourceFile(path, f"{text}{parameters}\n{code}\n"))
    diagnostics.extend(parsed.diagnostics)
    compiled = compile_script(parsed, _catalog, diagnostics)
    return stored(compiled, _catalog) if compiled is not None else None, diagnostics


def load(
    code: str,
    *,
    parameters: str = "",
    level: int = 3,
    names: Names | None = None,
    modules: tuple[str, ...] = (),
    path: str = "test.cfg",
    store: Store | None = None,
) -> tuple[Program, LogInMemory, ListenSocket]:
    """A Program of whole blocks, its log, and the socket that it speaks through.

    `path` is where the script is said to be, `store` what outlives it.
    """
    compiled, diagnostics = _compiled(code, parameters, modules, path)
    assert compiled is not None, [each.message for each in diagnostics.sorted()]
    assert not diagnostics.errors, [each.message for each in diagnostics.sorted()]
    socket = ListenSocket("udp", "192.0.2.9", 5060)
    log = LogInMemory()
    log.level = level
    settings = Settings.from_items(compiled.parameters)
    open_store = None if store is None else lambda: store
    program = load_program(
        compiled, _catalog, settings, log, (socket,), names=names, open_store=open_store
    )
    return program, log, socket


def context(program: Program, data: bytes | None = None) -> Context:
    """The Context of a message that has just come in for a Program."""
    message = parse_message(request() if data is None else data)
    kind = Routes.REQUEST if message.is_request else Routes.REPLY
    source = sockaddr("192.0.2.1", 5070)
    return Context(message, program, program.sockets[0], source, NOW, kind.value)


def run(
    code: str,
    data: bytes | None = None,
    *,
    parameters: str = "",
    level: int = 3,
    more: str = "",
    names: Names | None = None,
) -> Ran:
    """Run statements on a request, or on a reply in `reply_route`; `more` is blocks besides."""
    is_request = data is None or not data.startswith(b"SIP/")
    block = "request_route" if is_request else "reply_route"
    program, log, socket = load(
        f"{block} {{ {code} }} {more}", parameters=parameters, level=level, names=names
    )
    ctx = context(program, data)
    route = program.request_route if is_request else program.reply_route
    assert route is not None
    waiting = route(ctx)
    if waiting is not None and not isinstance(waiting, int):
        asyncio.run(waiting)
    return Ran(ctx, log.written, [data for data, _ in socket.outgoing])


def code_of(call: str, data: bytes | None = None, *, before: str = "", parameters: str = "") -> int:
    """What a call returns, after other statements."""
    ran = run(f'{before} $var(r) = {call}; xlog("$var(r)\\n");', data, parameters=parameters)
    return int(ran.lines[-1])
