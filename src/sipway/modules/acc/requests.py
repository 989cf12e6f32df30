"""Records that a script asks for: acc_log_request() and its like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, TypeAlias

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


@mod.function("acc_log_request")
def acc_log_request(ctx: Context, comment: _Comment) -> int:
    """Write a record of the message into the log. Returns 1.

    Three digits at the beginning of the comment are the code of the record, the rest its reason.
    """
    engines_of(ctx.program).lines.write(_WHAT, of_comment(ctx, comment(ctx)))
    return 1
