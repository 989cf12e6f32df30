"""A script with pipelimit, and what pl_check() returns in it."""

from __future__ import annotations

from typing import Any

from sipway.core.program import Program
from tests.fakes import LogInMemory, request
from tests.modules.running import NOW, context, load

LOAD = 'loadmodule "pipelimit.so"\nmodparam("pipelimit", "timer_interval", 5)\n'
START = NOW - NOW % 5
CHECK = """
$var(a) = $(hdr(Limit){s.int});
if ($hdr(A) != $null) { pl_check("$hdr(X)", "$hdr(A)", "$var(a)"); }
else { pl_check("$hdr(X)"); }
xlog("$rc");
"""


def program_of(code: str = CHECK, parameters: str = "") -> Program:
    program = load(f"{LOAD}{parameters}\nrequest_route {{ {code} }}")[0]
    program.clock = lambda: START + 1
    return program


def written(program: Program) -> list[str]:
    assert isinstance(program.log, LogInMemory)
    return [text.removeprefix("<script>: ") for _, text in program.log.written]


def codes(program: Program, count: int, name: str, *given: Any, now: float = START) -> list[int]:
    """What pl_check() returns: with a name, or name, algorithm and limit."""
    assert isinstance(program.log, LogInMemory)
    program.log.written.clear()
    extra = f"X: {name}\r\n"
    if given:
        extra += f"A: {given[0]}\r\nLimit: {given[1]}\r\n"
    for _ in range(count):
        ctx = context(program, request(extra=extra))
        ctx.now = now
        assert program.request_route is not None
        program.request_route(ctx)
    return [int(text) for text in written(program) if len(text) < 3]
