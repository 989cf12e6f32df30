"""Commands given to a Program without a server."""

from __future__ import annotations

import asyncio
from typing import Any

from sipway.core.commands import CommandError, carry_out
from sipway.core.program import Program


def give(program: Program, name: str, *parameters: Any) -> Any:
    """What comes of a command: a value, a list, None, or (code, reason) of a failure."""
    command = program.commands.find(name)
    assert command is not None, name
    try:
        values = asyncio.run(carry_out(program, command, parameters))
    except CommandError as error:
        return error.code, error.reason
    if command.lists or len(values) > 1:
        return values
    return values[0] if values else None
