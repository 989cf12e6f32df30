"""Which values of the script's own parameters a message reads (see `core.groups`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from sipway.core import log as levels
from sipway.core.builtin import core
from sipway.core.context import Context
from sipway.core.groups import choose, values_of
from sipway.language.signatures import CUSTOM_GROUPS, ArgumentKind

_MASK = 0xFFFFFFFF


def _check_group(name: Any, parameters: Mapping[tuple[str, str], Any]) -> None:
    if name not in parameters.get(CUSTOM_GROUPS, ()):
        raise ValueError(f'there is no parameter "{name}.NAME" in this script')


Group: TypeAlias = Annotated[
    str, ArgumentKind("a group of parameters", base=str, dynamic=False, check=_check_group)
]


@core.function("cfg_select")
def cfg_select(ctx: Context, group: Group, number: int) -> int:
    """Read `group[number].name` as `group.name` from now on, for this message.

    What `group[number]` does not set has its usual value. Where there is nothing with this number
    the choice stays as it was, which is logged. 1; -1 if there is no such number.
    """
    number &= _MASK
    if values_of(ctx, group, number) is None:
        ctx.program.log.line(levels.ERR, f"cfg_select(): there is no {group}[{number}]")
        return -1
    choose(ctx, group, number)
    return 1


@core.function("cfg_reset")
def cfg_reset(ctx: Context, group: Group) -> int:
    """Read the usual values of a group again. Returns 1."""
    choose(ctx, group, None)
    return 1
