"""The script that simulated servers run, in the variants that seeds ask for."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import lru_cache

from sipway.core.context import Context
from sipway.core.loader import ModuleCatalog, load_program
from sipway.core.log import CRIT, Log
from sipway.core.module import Module
from sipway.core.program import Program
from sipway.core.settings import Settings
from sipway.core.sockets import ListenSocket
from sipway.language import compile_script
from sipway.language.compiled import CompiledScript
from sipway.language.diagnostics import Diagnostics
from sipway.language.parser import parse
from sipway.language.signatures import Routes
from sipway.language.source import SourceFile
from sipway.tx.layer import Layer

_MODULES = ("tm", "sl", "rr", "maxfwd", "pv", "xlog", "textops", "siputils", "corex", "kex")


@dataclass(frozen=True, slots=True)
class Variant:
    """What differs between scripts.

    following   host of the next server, "" at the last
    forks       it adds the branches that a request asks for, and goes on after failures
    waits       blocks that wait: any of "request", "onreply", "failure"
    fr_timer, fr_inv_timer, max_inv_lifetime   in milliseconds
    """

    following: str = ""
    forks: bool = True
    waits: frozenset[str] = frozenset()
    fr_timer: int = 30_000
    fr_inv_timer: int = 120_000
    max_inv_lifetime: int = 180_000

    def wait(self, block: str) -> str:
        return "sim_wait();" if block in self.waits else ""


def script(variant: Variant) -> str:
    """The text of the script."""
    head = "".join(f'loadmodule "{name}.so"\n' for name in _MODULES)
    if variant.waits:
        head += 'loadmodule "simwait.so"\n'
    for name in ("fr_timer", "fr_inv_timer", "max_inv_lifetime"):
        head += f'modparam("tm", "{name}", {getattr(variant, name)})\n'
    hop = f'$du = "sip:{variant.following}:5060";' if variant.following else ""
    fork = (
        """
        if ($hdr(X-Fork1) != $null) append_branch("$hdr(X-Fork1)");
        if ($hdr(X-Fork2) != $null) append_branch("$hdr(X-Fork2)");
        """
        if variant.forks
        else ""
    )
    again = (
        """
        if ($hdr(X-Next) != $null && $avp(tried) == $null) {
            $avp(tried) = 1;
            $ru = $hdr(X-Next);
            t_on_failure("AGAIN");
            t_on_branch("LEG");
            t_relay();
        }
        """
        if variant.forks
        else ""
    )
    return f"""{head}
request_route {{
    if (!mf_process_maxfwd_header("16")) {{
        sl_send_reply("483", "Too Many Hops");
        exit;
    }}
    if (is_method("CANCEL")) {{
        if (t_check_trans()) t_relay();
        exit;
    }}
    if (has_totag()) {{
        if (loose_route()) {{
            {variant.wait("request")}
            t_relay();
            exit;
        }}
        if (is_method("ACK")) {{
            if (t_check_trans()) t_relay();
            exit;
        }}
        sl_send_reply("404", "Not Here");
        exit;
    }}
    t_check_trans();
    {variant.wait("request")}
    if (is_method("INVITE")) record_route();
    t_on_failure("AGAIN");
    t_on_reply("ANSWER");
    t_on_branch("LEG");
    {fork}
    if (!t_relay()) sl_reply_error();
    exit;
}}
branch_route[LEG] {{
    {hop or "setbflag(1);"}
}}
onreply_route[ANSWER] {{
    $avp(last) = $rs;
    {variant.wait("onreply")}
}}
failure_route[AGAIN] {{
    {variant.wait("failure")}
    $var(x) = 1;
    {again}
}}
"""


class Wait:
    """What a coroutine in a simulation waits for: that time passes."""

    def __await__(self):  # type: ignore[no-untyped-def]
        yield self


_simwait = Module("simwait")


@_simwait.function("sim_wait", routes=Routes.REQUEST | Routes.FAILURE | Routes.REPLY, may_wait=True)
async def sim_wait(ctx: Context) -> int:
    """Wait as long as the simulation likes. Returns 1."""
    await Wait()
    return 1


@_simwait.function("sim_pass", may_wait=True)
async def sim_pass(ctx: Context) -> int:
    """Let others go on, once. Returns 1."""
    await asyncio.sleep(0)
    return 1


@_simwait.function("sim_fault")
def sim_fault(ctx: Context) -> int:
    """Stop at a fault of our own."""
    raise ZeroDivisionError


class _Catalog(ModuleCatalog):
    def load(self, name: str) -> Module | None:
        return _simwait if name == "simwait" else super().load(name)


catalog = _Catalog()


class QuietLog(Log):
    """Keeps what is as bad as critical, and counts errors."""

    def __init__(self) -> None:
        super().__init__(CRIT)
        self.lines: list[str] = []

    def write(self, level: int, text: str, facility: str | None = None) -> None:
        del facility
        if level <= self.level:
            self.lines.append(text)


@lru_cache(maxsize=512)
def compiled(text: str) -> CompiledScript:
    """A script, compiled once however many servers run it."""
    diagnostics = Diagnostics()
    parsed = parse(SourceFile("simulation.cfg", text))
    diagnostics.extend(parsed.diagnostics)
    made = compile_script(parsed, catalog, diagnostics)
    assert made is not None, [each.message for each in diagnostics.sorted()]
    return made


def program_of(text: str, socket: ListenSocket, layer: Layer, log: Log) -> Program:
    """A Program of a script; the transactions of `layer` go on."""
    made = compiled(text)
    settings = Settings.from_items(made.parameters)
    return load_program(made, catalog, settings, log, (socket,), layer)
