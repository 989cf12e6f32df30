"""Values of the script's own parameters for one group of them: `group[2].name = value`.

A message reads `group.name` until `cfg_select("group", 2)` says whose values it reads; what
`group[2]` does not set it takes from the group itself.

Source: Kamailio's doc/tutorials/cfg.txt; what it leaves open was tried on Kamailio 5.6.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from sipway.core.extras import extras
from sipway.language.signatures import CUSTOM_GROUPS, Routes

if TYPE_CHECKING:
    from sipway.core.context import Context

_MODULE: Final = "core:groups"
# Blocks that run for another message than the one that came in: they begin with no choice.
_LATER: Final = Routes.FAILURE.value | Routes.REPLY.value

Values: TypeAlias = Mapping[str, int | str]
Chosen: TypeAlias = tuple[bool, dict[str, int]]


def values_of(ctx: Context, group: str, number: int) -> Values | None:
    """The values of `group[number]`; None if the script has no such."""
    groups = ctx.program.parameters[CUSTOM_GROUPS]
    found: Values | None = groups[group].get(number)
    return found


def choose(ctx: Context, group: str, number: int | None) -> None:
    """Read the values of `group[number]` from now on, or, with None, those of the group itself."""
    chosen = dict(_chosen(ctx))
    if number is None:
        chosen.pop(group, None)
    else:
        chosen[group] = number
    extras(ctx).of_modules[_MODULE] = (bool(ctx.kind & _LATER), chosen)


def chosen_number(ctx: Context, group: str) -> int | None:
    return None if ctx.extras is None else _chosen(ctx).get(group)


def custom_value(ctx: Context, key: tuple[str, str]) -> int | str | None:
    """What the script reads as `group.name`; None if there is no such parameter."""
    if ctx.extras is not None:
        group, name = key
        number = _chosen(ctx).get(group)
        if number is not None:
            values = values_of(ctx, group, number)
            if values is not None and name in values:
                return values[name]
    value: int | str | None = ctx.program.custom.get(key)
    return value


def _chosen(ctx: Context) -> Mapping[str, int]:
    if ctx.extras is None:
        return {}
    later, chosen = ctx.extras.of_modules.get(_MODULE, (False, {}))
    return chosen if later == bool(ctx.kind & _LATER) else {}
