"""All commands of a program, and how one of them is carried out."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from sipway.core.commands.command import Command, CommandError, Scalar
from sipway.errors import SipwayError

if TYPE_CHECKING:
    from sipway.core.program import Program

logger = logging.getLogger("sipway.rpc")

GIVEN_BY: Final = frozenset({"ctl", "jsonrpcs"})
"""The modules through which operators give commands."""


class Commands:
    """By name: those given, and those that every server has."""

    def __init__(self, commands: Iterable[Command] = ()) -> None:
        self._given = {each.name: each for each in commands}
        self._all: dict[str, Command] | None = None

    def _by_name(self) -> dict[str, Command]:
        if self._all is None:
            # Only now: a start has no time for what most never ask.
            from sipway.core.commands import names, server  # noqa: PLC0415

            own = (*server.COMMANDS, *names.COMMANDS)
            self._all = {each.name: each for each in own} | self._given
        return self._all

    def find(self, name: str) -> Command | None:
        """The command of this name."""
        return self._by_name().get(name)

    def names(self) -> list[str]:
        """In alphabetical order."""
        return sorted(self._by_name())


async def carry_out(program: Program, command: Command, given: Sequence[Scalar]) -> list[Any]:
    """The values that a command answers with. Raises CommandError, and nothing else.

    What is sent meanwhile goes out afterwards.
    """
    arguments = command.arguments(given)
    if program.clock is not None:
        program.clock()
    try:
        found = command.run(program, *arguments)
        if hasattr(found, "__await__"):
            found = await found
            if program.clock is not None:
                program.clock()
    except CommandError:
        raise
    except SipwayError as error:  # a store or a database that fails
        raise CommandError(500, str(error)) from error
    except Exception as error:
        logger.error("%s stopped at a fault of sipway's own", command.name, exc_info=error)
        raise CommandError(500, "a fault of sipway's own; the log has it") from error
    if found is None:
        return []
    return list(found) if type(found) in (list, tuple) else [found]
