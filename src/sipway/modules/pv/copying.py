"""Between `$var` and `$xavp`, and texts in which variables are replaced twice."""

from __future__ import annotations

from sipway.core import xavps
from sipway.core.arguments import Format, WritableName
from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.core.xavps import ALL, Xavp
from sipway.modules.pv._module import failed, mod
from sipway.modules.pv.evaluation import evaluator


@mod.function("pv_var_to_xavp")
def pv_var_to_xavp(ctx: Context, variable: str, root: str) -> int:
    """Make `$xavp(root)` with a child for a `$var`, or with `*` for each of them. Returns 1.

    What `$xavp(root)` was before is gone. A $var that the script does not name is 0.
    """
    names = ctx.program.variable_names
    if variable == ALL:
        children = [Xavp(name, value) for name, value in zip(names, ctx.vars, strict=True)]
    else:
        value = ctx.vars[names.index(variable)] if variable in names else 0
        children = [Xavp(variable, value)]
    values = extras(ctx).xavps
    xavps.remove(values, root, ALL)
    values.insert(0, Xavp(root, children))
    return 1


@mod.function("pv_xavp_to_var")
def pv_xavp_to_var(ctx: Context, root: str) -> int:
    """Set the `$var` of each name in the newest `$xavp(root)`; the script has to use it.

    Returns 1; -1 if there is no such `$xavp`, or it holds a value of its own.
    """
    children = xavps.table(extras(ctx).xavps, root)
    if children is None:
        return failed(ctx, "pv_xavp_to_var", f"$xavp({root}) has no fields")
    names = ctx.program.variable_names
    for each in reversed(children):
        if each.name in names and not isinstance(each.value, list):
            ctx.vars[names.index(each.name)] = each.value
    return 1


@mod.function("pv_evalx")
def pv_evalx(ctx: Context, result: WritableName, text: Format) -> int:
    """Replace the variables in a text, then those in what comes out, and assign that.

    Returns 1; -1 if a variable in it is not known or cannot be read, then nothing is assigned.
    """
    assert result.set is not None
    try:
        made = evaluator(ctx.program.modules, ctx.program.variable_names, text(ctx))
        result.set(ctx, made(ctx))
    except ValueError as error:
        return failed(ctx, "pv_evalx", error)
    return 1
