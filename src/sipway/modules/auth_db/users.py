"""What the database says of a user.

Compiled (see `users.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from typing import Any, Final

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.core.databases import Table, can_be_stored
from sipway.core.params import Param
from sipway.core.program import Program
from sipway.errors import DatabaseError
from sipway.modules.auth_db._module import (
    calculate_ha1,
    db_url,
    domain_column,
    load_credentials,
    mod,
    password_column,
    password_column_2,
    use_domain,
    user_column,
    version_table,
)
from sipway.stores.databases import ASK_LATER, AskLater, AtOnce, Row, Value

_VERSION: Final = 7
# Names of tables may be made of what comes in.
_MOST_TABLES: Final = 64

# Among the parameters of the Program: what they come to is read as one of them.
_users: Final[Any] = Param("auth_db", "", None)


class Users:
    """How users are looked for, as the parameters say.

    password, password_2
               what is wanted of a user, of one whose name has a domain
    loaded     the columns that go into AVPs
    """

    def __init__(self, program: Program) -> None:
        self.loaded = tuple([each.column for each in load_credentials(program)])
        self.password = (password_column(program), *self.loaded)
        self.password_2 = (password_column_2(program), *self.loaded)
        self.plain = bool(calculate_ha1(program))
        self.use_domain = bool(use_domain(program))
        self._by_name = (user_column(program),)
        self._by_both = (user_column(program), domain_column(program))
        self._url = db_url(program)
        self._version = _VERSION if version_table(program) else None
        self._tables: dict[str, Table] = {}
        self._at_once: dict[tuple[str, tuple[str, ...], bool], AtOnce] = {}

    async def first(
        self,
        ctx: Context,
        function: str,
        table: str,
        user: str,
        domain: str | None,
        columns: tuple[str, ...],
    ) -> Row | None:
        """The columns of a user, of one domain unless that is None; None where there is none.

        Raises DatabaseError, which has been said.
        """
        asked = self._question(user, domain, columns)
        if asked is None:
            return None
        try:
            return await self._table(ctx.program, table).first(*asked)
        except DatabaseError as error:
            ctx.program.log.once(levels.ERR, f"{function}(): {error}")
            raise

    def first_at_once(
        self,
        program: Program,
        table: str,
        user: str,
        domain: str | None,
        columns: tuple[str, ...],
    ) -> Row | AskLater | None:
        """As `first`, where that needs no waiting; else `ASK_LATER`."""
        asked = self._question(user, domain, columns)
        if asked is None:
            return None
        key = (table, columns, domain is None)
        at_once: AtOnce | None = self._at_once.get(key)
        if at_once is None:
            at_once = self._table(program, table).first_at_once(asked[0], asked[1])
            if at_once is None:
                return ASK_LATER
            if len(self._at_once) >= _MOST_TABLES:
                self._at_once.clear()
            self._at_once[key] = at_once
        return at_once(asked[2])

    def _question(
        self, user: str, domain: str | None, columns: tuple[str, ...]
    ) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]] | None:
        """Columns, keys and values; None where no database has such values."""
        if not can_be_stored(user):
            return None
        # Something has to be asked for.
        columns = columns or self._by_name
        if domain is None:
            return columns, self._by_name, (user,)
        return (columns, self._by_both, (user, domain)) if can_be_stored(domain) else None

    def _table(self, program: Program, name: str) -> Table:
        found = self._tables.get(name)
        if found is None:
            if len(self._tables) >= _MOST_TABLES:
                self._tables.clear()
            found = self._tables[name] = Table(
                program, self._url, name, self._version, module=mod.name
            )
        return found


def users(program: Program) -> Users:
    """Of a Program that has started."""
    found: Users = _users(program)
    return found


@mod.on_start
def _start(program: Program) -> None:
    program.parameters[_users.key] = Users(program)


def text_of(value: Value) -> str:
    """A password as text; empty if there is none."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return "" if value is None else str(value)


def load(ctx: Context, values: Row) -> None:
    """Put what was asked for as `Users.loaded` into AVPs; nulls are left out."""
    for each, value in zip(load_credentials(ctx.program), values, strict=True):
        if value is None:
            continue
        if ctx.avps is None:
            ctx.avps = {}
        kept = value if isinstance(value, int) else text_of(value)
        ctx.avps.setdefault(each.avp, []).insert(0, kept)
