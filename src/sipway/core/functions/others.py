"""What has to do with neither the request nor where it goes."""

from __future__ import annotations

from typing import Annotated, Final

from sipway.core import log as levels
from sipway.core.arguments import ConstantText
from sipway.core.builtin import core
from sipway.core.context import Context
from sipway.language.signatures import ArgumentKind, Routes

_CONSTANT = ArgumentKind("a level or a text", base=None, dynamic=False)

MAX_COMMANDS: Final = 64
"""How many commands of exec() run at a time."""

_running = 0


@core.function("log", arities=(1, 2))
def log(
    ctx: Context,
    level_or_text: Annotated[int | str, _CONSTANT],
    text: ConstantText | None = None,
) -> int:
    """Log a text without variables: `log(1, "text")` with a level, else for debugging."""
    level = levels.DBG if text is None else int(level_or_text)
    line = str(level_or_text) if text is None else text
    ctx.program.log.write(level, f"<script>: {line}")
    return 1


@core.function("error")
def error(ctx: Context, what: ConstantText, more: ConstantText) -> int:
    """Log two texts; nothing else happens, as in Kamailio. Returns 1."""
    ctx.program.log.line(levels.NOTICE, f"error({what}, {more})")
    return 1


@core.function("exec", may_wait=True, routes=Routes.REQUEST | Routes.REPLY | Routes.FAILURE)
async def execute(ctx: Context, command: ConstantText) -> int:
    """Run a command by the shell and wait for its end; the server goes on with other messages.

    The command is the script's own text, without variables. Its standard input is empty, what
    it writes goes where the server's own output goes. Returns 1 whatever its exit status, which
    is logged if it is not 0; -1 if it cannot be started or too many run already.
    """
    import asyncio.subprocess  # slow to import, and `check` runs nothing

    global _running
    if _running >= MAX_COMMANDS:
        ctx.program.log.line(levels.ERR, f"exec(): {MAX_COMMANDS} commands are running already")
        return -1
    _running += 1
    try:
        process = await asyncio.create_subprocess_shell(command, stdin=asyncio.subprocess.DEVNULL)
        status = await process.wait()
    except OSError as reason:
        ctx.program.log.line(levels.ERR, f"exec(): {reason}")
        return -1
    finally:
        _running -= 1
    if status:
        ctx.program.log.line(levels.NOTICE, f"exec() of {command} ended with {status}")
    return 1
