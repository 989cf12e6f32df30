"""What the module has in hand: the sets of a Program, and what is shared by all Programs."""

from __future__ import annotations

from typing import Final

from sipway.core import log as levels
from sipway.core.module import Param
from sipway.core.program import Program
from sipway.modules.dispatcher._module import Settings, mod
from sipway.modules.dispatcher.calls import Calls
from sipway.modules.dispatcher.sets import Sets


class Kept:
    """What outlives a changed script: calls, whether probes are sent, and the sets as they were."""

    def __init__(self) -> None:
        self.calls = Calls()
        self.pings = 1
        self.sets = Sets()


class Board:
    """Of one Program; a reload puts other `sets` in the place of these.

    reloaded   when that was last
    """

    def __init__(self, program: Program, settings: Settings, sets: Sets) -> None:
        self.program = program
        self.settings = settings
        self.kept = kept(program)
        self.sets = sets
        self.kept.sets = sets
        self.reloaded: float | None = None
        self.is_reloading = False

    @property
    def calls(self) -> Calls:
        return self.kept.calls

    def swap(self, sets: Sets) -> None:
        """From now on these are the sets."""
        self.sets = self.kept.sets = sets

    def tell(self, level: int, text: str) -> None:
        self.program.log.line(level, f"dispatcher: {text}")

    def error(self, text: str) -> None:
        self.tell(levels.ERR, text)


_board: Final[Param[Board | None]] = Param(mod.name, "board", None)


def kept(program: Program) -> Kept:
    return program.shared.of_module(mod.name, Kept)


def board(program: Program) -> Board:
    """That of a Program that has started."""
    found = _board(program)
    assert found is not None
    return found


def set_board(program: Program, made: Board) -> None:
    program.parameters[_board.key] = made
