"""pv: what asks after variables; the variables themselves need no module here.

Source: README of Kamailio's module pv. Left out until there are $xavp, $shv and branches:
pv_xavp_print(), pv_var_to_xavp(), pv_xavp_to_var(), xavp_*(), xavu_*(), sbranch_*(),
pv_evalx() and the parameters shvset and avp_aliases.
"""

from __future__ import annotations

from sipway.core.arguments import ConstantText, VariableName
from sipway.core.context import Context
from sipway.core.module import Module
from sipway.language.signatures import Meaning

mod = Module("pv")

mod.param("varset", str, "", meaning=Meaning.IGNORED, repeatable=True, doc="$var starts at 0 here")


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
