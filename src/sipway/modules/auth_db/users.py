"""What the database says of a user."""

from __future__ import annotations

from typing import Final

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.core.databases import Table
from sipway.core.program import Program
from sipway.errors import DatabaseError
from sipway.modules.auth_db._module import (
    db_url,
    domain_column,
    load_credentials,
    mod,
    user_column,
    version_table,
)
from sipway.stores.databases import Row, Value

_VERSION: Final = 7
# Names of tables may be made of what comes in.
_MOST_TABLES: Final = 64

_Tables = dict[tuple[str, str, bool], Table]


def _table(program: Program, name: str) -> Table:
    tables = program.shared.of_module(mod.name, _Tables)
    checked = bool(version_table(program))
    key = (db_url(program), name, checked)
    found = tables.get(key)
    if found is None:
        if len(tables) >= _MOST_TABLES:
            tables.clear()
        version = _VERSION if checked else None
        found = tables[key] = Table(program, key[0], name, version, module=mod.name)
    return found


async def row_of(
    ctx: Context, function: str, table: str, user: str, domain: str | None, columns: tuple[str, ...]
) -> Row | None:
    """The columns of a user, of one domain unless that is None; None if there is no such user.

    Raises DatabaseError, which has been said.
    """
    program = ctx.program
    if not _can_be_stored(user) or not _can_be_stored(domain or ""):
        return None
    keys: tuple[str, ...] = (user_column(program),)
    values: tuple[str, ...] = (user,)
    if domain is not None:
        keys, values = (*keys, domain_column(program)), (user, domain)
    try:
        # Something has to be asked for.
        return await _table(program, table).first(columns or keys[:1], keys, values)
    except DatabaseError as error:
        program.log.once(levels.ERR, f"{function}(): {error}")
        raise


def _can_be_stored(text: str) -> bool:
    """No text in a database holds bytes that are no characters, or ends before its end."""
    return "\0" not in text and not any("\ud800" <= each <= "\udfff" for each in text)


def text_of(value: Value) -> str:
    """A password as text; empty if there is none."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return "" if value is None else str(value)


def loaded_columns(program: Program) -> tuple[str, ...]:
    return tuple([each.column for each in load_credentials(program)])


def load(ctx: Context, values: Row) -> None:
    """Put what was asked for by `loaded_columns` into AVPs; nulls are left out."""
    for each, value in zip(load_credentials(ctx.program), values, strict=True):
        if value is None:
            continue
        if ctx.avps is None:
            ctx.avps = {}
        kept = value if isinstance(value, int) else text_of(value)
        ctx.avps.setdefault(each.avp, []).insert(0, kept)
