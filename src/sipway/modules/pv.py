"""pv: what asks after variables; the variables themselves need no module here.

Source: README of Kamailio's module pv. Left out until there are $xavp, $shv and branches:
pv_xavp_print(), pv_var_to_xavp(), pv_xavp_to_var(), xavp_*(), xavu_*(), sbranch_*(),
pv_evalx() and the parameters shvset and avp_aliases.
"""

from __future__ import annotations

from typing import Final

from sipway.core.arguments import ConstantText, VariableName
from sipway.core.context import Context
from sipway.core.module import Module
from sipway.core.program import Program

mod = Module("pv")


def _initial(text: str) -> tuple[str, int | str]:
    """`name=i:5` or `name=s:text`."""
    name, equals, typed = text.partition("=")
    kind, colon, value = typed.partition(":")
    if not name or not equals or not colon or kind not in ("i", "s"):
        raise ValueError(f'name=i:NUMBER or name=s:TEXT is wanted, not "{text}"')
    if kind == "s":
        return name.strip(), value
    try:
        return name.strip(), int(value)
    except ValueError:
        raise ValueError(f'"{value}" is not a number') from None


_NOTHING: Final[list[tuple[str, int | str]]] = []
_varset = mod.param(
    "varset", str, _NOTHING, convert=_initial, repeatable=True, doc="what a $var is at first"
)


@mod.on_start
def _set_variables(program: Program) -> None:
    for name, value in _varset(program):
        if name in program.variable_names:
            program.fresh_vars[program.variable_names.index(name)] = value


@mod.function("pv_isset")
def is_set(ctx: Context, variable: VariableName) -> int:
    """1 if the variable has a value, else -1."""
    return -1 if variable.get(ctx) is None else 1


@mod.function("pv_unset")
def unset(ctx: Context, variable: VariableName) -> int:
    """Take the variable's value away; -1 if it cannot be written."""
    if variable.set is None:
        return -1
    variable.set(ctx, None)
    return 1


@mod.function("is_int")
def is_int(ctx: Context, variable: VariableName) -> int:
    """1 if the variable holds a number, else -1."""
    return 1 if isinstance(variable.get(ctx), int) else -1


@mod.function("typeof")
def type_of(ctx: Context, variable: VariableName, wanted: ConstantText) -> int:
    """1 if the variable holds what is named, else -1: int, str, null."""
    value = variable.get(ctx)
    name = "null" if value is None else "int" if isinstance(value, int) else "str"
    return 1 if name == wanted else -1


@mod.function("not_empty")
def not_empty(ctx: Context, variable: VariableName) -> int:
    """1 if the variable holds text that is not empty, else -1."""
    value = variable.get(ctx)
    return 1 if isinstance(value, str) and value else -1
