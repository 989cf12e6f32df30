"""The functions of sqlops. What is asked holds up nobody but the message that it is for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from sipway.core import log as levels
from sipway.core import xavps
from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.core.program import Program
from sipway.core.queries import Query, read_query
from sipway.core.xavps import Xavp
from sipway.errors import DatabaseError
from sipway.language.signatures import ArgumentKind, Form, Reader, VariableReference
from sipway.modules.sqlops._module import (
    connection,
    connection_names,
    keep,
    log_buf_size,
    mod,
    script_value,
)
from sipway.stores.databases import Answer

_ROWS: Final = 1
_NO_ROWS: Final = 2
_NOT_KEPT: Final = 3
_FAILED: Final = -1
_EMPTY: Final = Answer((), [], 0)


def _known(name: str, parameters: Mapping[tuple[str, str], Any]) -> None:
    names = connection_names(parameters)
    if name not in names:
        known = f"there are {', '.join(sorted(names))}" if names else "there are none"
        raise ValueError(f'no sqlcon is called "{name}": {known}')


def _read_places(text: str, read: Reader) -> tuple[VariableReference, ...]:
    """`$var(a);$avp(b)`, with commas or semicolons between."""
    found: list[VariableReference] = []
    while text:
        reference, rest = read(text)
        if reference.set is None:
            raise ValueError(f"{reference.text} cannot be assigned to")
        found.append(reference)
        text = rest.lstrip()
        if text and text[0] not in ";,":
            raise ValueError(f'";" is wanted behind {reference.text}, not "{text[0]}"')
        text = text[1:].lstrip()
    return tuple(found)


def _result_name(name: str) -> str:
    if not name:
        raise ValueError("a result has a name")
    return name


_Connection = Annotated[str, ArgumentKind("a connection", base=str, dynamic=False, check=_known)]
_Query = Annotated[Query, ArgumentKind("a query", base=str, form=Form.READ, convert=read_query)]
_Places = Annotated[
    "tuple[VariableReference, ...]",
    ArgumentKind(
        "variables such as $var(a);$avp(b)", base=str, form=Form.READ, convert=_read_places
    ),
]
_Result = Annotated[
    str, ArgumentKind("the name of a result", base=str, dynamic=False, convert=_result_name)
]


@mod.function("sql_query", may_wait=True)
async def sql_query(
    ctx: Context, connection: _Connection, query: _Query, result: _Result | None = None
) -> int:
    """Ask a database, and keep the answer as `result` for `$dbr`.

    Returns 1 with rows, 2 without, 3 with rows and no `result`; -1 if it cannot be asked.
    """
    answer = await _asked(ctx, "sql_query", connection, query)
    if answer is None:
        if result is not None:
            keep(ctx, result=(result, _EMPTY), changed=None)
        return _FAILED
    if result is not None:
        keep(ctx, result=(result, answer), changed=None)
    if not answer.rows:
        return _NO_ROWS
    return _ROWS if result is not None else _NOT_KEPT


@mod.function("sql_xquery", may_wait=True)
async def sql_xquery(ctx: Context, connection: _Connection, query: _Query, result: _Result) -> int:
    """Ask a database; each row is an `$xavp(result[n]=>column)`, the first row in front.

    Returns as sql_query().
    """
    answer = await _asked(ctx, "sql_xquery", connection, query)
    if answer is None:
        return _FAILED
    values = extras(ctx).xavps
    for row in reversed(answer.rows):
        fields: xavps.Xavps = []
        for column, value in zip(answer.columns, map(script_value, row), strict=True):
            if value is not None:
                fields.append(Xavp(column, value))
        values.insert(0, Xavp(result, fields))
    return _ROWS if answer.rows else _NO_ROWS


@mod.function("sql_pvquery", may_wait=True)
async def sql_pvquery(ctx: Context, connection: _Connection, query: _Query, places: _Places) -> int:
    """Ask a database, and assign each column to a variable, from the last row to the first.

    Returns as sql_query(); -1 too for a column without a variable, or a value that one cannot
    have.
    """
    answer = await _asked(ctx, "sql_pvquery", connection, query)
    if answer is None:
        return _FAILED
    for row in reversed(answer.rows):
        for at, value in enumerate(map(script_value, row)):
            if at >= len(places):
                return _failed(ctx.program, f"sql_pvquery(): column {at + 1} has no variable")
            if value is None and places[at].variable == "avp":
                continue
            assign = places[at].set
            assert assign is not None, "what cannot be assigned to is no place"
            try:
                assign(ctx, value)
            except ValueError as error:
                reason = f"sql_pvquery(): {places[at].text}: {error}"
                return _failed(ctx.program, reason)
    return _ROWS if answer.rows else _NO_ROWS


@mod.function("sql_query_async")
def sql_query_async(ctx: Context, connection: _Connection, query: _Query) -> int:
    """Ask a database while the script goes on; what it answers is not kept.

    Returns 1; -1 where nothing can run beside the script. That it failed is in the log.
    """
    program = ctx.program
    if program.spawn is None:
        return _failed(program, "sql_query_async(): nothing can run beside the script here")
    try:
        sql = query.make(ctx, _kind(program, connection))
    except ValueError as error:
        return _failed(program, f"sql_query_async(): {error}")

    async def run() -> None:
        await _run(program, "sql_query_async", connection, sql)

    program.spawn(run())
    return 1


@mod.function("sql_result_free")
def sql_result_free(ctx: Context, result: _Result) -> int:
    """Forget a result: it has no rows then. Returns 1."""
    keep(ctx, result=(result, _EMPTY), changed=None)
    return 1


def _kind(program: Program, name: str) -> str:
    return connection(program, name)[0].kind


async def _asked(ctx: Context, function: str, name: str, query: Query) -> Answer | None:
    """The answer, None if there is none; the log says why."""
    try:
        sql = query.make(ctx, _kind(ctx.program, name))
    except ValueError as error:
        _failed(ctx.program, f"{function}(): {error}")
        return None
    answer = await _run(ctx.program, function, name, sql)
    keep(ctx, result=None, changed=(name, _rows(answer)))
    return answer


def _rows(answer: Answer | None) -> int:
    """What `$sqlrows` is after it, as with MySQL in Kamailio."""
    if answer is None:
        return _FAILED
    return len(answer.rows) if answer.columns else answer.changed


async def _run(program: Program, function: str, name: str, sql: str) -> Answer | None:
    if not sql.strip():
        _failed(program, f"{function}(): the query is empty")
        return None
    try:
        return await connection(program, name)[1].run(sql)
    except DatabaseError as error:
        shown = sql[: log_buf_size(program)]
        _failed(program, f"{function}(): {error.message}: {shown!r}")
        return None


def _failed(program: Program, reason: str) -> int:
    program.log.line(levels.ERR, reason)
    return _FAILED
