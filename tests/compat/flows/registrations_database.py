"""REGISTERs and lookups with `db_mode` 3 of usrloc, and what is in the table in the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.compat.flow import Flow
from tests.compat.flows import registrations
from tests.compat.locations import COLUMNS, by_flow, make_sqlite, rows_of
from tests.compat.registering import RegisteringNetwork, script

# Flows in which sipway differs, with a database or without.
_OTHERWISE = ("atomic", "reorder", "old", "scheme")

NETWORK = RegisteringNetwork
FILES = {"location.sqlite": make_sqlite}


def AFTER(folder: Path) -> Mapping[str, Sequence[str]]:  # noqa: N802 - as flows call it
    rows = rows_of(folder / "location.sqlite")
    return by_flow(rows, 1 + COLUMNS.index("callid"))


_PARAMETERS = """
loadmodule "db_sqlite.so"
modparam("usrloc", "db_mode", 3)
modparam("usrloc", "db_url", "sqlite:///{folder}/location.sqlite")
"""
# What waits goes on behind what comes later, so nobody is answered before the script is through.
SCRIPT = script(
    registrations.BLOCKS,
    parameters=_PARAMETERS,
    save='save("location", "0x02")',
    last="reg_send_reply();",
)
FLOWS: list[Flow] = [each for each in registrations.FLOWS if each.name not in _OTHERWISE]
