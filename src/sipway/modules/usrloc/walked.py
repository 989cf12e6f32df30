"""The tables that a walk over all contacts goes through, wherever they are kept.

With `db_mode` 3 they are in a database, and each round walks over what that said when it began;
what is changed in these tables is not written.
"""

from __future__ import annotations

from collections.abc import Iterable

from sipway.core.program import Program
from sipway.modules.usrloc._module import locations
from sipway.modules.usrloc.locations import Location
from sipway.modules.usrloc.records import records


class Walked:
    """For one walk; `tables` are those of the round."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._records = records(program)
        self._read: list[Location] = []

    def tables(self) -> Iterable[Location]:
        return locations(self._program) if self._records is None else self._read

    async def prepare(self) -> None:
        """Read what the round that begins walks over. Raises DatabaseError."""
        known = self._records
        if known is None:
            return
        self._read = [await known.all(name) for name in known.names]
