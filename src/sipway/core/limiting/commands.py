"""Commands for the controller of FEEDBACK, under the names of the module that has it."""

from __future__ import annotations

from collections.abc import Callable

from sipway.core.commands import CommandError
from sipway.core.limiting.pipes import Load
from sipway.core.module import Module
from sipway.core.program import Program


def add_commands(mod: Module, prefix: str, load_of: Callable[[Program], Load]) -> None:
    """Add `get_pid`, `set_pid` and `push_load` with a prefix (`rl`)."""

    @mod.rpc(f"{prefix}.get_pid")
    def get_pid(program: Program) -> str:
        """Says what the controller of FEEDBACK is set to."""
        integral, proportional, derivative = load_of(program).gains
        return f"ki[{integral:.6f}] kp[{proportional:.6f}] kd[{derivative:.6f}] "

    @mod.rpc(f"{prefix}.set_pid")
    def set_pid(program: Program, ki: float, kp: float, kd: float) -> None:
        """Sets the controller of FEEDBACK: integral, proportional, derivative."""
        load_of(program).gains = (ki, kp, kd)

    @mod.rpc(f"{prefix}.push_load")
    def push_load(program: Program, load: float) -> None:
        """Has FEEDBACK take a load into account, from 0.0 to 1.0."""
        if not 0 <= load <= 1:
            raise CommandError(400, "Value out of range")
        load_of(program).take(load)
