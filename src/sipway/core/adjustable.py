"""Parameters of modules that operators change while the server runs (`cfg.set_now_int`).

A module declares when it starts which of its parameters are such, under the names of Kamailio's
config framework; `cfg_rpc` reads and sets them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from sipway.core.program import Program

Value: TypeAlias = int | str

_KEY: Final = ("core", "adjustable")


class Adjustable:
    """One of them: its value, and what it began with.

    `take` gives the module a new value; it raises ValueError with a sentence for the user.
    """

    __slots__ = ("_take", "first", "value")

    def __init__(self, value: Value, take: Callable[[Value], None]) -> None:
        self.value = self.first = value
        self._take = take

    def set(self, value: Value) -> None:
        """Raises ValueError."""
        self._take(value)
        self.value = value


def declare(
    program: Program, group: str, name: str, value: Value, take: Callable[[Value], None]
) -> None:
    """Let operators change `group.name`."""
    program.parameters.setdefault(_KEY, {})[group, name] = Adjustable(value, take)


def adjustables(program: Program) -> Mapping[tuple[str, str], Adjustable]:
    """By (group, name)."""
    found: Mapping[tuple[str, str], Adjustable] = program.parameters.get(_KEY, {})
    return found
