"""The Module object of auth_db and its parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, NamedTuple, TypeAlias

from sipway.core.avps import avp_parameter
from sipway.core.databases import database
from sipway.core.module import Module
from sipway.core.program import Program
from sipway.errors import ModuleError
from sipway.language.signatures import ArgumentKind

mod: Final = Module("auth_db", after=("auth",))

_COLUMN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*", re.ASCII)


_TABLE: Final = re.compile(rf"({_COLUMN.pattern}\.)?{_COLUMN.pattern}", re.ASCII)


class Loaded(NamedTuple):
    """A column that goes into an AVP, named as the AVPs are kept."""

    avp: str
    column: str


def _to_column(text: str) -> str:
    if not _COLUMN.fullmatch(text):
        raise ValueError(f'no column is called "{text}"')
    return text


def _to_loaded(text: str) -> tuple[Loaded, ...]:
    """`$avp(name)=column;column`: a column alone goes into the AVP of its name."""
    found = []
    for part in text.strip().removesuffix(";").split(";") if text.strip() else ():
        left, equals, right = part.partition("=")
        column = _to_column((right if equals else left).strip())
        found.append(Loaded(avp_parameter(left if equals else f"$avp({column})"), column))
    return tuple(found)


db_url = mod.param(
    "db_url",
    str,
    "mysql://kamailioro:kamailioro@localhost/kamailio",
    doc="the database with the users",
)
user_column = mod.param(
    "user_column", str, "username", convert=_to_column, doc="column with the names of users"
)
domain_column = mod.param(
    "domain_column", str, "domain", convert=_to_column, doc="column with their domains"
)
password_column = mod.param(
    "password_column", str, "ha1", convert=_to_column, doc="column with passwords, or HA1"
)
password_column_2 = mod.param(
    "password_column_2",
    str,
    "ha1b",
    convert=_to_column,
    doc="column with HA1 for user names that have a domain",
)
calculate_ha1 = mod.param("calculate_ha1", int, 0, doc="the column has passwords, not HA1")
use_domain = mod.param("use_domain", int, 0, doc="users are told apart by their domains")
_NOTHING: Final[tuple[Loaded, ...]] = ()
load_credentials = mod.param(
    "load_credentials",
    str,
    _NOTHING,
    convert=_to_loaded,
    doc="columns that go into AVPs, such as $avp(x)=rpid;email_address",
)
version_table = mod.param(
    "version_table", int, 1, doc="the version of the table of users has to be right"
)
force_generate_avps = mod.param(
    "force_generate_avps", int, 0, doc="AVPs are set though the password was wrong"
)


def _is_table(text: str, parameters: Mapping[tuple[str, str], Any]) -> None:
    del parameters
    if not _TABLE.fullmatch(text):
        raise ValueError(f'no table is called "{text}"')


TableName: TypeAlias = Annotated[
    str, ArgumentKind("the name of a table", base=str, check=_is_table)
]
ConstantTable: TypeAlias = Annotated[
    str, ArgumentKind("the name of a table", base=str, dynamic=False, check=_is_table)
]


@mod.on_start
def _start(program: Program) -> None:
    """Raises ModuleError if there can be no such database."""
    if "auth" not in program.modules:
        raise ModuleError("auth_db needs the module auth", hint='loadmodule "auth.so"')
    database(program, db_url(program), mod.name)
