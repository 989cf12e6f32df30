"""The Module object of corex, its parameters, and what its files share."""

from __future__ import annotations

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.core.module import Module
from sipway.core.parameters import Alias, alias
from sipway.core.program import Program
from sipway.language.signatures import Meaning

mod = Module("corex")

_NONE: list[Alias] = []
_subdomains = mod.param(
    "alias_subdomains",
    str,
    _NONE,
    convert=alias,
    repeatable=True,
    doc="a domain that is `myself` together with all below it, with or without a port",
)


mod.param(
    "evcb_reply_out",
    str,
    None,
    meaning=Meaning.LATER,
    doc="function for corex:reply-out in other languages",
)


@mod.on_start
def _know_subdomains(program: Program) -> None:
    program.subdomains.extend(_subdomains(program))


def failed(ctx: Context, function: str, reason: object) -> int:
    """Log what went wrong; the code of the call."""
    ctx.program.log.line(levels.ERR, f"{function}(): {reason}")
    return -1
