"""Commands for the running server: what kamcmd, JSON-RPC and scripts can ask of it."""

from __future__ import annotations

from sipway.core.commands.command import Command, CommandError, Named, Scalar, Value
from sipway.core.commands.registry import GIVEN_BY, Commands, carry_out

__all__ = [
    "GIVEN_BY",
    "Command",
    "CommandError",
    "Commands",
    "Named",
    "Scalar",
    "Value",
    "carry_out",
]
