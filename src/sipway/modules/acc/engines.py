"""Where records go: the log, and a database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipway.errors import ModuleError
from sipway.modules.acc import _module as parameters
from sipway.modules.acc.logs import Lines

if TYPE_CHECKING:
    from sipway.core.program import Program
    from sipway.modules.acc.record import Accounted


class Engines:
    """The engines of a Program.

    mask, missed_mask  the flags of which one has to be set for any of them
    """

    def __init__(self, program: Program) -> None:
        self.lines = Lines(program)
        self._log_mask = parameters.log_mask(program)
        self._log_missed_mask = parameters.log_missed_mask(program)
        self.mask = self._log_mask
        self.missed_mask = self._log_missed_mask

    def account(self, what: str, record: Accounted, flags: int) -> None:
        """Hand a record to those whose flag is set."""
        if flags & self._log_mask:
            self.lines.write(what, record)

    def account_missed(self, what: str, record: Accounted, flags: int) -> None:
        """The same for missed calls."""
        if flags & self._log_missed_mask:
            self.lines.write(what, record)


def engines_of(program: Program) -> Engines:
    """The engines of a Program; it keeps them."""
    found: Engines | None = program.parameters.get(("acc", "engines"))
    if found is None:
        most = parameters.most_attributes(program)
        if len(parameters.log_extra(program)) > most:
            raise ModuleError(f"acc: log_extra has more entries than acc_extra_size, {most}")
        found = Engines(program)
        program.parameters["acc", "engines"] = found
    return found
