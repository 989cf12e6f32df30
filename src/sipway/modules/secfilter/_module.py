"""The module secfilter: its parameters, its lists, and how they are read from a database."""

from __future__ import annotations

from typing import Final

from sipway.core import log as levels
from sipway.core.databases import Table, at_first
from sipway.core.module import Module
from sipway.core.parameters.conversions import natural
from sipway.core.program import Program
from sipway.language.signatures import Meaning
from sipway.modules.secfilter.lists import Lists, lists_of

mod: Final = Module("secfilter")

_VERSION: Final = 1
_MOST_TOLD: Final = 20

PLACES: Final = ("From", "To", "Contact")
COUNTED: Final = (
    "User-Agent",
    "Country",
    *(f"{place}-Domain" for place in PLACES),
    "IP-Address",
    *(f"{place}-Name" for place in PLACES),
    *(f"{place}-User" for place in PLACES),
)
"""What is counted of both lists."""

_db_url = mod.param("db_url", str, "", doc="the database that has the lists")
_table = mod.param("table_name", str, "secfilter", doc="its table")
_action_column = mod.param(
    "action_col", str, "action", doc="the column with 0 for blocked, 1 for let in, 2 for numbers"
)
_type_column = mod.param(
    "type_col",
    str,
    "type",
    doc="the column with 0 for user agents, 1 countries, 2 domains, 3 addresses, 4 users",
)
_data_column = mod.param("data_col", str, "data", doc="the column with the values")
dst_exact_match = mod.param(
    "dst_exact_match", int, 1, doc="whether a number blocks itself alone, or all that begin with it"
)
reload_delta = mod.param(
    "reload_delta", int, 5, convert=natural, doc="seconds between two secfilter.reload"
)
mod.param(
    "cleanup_interval",
    int,
    60,
    convert=natural,
    meaning=Meaning.IGNORED,
    doc="of the memory of lists that were read before",
)


class Counts:
    """How often something was in a list; `other` for numbers and texts made for databases."""

    def __init__(self) -> None:
        self.black = dict.fromkeys(COUNTED, 0)
        self.white = dict.fromkeys(COUNTED, 0)
        self.other = {"Destination": 0, "SQL-Injection": 0}


class Kept:
    """What the module keeps; `reloaded` is when the lists were last read on command."""

    def __init__(self) -> None:
        self.lists = Lists()
        self.counts = Counts()
        self.reloaded: float | None = None


def kept(program: Program) -> Kept:
    return program.shared.of_module(mod.name, Kept)


def table(program: Program) -> Table | None:
    """The table of the lists, None without a database. Raises ModuleError."""
    url = _db_url(program)
    if not url:
        return None
    return Table(program, url, _table(program), _VERSION, module=mod.name)


async def read(program: Program, of: Table) -> None:
    """Take what the table has in place of what there is. Raises DatabaseError."""
    columns = (_action_column(program), _type_column(program), _data_column(program))
    found, wrong = lists_of(await of.select(columns))
    for line in wrong[:_MOST_TOLD]:
        program.log.line(levels.ERR, f"secfilter: a row of {of.name} is left out: {line}")
    if len(wrong) > _MOST_TOLD:
        program.log.line(levels.ERR, f"secfilter: {len(wrong)} rows of {of.name} are left out")
    kept(program).lists = found


@mod.on_start
def _start(program: Program) -> None:
    of = table(program)
    if of is not None:
        at_first(program, lambda: read(program, of), f"the table {of.name}")
