"""Records that a script asks for: acc_log_request() and its like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, TypeAlias

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.language.signatures import ArgumentKind, Form
from sipway.modules.acc._module import mod
from sipway.modules.acc.engines import engines_of
from sipway.modules.acc.record import of_comment

_WHAT: Final = "request accounted"


def _not_empty(value: Any, _: Mapping[tuple[str, str], Any]) -> None:
    if not value:
        raise ValueError("it is empty")


_COMMENT: Final = ArgumentKind(
    "a comment such as 404 Not Found", base=str, form=Form.LAZY, check=_not_empty
)
_Comment: TypeAlias = Annotated[Callable[[Any], str], _COMMENT]
_TABLE: Final = ArgumentKind("the name of a table", base=str, form=Form.LAZY, check=_not_empty)
_Table: TypeAlias = Annotated[Callable[[Any], str], _TABLE]


@mod.function("acc_log_request")
def acc_log_request(ctx: Context, comment: _Comment) -> int:
    """Write a record of the message into the log. Returns 1.

    Three digits at the beginning of the comment are the code of the record, the rest its reason.
    """
    engines_of(ctx.program).lines.write(_WHAT, of_comment(ctx, comment(ctx)))
    return 1


@mod.function("acc_db_request")
def acc_db_request(ctx: Context, comment: _Comment, table: _Table) -> int:
    """Have a record of the message written into a table. Returns 1; -1 if that cannot be done.

    It is written when the script has gone on; -1 means that there is no database, or that too
    many records wait for it.
    """
    rows = engines_of(ctx.program).rows
    if rows is None:
        ctx.program.log.line(levels.ERR, "acc_db_request(): db_url is not set")
        return -1
    return 1 if rows.write(of_comment(ctx, comment(ctx)), table(ctx)) else -1


@mod.function("acc_request")
def acc_request(ctx: Context, comment: _Comment, table: _Table) -> int:
    """As acc_log_request(), and as acc_db_request() where there is a database."""
    engines = engines_of(ctx.program)
    record = of_comment(ctx, comment(ctx))
    engines.lines.write(_WHAT, record)
    if engines.rows is None:
        return 1
    return 1 if engines.rows.write(record, table(ctx)) else -1
