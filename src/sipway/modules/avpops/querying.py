"""A query of the script's own, whose rows become AVPs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.core.databases import database
from sipway.core.queries import Query, read_query
from sipway.errors import DatabaseError
from sipway.language.signatures import ArgumentKind, Form, Reader
from sipway.modules.avpops._module import Avp, Value, mod, put, read_avp
from sipway.modules.avpops.settings import db_url, wants_database
from sipway.stores.databases import Value as Stored
from sipway.stores.databases import seconds_of
from sipway.stores.databases.times import Moment

_ROWS: Final = 1
_FAILED: Final = -1
_NO_ROWS: Final = -2
_SHOWN: Final = 128


def _read_places(text: str, read: Reader) -> tuple[Avp, ...]:
    """`$avp(a);$avp(b)`, with commas or semicolons between."""
    found: list[Avp] = []
    rest = text.strip(" ;,")
    while rest:
        avp, rest = read_avp(rest, read)
        found.append(avp)
        rest = rest.lstrip()
        if rest and rest[0] not in ";,":
            raise ValueError(f'";" is wanted behind {avp.reference.text}, not "{rest[0]}"')
        rest = rest.lstrip(" ;,")
    if not found:
        raise ValueError("there is none")
    return tuple(found)


def _check(_: Query, parameters: Mapping[tuple[str, str], Any]) -> None:
    wants_database(parameters)


_QUERY: Final = ArgumentKind("a query", base=str, form=Form.READ, convert=read_query, check=_check)
_PLACES: Final = ArgumentKind(
    "AVPs such as $avp(a);$avp(b)", base=str, form=Form.READ, convert=_read_places
)


@mod.function("avp_db_query", may_wait=True)
async def avp_db_query(
    ctx: Context,
    query: Annotated[Query, _QUERY],
    places: Annotated[tuple[Avp, ...], _PLACES] | None = None,
) -> int:
    """Ask the database; columns go to AVPs in turn, `$avp(i:1)` and so on unless others are named.

    Each row goes on top, from the last one to the first. Null, empty texts and fractions make no
    AVP, and columns without one are left aside. What a variable gives between quotes cannot end
    them. Returns 1 with rows, -2 without, -1 if it cannot be asked.
    """
    program = ctx.program
    url = db_url(program)
    try:
        sql = query.make(ctx, url.partition(":")[0].lower())
    except ValueError as error:
        return _failed(ctx, str(error))
    if not sql.strip():
        return _failed(ctx, "the query is empty")
    try:
        answer = await database(program, url, mod.name).run(sql)
    except DatabaseError as error:
        return _failed(ctx, f"{error.message}: {sql[:_SHOWN]!r}")
    names = (
        [f"i:{number}" for number, _ in enumerate(answer.columns, 1)]
        if places is None
        else [each.name(ctx) for each in places]
    )
    for row in reversed(answer.rows):
        for name, value in zip(names, map(_value, row), strict=False):
            if name is not None and value is not None:
                put(ctx, name, value)
    return _ROWS if answer.rows else _NO_ROWS


def _value(value: Stored) -> Value | None:
    """What a script has of a column; None for what makes no AVP."""
    if isinstance(value, Moment):
        return seconds_of(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape") or None
    if value is None or isinstance(value, float) or value == "":
        return None
    return value


def _failed(ctx: Context, reason: str) -> int:
    ctx.program.log.line(levels.ERR, f"avp_db_query(): {reason}")
    return _FAILED
