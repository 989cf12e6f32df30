"""Where records go: the log, and a database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipway.errors import ModuleError
from sipway.modules.acc import _module as parameters
from sipway.modules.acc.logs import Lines

if TYPE_CHECKING:
    from sipway.core.program import Program
    from sipway.modules.acc.record import Accounted
    from sipway.modules.acc.tables import Rows


class Engines:
    """The engines of a Program.

    mask, missed_mask  the flags of which one has to be set for any of them
    """

    def __init__(self, program: Program) -> None:
        self.lines = Lines(program)
        self._log_mask = parameters.log_mask(program)
        self._log_missed_mask = parameters.log_missed_mask(program)
        url = parameters.db_url(program)
        self.rows = _rows(program, url) if url else None
        self._db_mask = parameters.db_mask(program) if url else 0
        self._db_missed_mask = parameters.db_missed_mask(program) if url else 0
        self.mask = self._log_mask | self._db_mask
        self.missed_mask = self._log_missed_mask | self._db_missed_mask

    def account(self, what: str, record: Accounted, flags: int) -> None:
        """Hand a record to those whose flag is set."""
        if flags & self._log_mask:
            self.lines.write(what, record)
        if flags & self._db_mask and self.rows is not None:
            self.rows.account(record)

    def account_missed(self, what: str, record: Accounted, flags: int) -> None:
        """The same for missed calls."""
        if flags & self._log_missed_mask:
            self.lines.write(what, record)
        if flags & self._db_missed_mask and self.rows is not None:
            self.rows.account_missed(record)


def _rows(program: Program, url: str) -> Rows:
    from sipway.modules.acc.tables import Rows  # noqa: PLC0415 - a check needs no databases

    return Rows(program, url)


def engines_of(program: Program) -> Engines:
    """The engines of a Program; it keeps them."""
    found: Engines | None = program.parameters.get(("acc", "engines"))
    if found is None:
        most = parameters.most_attributes(program)
        for name, entries in (
            ("log_extra", parameters.log_extra(program)),
            ("db_extra", parameters.db_extra(program)),
        ):
            if len(entries) > most:
                raise ModuleError(f"acc: {name} has more entries than acc_extra_size, {most}")
        found = Engines(program)
        program.parameters["acc", "engines"] = found
    return found
