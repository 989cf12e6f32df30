"""What a script names in its calls, and what has to be read before the first message comes.

    class Rules(Prepared):
        name: str

        def prepare(self, program: Program) -> None: ...

An argument whose `convert` returns one of these is bound to the compiled script; it is prepared
for each Program when that is made, after the modules have started.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sipway.language.record import Record

if TYPE_CHECKING:
    from sipway.core.program import Program


class Prepared(Record):
    """Nothing by itself; it belongs to the script, so what is read belongs to the Program."""

    def prepare(self, program: Program) -> None:
        """Read what is named. Raises ModuleError."""
        raise NotImplementedError


def prepare_all(program: Program, bindings: Iterable[object]) -> None:
    """Prepare all that is among what a script is bound to. Raises ModuleError."""
    for bound in bindings:
        if isinstance(bound, Prepared):
            bound.prepare(program)
