"""Scripts that load secfilter, and what they find."""

from __future__ import annotations

from typing import Any

from sipway.core.program import Program
from tests.fakes import LogInMemory, request
from tests.modules.commanding import give
from tests.modules.running import NOW, context, load

LOAD = 'loadmodule "secfilter.so"\n'
KINDS = ("ua", "country", "domain", "ip", "user")


def program_of(code: str = "exit;", parameters: str = "") -> Program:
    program = load(f"{LOAD}{parameters}\nrequest_route {{ {code} }}")[0]
    program.clock = lambda: NOW
    return program


def code_of(program: Program, **of_request: Any) -> int:
    assert program.request_route is not None
    code = program.request_route(context(program, request(**of_request)))
    assert isinstance(program.log, LogInMemory)
    said = [text.removeprefix("<script>: ") for _, text in program.log.written]
    program.log.written.clear()
    return int(said[-1]) if said else code


def shown(program: Program, name: str, which: str = "Blacklisted") -> list[str]:
    (found,) = give(program, "secfilter.print", name).values()
    return [value for _, value in found[which]]


def checks(call: str, *lists: tuple[str, str, str], parameters: str = "") -> Program:
    """A program that calls it; `lists` are (bl or wl, type, value)."""
    program = program_of(f'{call}; xlog("$rc");', parameters)
    for which, kind, value in lists:
        give(program, f"secfilter.add_{which}", kind, value)
    return program
