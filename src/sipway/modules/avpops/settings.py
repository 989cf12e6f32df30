"""The database of the module, its columns, and schemes for tables of another form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sipway.core.databases import database
from sipway.core.program import Program
from sipway.errors import ModuleError
from sipway.language.record import Record
from sipway.modules.avpops._module import mod

_TYPES: Final = {"integer": True, "string": False}


class Scheme(Record):
    """Where `avp_db_load()` finds values; what is empty is as the parameters say.

    `is_number`: the values are to be numbers, not texts.
    """

    name: str
    table: str = ""
    uuid_column: str = ""
    username_column: str = ""
    domain_column: str = ""
    value_column: str = ""
    is_number: bool = False


_FIELDS: Final = {
    "table": "table",
    "uuid_col": "uuid_column",
    "username_col": "username_column",
    "domain_col": "domain_column",
    "value_col": "value_column",
}


def _read_scheme(text: str) -> Scheme:
    """`name:table=t;value_col=v;value_type=integer`."""
    name, colon, rest = (each.strip() for each in text.partition(":"))
    if not name or not colon or not rest:
        raise ValueError(f'"{text}" is not name:element;element, such as s:table=t;value_col=v')
    found: dict[str, Any] = {}
    elements = rest.split(";")
    for element in elements[:-1] if not elements[-1].strip() else elements:
        key, equals, value = (each.strip() for each in element.partition("="))
        key = key.lower()
        if not equals or not value:
            raise ValueError(f'"{element.strip()}" is not name=value')
        if key == "value_type":
            if value.lower() not in _TYPES:
                raise ValueError(f'value_type is integer or string, not "{value}"')
            found["is_number"] = _TYPES[value.lower()]
        elif key in _FIELDS:
            found[_FIELDS[key]] = value
        else:
            known = ", ".join((*_FIELDS, "value_type"))
            raise ValueError(f'"{key}" is none of {known}')
    return Scheme(name, **found)


_NO_SCHEMES: Final[list[Scheme]] = []

db_url = mod.param("db_url", str, "", doc="database of AVPs; none by default")
avp_table = mod.param("avp_table", str, "", doc="table of AVPs, wanted with a db_url")
use_domain = mod.param("use_domain", int, 0, doc="1: the domain of a URI counts too")
uuid_column = mod.param("uuid_column", str, "uuid", doc="column with who it is")
username_column = mod.param("username_column", str, "username", doc="column with the user")
domain_column = mod.param("domain_column", str, "domain", doc="column with the domain")
attribute_column = mod.param("attribute_column", str, "attribute", doc="column with the name")
value_column = mod.param("value_column", str, "value", doc="column with the value")
type_column = mod.param(
    "type_column", str, "type", doc="column with the type: 1 the value is a number, 2 the name is"
)
db_scheme = mod.param(
    "db_scheme", str, _NO_SCHEMES, convert=_read_scheme, repeatable=True,
    doc="name:table=...;value_col=... of another table to load from",
)  # fmt: skip


def wants_database(parameters: Mapping[tuple[str, str], Any]) -> None:
    """Raises ValueError where the script says of no database."""
    if not parameters.get((mod.name, "db_url")):
        raise ValueError('there is no database, modparam("avpops", "db_url", ...) says which one')


@mod.on_start
def _start(program: Program) -> None:
    """Raises ModuleError where there is no such kind of database, or something is missing."""
    names = [each.name for each in db_scheme(program)]
    for name in names:
        if names.count(name) > 1:
            raise ModuleError(f"avpops: the db_scheme {name} is there twice")
    if not db_url(program):
        return
    if not avp_table(program):
        raise ModuleError("avpops: with a db_url an avp_table is wanted")
    database(program, db_url(program), mod.name)
