"""`$xavp`, `$xavi` and `$xavu`: values in tables, read and written by path (`core.xavps`)."""

from __future__ import annotations

from sipway.core import xavps
from sipway.core.builtin import core
from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.core.xavps import Value, XavpPath, XavuPath, xavi_path, xavp_path, xavu_path
from sipway.language.signatures import Inner


def _set_xavp(ctx: Context, value: Value, path: XavpPath) -> None:
    xavps.write(extras(ctx).xavps, path, value)


def _count_xavp(ctx: Context, path: XavpPath) -> int:
    kept = ctx.extras
    return 0 if kept is None else xavps.count(kept.xavps, path)


@core.variable(
    "xavp", set=_set_xavp, inner=Inner.REQUIRED, prepare=xavp_path, holes=True, count=_count_xavp
)
def _xavp(ctx: Context, path: XavpPath) -> Value:
    """A value, or one in a table: `$xavp(a)`, `$xavp(a=>b)`, `$xavp(a[1]=>b[0])`.

    Assigning without an index stacks, with an index replaces what is there, null takes it out.
    """
    kept = ctx.extras
    return None if kept is None else xavps.read(kept.xavps, path)


def _set_xavi(ctx: Context, value: Value, path: XavpPath) -> None:
    xavps.write(extras(ctx).xavis, path, value)


@core.variable("xavi", set=_set_xavi, inner=Inner.REQUIRED, prepare=xavi_path, holes=True)
def _xavi(ctx: Context, path: XavpPath) -> Value:
    """As $xavp, but names are the same in capital and small letters."""
    kept = ctx.extras
    return None if kept is None else xavps.read(kept.xavis, path)


def _set_xavu(ctx: Context, value: Value, path: XavuPath) -> None:
    xavps.write_xavu(extras(ctx).xavus, path.names, value)


@core.variable("xavu", set=_set_xavu, inner=Inner.REQUIRED, prepare=xavu_path, holes=True)
def _xavu(ctx: Context, path: XavuPath) -> Value:
    """A value in tables without indexes, one for each name: `$xavu(a)`, `$xavu(a=>b)`."""
    kept = ctx.extras
    return None if kept is None else xavps.read_xavu(kept.xavus, path.names)
