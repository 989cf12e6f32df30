"""group: who is in a group, by a table that is asked each time, or by expressions.

Source: README of Kamailio's module group; what it leaves open was tried on Kamailio 5.6.3. The
table of expressions is read before the first message comes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Final, NamedTuple

from sipway.core.authorized import right_user
from sipway.core.context import Context
from sipway.core.databases import USUAL_URL, Table, at_first, number_of, text_of
from sipway.core.module import Module, Param
from sipway.core.program import Program
from sipway.errors import DatabaseError
from sipway.language.record import Record
from sipway.language.regex import Search, compile_posix
from sipway.language.signatures import ArgumentKind, Form, Reader, Routes, VariableReference
from sipway.sip.uri import routable_uri
from sipway.stores.databases import Condition, Row

mod = Module("group")

_ROUTES: Final = Routes.REQUEST | Routes.FAILURE | Routes.EVENT
_VERSION: Final = 2
_RE_VERSION: Final = 1
_NOT_ASKED: Final = -5
_NOT_IN: Final = -6
_AVP: Final = "avp"

_db_url = mod.param(
    "db_url",
    str,
    USUAL_URL,
    doc="database of the groups",
)
_table_name = mod.param("table", str, "grp", doc="table of users and their groups")
_user_column = mod.param("user_column", str, "username", doc="column with a user")
_domain_column = mod.param("domain_column", str, "domain", doc="column with the user's domain")
_group_column = mod.param("group_column", str, "grp", doc="column with a group of the user's")
_use_domain = mod.param("use_domain", int, 0, doc="1: the domain of a user counts too")
_re_table = mod.param("re_table", str, "", doc="table of expressions; none are read without it")
_re_exp_column = mod.param("re_exp_column", str, "reg_exp", doc="column with an expression")
_re_gid_column = mod.param("re_gid_column", str, "group_id", doc="column with a group's number")
_multiple_gid = mod.param(
    "multiple_gid", int, 1, doc="1: get_user_group() finds all groups, else the last"
)


class _Group(NamedTuple):
    search: Search
    number: int


class _State:
    """The groups by expression, the last row first."""

    def __init__(self) -> None:
        self.groups: list[_Group] = []


_NO_TABLE: Final[Table | None] = None
_table: Final[Param[Table | None]] = Param(mod.name, "", _NO_TABLE)


def _state(program: Program) -> _State:
    return program.shared.of_module(mod.name, _State)


@mod.on_start
def _start(program: Program) -> None:
    """Raises ModuleError where there is no such kind of database."""
    url = _db_url(program)
    program.parameters[_table.key] = Table(
        program, url, _table_name(program), _VERSION, module=mod.name
    )
    name = _re_table(program)
    if not name:
        _state(program).groups = []
        return
    table = Table(program, url, name, _RE_VERSION, module=mod.name)

    async def load() -> None:
        rows = await table.select([_re_exp_column(program), _re_gid_column(program)])
        try:
            _state(program).groups = await asyncio.to_thread(_made, rows)
        except ValueError as error:
            raise DatabaseError(f"the table {name}: {error}") from None

    at_first(program, load, f"group: the table {name}")


def _made(rows: list[Row]) -> list[_Group]:
    """Raises ValueError for a row that cannot be."""
    found = []
    for expression, number in reversed(rows):
        pattern = text_of(expression)
        if pattern is None:
            raise ValueError("an expression is missing")
        found.append(_Group(compile_posix(pattern), number_of(number)))
    return found


# --- who is meant ------------------------------------------------------------------------------


class User(NamedTuple):
    name: str
    domain: str


class Who(Record):
    """Where a user is named: one of `_WORDS`, or an AVP with a URI."""

    word: str
    avp: VariableReference | None = None

    def user(self, ctx: Context) -> User | None:
        """None where none is named."""
        if self.word == "credentials":
            right = right_user(ctx)
            return User(*right) if right is not None and right[0] else None
        value = self.avp.get(ctx) if self.avp is not None else _WORDS[self.word](ctx)
        uri = routable_uri(str(value or ""))
        return User(uri.user, uri.host) if uri is not None and uri.user else None


_WORDS: Final[dict[str, Callable[[Context], str | None]]] = {
    "request-uri": lambda ctx: ctx.uri,
    "to": lambda ctx: ctx.message.to_uri,
    "from": lambda ctx: ctx.message.from_uri,
    "credentials": lambda _: None,
}


def _read_who(text: str, read: Reader) -> Who:
    if text.lower() in _WORDS:
        return Who(text.lower())
    if not text.startswith("$"):
        raise ValueError(f'Request-URI, To, From, Credentials or an AVP is wanted, not "{text}"')
    return Who("", _read_avp(text, read))


def _read_avp(text: str, read: Reader) -> VariableReference:
    reference, rest = read(text)
    if reference.variable != _AVP or rest:
        raise ValueError(f'"{text}" is no AVP, such as $avp(name)')
    return reference


_WHO: Final = ArgumentKind("a user", base=str, form=Form.READ, convert=_read_who)
_RESULT: Final = ArgumentKind("an AVP", base=str, form=Form.READ, convert=_read_avp)


# --- functions ---------------------------------------------------------------------------------


@mod.function("is_user_in", routes=_ROUTES, may_wait=True)
async def is_user_in(ctx: Context, who: Annotated[Who, _WHO], group: str) -> int:
    """1 if a user is in a group, says the table.

    The user is that of Request-URI, To, From, Credentials (those found to be right) or of a URI in
    an AVP. -1: there is none; -6: not in the group; -5: the database cannot be asked.
    """
    program = ctx.program
    user = who.user(ctx)
    table = _table(program)
    if user is None or table is None:
        return -1
    where = [Condition(_user_column(program), user.name), Condition(_group_column(program), group)]
    if _use_domain(program):
        where.append(Condition(_domain_column(program), user.domain))
    rows = await table.find("is_user_in", [_group_column(program)], where, limit=1)
    if rows is None:
        return _NOT_ASKED
    return 1 if rows else _NOT_IN


@mod.function("get_user_group", routes=_ROUTES | Routes.BRANCH)
def get_user_group(
    ctx: Context,
    who: Annotated[Who, _WHO],
    result: Annotated[VariableReference, _RESULT],
) -> int:
    """How many groups have an expression that is found in `sip:user@domain`; -1 if none has.

    Their numbers are added to the AVP, the first row's on top. The user is named as above.
    """
    user = who.user(ctx)
    if user is None or result.set is None:
        return -1
    uri = f"sip:{user.name}@{user.domain}"
    found = 0
    for group in _state(ctx.program).groups:
        if group.search(uri):
            result.set(ctx, group.number)
            found += 1
            if not _multiple_gid(ctx.program):
                break
    return found or -1
