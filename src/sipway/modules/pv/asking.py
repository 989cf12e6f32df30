"""What kind of value a variable has."""

from __future__ import annotations

from sipway.core.arguments import ConstantText, VariableName
from sipway.core.context import Context
from sipway.modules.pv._module import failed, mod


@mod.function("pv_isset")
def is_set(ctx: Context, variable: VariableName) -> int:
    """1 if the variable has a value, else -1."""
    return -1 if variable.get(ctx) is None else 1


@mod.function("pv_unset")
def unset(ctx: Context, variable: VariableName) -> int:
    """Take the variable's value away.

    1, also for one that cannot be assigned to; -1 if it has to have a value, such as $ru.
    """
    if variable.set is not None:
        try:
            variable.set(ctx, None)
        except ValueError as error:
            return failed(ctx, "pv_unset", error)
    return 1


@mod.function("is_int")
def is_int(ctx: Context, variable: VariableName) -> int:
    """1 if the variable holds a number, else -1."""
    return 1 if isinstance(variable.get(ctx), int) else -1


@mod.function("typeof")
def type_of(ctx: Context, variable: VariableName, wanted: ConstantText) -> int:
    """1 if the variable holds what is named, else -1: int, str, null; no other word is true."""
    value = variable.get(ctx)
    name = "null" if value is None else "int" if isinstance(value, int) else "str"
    return 1 if name == wanted else -1


@mod.function("not_empty")
def not_empty(ctx: Context, variable: VariableName) -> int:
    """1 if the variable holds text that is not empty, else -1."""
    value = variable.get(ctx)
    return 1 if isinstance(value, str) and value else -1
