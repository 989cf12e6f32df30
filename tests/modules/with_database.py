"""A script whose modules ask a database, run without a server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from sipway.core import log as levels
from sipway.core.commands import CommandError, carry_out
from sipway.core.context import Context
from sipway.core.databases import finish, prepare
from sipway.core.program import Program
from tests.modules.running import context, load


class Asked(NamedTuple):
    """What came of it.

    lines   what the script wrote
    said    what the server had to say, without what is for information
    given   what came of the commands
    """

    lines: list[str]
    said: list[str]
    given: list[Any]
    ctx: Context


Step = Callable[[Program], None]


def ask(
    folder: Path,
    code: str,
    *steps: str | tuple[Any, ...] | Step,
    modules: tuple[str, ...],
    parameters: str = "",
    data: bytes | None = None,
    more: str = "",
) -> Asked:
    """Load a script that lies in `folder`, take the steps, and run `code` on a request.

    `{folder}` in the parameters is that folder. A step is a command, with its parameters in a
    tuple, or a function of the Program; the name "run" runs the code before the steps behind it.
    """
    program, log, _ = load(
        f"request_route {{ {code} }} {more}",
        parameters=parameters.replace("{folder}", str(folder)),
        modules=("db_sqlite", *modules),
        path=str(folder / "test.cfg"),
    )
    given: list[Any] = []

    async def run() -> Context:
        await prepare(program)
        ctx = await _run(program, data)
        for step in steps:
            if step == "run":
                ctx = await _run(program, data)
            elif callable(step):
                step(program)
            else:
                given.append(await _give(program, *(step if isinstance(step, tuple) else (step,))))
        await finish(program)
        return ctx

    ctx = asyncio.run(run())
    told = [text.rstrip("\n") for level, text in log.written if level < levels.INFO]
    mark = "<script>: "
    return Asked(
        [text.removeprefix(mark) for text in told if text.startswith(mark)],
        [text.removeprefix("<core>: ") for text in told if not text.startswith(mark)],
        given,
        ctx,
    )


async def _run(program: Program, data: bytes | None) -> Context:
    ctx = context(program, data)
    assert program.request_route is not None
    waiting = program.request_route(ctx)
    if program.request_route in program.waiting:
        await waiting
    return ctx


async def _give(program: Program, name: str, *parameters: Any) -> Any:
    command = program.commands.find(name)
    assert command is not None, name
    try:
        values = await carry_out(program, command, parameters)
    except CommandError as error:
        return error.code, error.reason
    return values if command.lists or len(values) > 1 else values[0] if values else None
