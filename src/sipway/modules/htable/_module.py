"""The module htable: its parameters, and the tables of the worker."""

from __future__ import annotations

from typing import Annotated, Final

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.core.module import Module
from sipway.core.parameters.conversions import positive
from sipway.core.program import Program
from sipway.errors import ModuleError
from sipway.language.signatures import ArgumentKind, Meaning
from sipway.modules.htable.definition import Definition, definition
from sipway.modules.htable.table import Table, Tables

NAME: Final = "htable"

mod: Final = Module(NAME)


_NO_TABLES: Final[list[Definition]] = []
_NO_URL: Final[str | None] = None

NO_MEMORY: Final = "the tables of htable have half of the memory of the machine, and get no more"

DECLARED: Final = (NAME, "htable")

TableName = Annotated[str, ArgumentKind("the name of a table", base=str, declared=DECLARED)]

definitions = mod.param(
    "htable",
    str,
    _NO_TABLES,
    convert=definition,
    repeatable=True,
    doc="a table: name=>size=8;autoexpire=0;initval=0;dbtable=...",
)
timer_interval = mod.param(
    "timer_interval", int, 20, doc="seconds between two looks for what has expired"
)
db_url = mod.param("db_url", str, _NO_URL, doc="the database that tables are read from")
key_name_column = mod.param("key_name_column", str, "key_name", doc="its column with the key")
key_type_column = mod.param(
    "key_type_column", str, "key_type", doc="its column that says whether keys make an array"
)
value_type_column = mod.param(
    "value_type_column", str, "value_type", doc="its column that says whether values are numbers"
)
key_value_column = mod.param("key_value_column", str, "key_value", doc="its column with the value")
expires_column = mod.param(
    "expires_column", str, "expires", doc="its column with the time at which an item is gone"
)
array_size_suffix = mod.param(
    "array_size_suffix", str, "::size", doc="behind the key: how many values an array has"
)
fetch_rows = mod.param(
    "fetch_rows", int, 100, convert=positive, doc="rows taken over before others get their turn"
)
db_expires = mod.param("db_expires", int, 0, doc="1: times are read and written too")
event_callback_mode = mod.param(
    "event_callback_mode", int, 0, meaning=Meaning.IGNORED, doc="of Kamailio's processes"
)
mod.param("timer_procs", int, 0, meaning=Meaning.IGNORED, doc="of Kamailio's processes")
mod.param("event_callback", str, "", meaning=Meaning.LATER, doc="of scripts in other languages")
for _name in ("enable_dmq", "dmq_init_sync"):
    mod.param(_name, int, 0, meaning=Meaning.LATER, doc="of the replication between servers")
mod.param("dmq_peer_id", str, NAME, meaning=Meaning.LATER, doc="of the replication between servers")


def tables(program: Program) -> Tables:
    """The tables of the worker."""
    return program.shared.of_module(NAME, Tables)


def declare(program: Program) -> list[Table]:
    """Have the tables that the script declares; the new ones. Raises ModuleError."""
    found = definitions(program)
    names = [each.name for each in found]
    for each in found:
        if names.count(each.name) > 1:
            raise ModuleError(f"htable: the table {each.name} is there twice")
    return tables(program).declare(found)


def failed(ctx: Context, function: str, reason: object) -> int:
    """Log what went wrong; the code of the call."""
    what = function if function.startswith("$") else f"{function}()"
    ctx.program.log.line(levels.ERR, f"{what}: {reason}")
    return -1
