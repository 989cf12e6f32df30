"""The tables that a walk over all contacts goes through, wherever they are kept.

With `db_mode` 3 they are in a database, and each round walks over what that said when it began.
"""

from __future__ import annotations

from collections.abc import Iterable

from sipway.core import log as levels
from sipway.core.program import Program
from sipway.errors import DatabaseError
from sipway.modules.usrloc._module import locations
from sipway.modules.usrloc.contact import Contact
from sipway.modules.usrloc.locations import Location, aor_of_key
from sipway.modules.usrloc.records import Records, records


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
        for each in self._read:
            each.on_change = self._note

    def _note(
        self, location: Location, key: bytes, before: list[Contact], after: list[Contact]
    ) -> None:
        aor, spawn = aor_of_key(key), self._program.spawn
        if aor is not None and self._records is not None and spawn is not None:
            spawn(self._write(self._records, location.name, aor, before, after))

    async def _write(
        self, known: Records, table: str, aor: str, before: list[Contact], after: list[Contact]
    ) -> None:
        """Have the contacts that have changed changed in the database, if they are as they were."""
        old = {each.ruid: each for each in before}
        try:
            async with known.turn(table, aor):
                now = {each.ruid: each for each in (await known.of(table, aor)).get(aor)}
                changed = [
                    each
                    for each in after
                    if each.ruid in now and now[each.ruid].modified == old[each.ruid].modified
                ]
                await known.write(table, aor, [old[each.ruid] for each in changed], changed)
        except DatabaseError as error:
            self._program.log.once(levels.ERR, f"usrloc: contacts cannot be written: {error}")
