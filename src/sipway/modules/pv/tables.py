"""Values in `$xavp` and `$xavi`: set, taken out, copied, turned round, shown."""

from __future__ import annotations

from collections.abc import Iterator

from sipway.core import log as levels
from sipway.core import xavps
from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.core.ruri import set_uri
from sipway.core.send_socket import find_socket
from sipway.core.xavps import ALL, Xavp, Xavps, XavuTree
from sipway.language.signatures import Routes
from sipway.modules.pv._module import failed, mod

# --- one value --------------------------------------------------------------------------------


@mod.function("xavp_child_seti")
def xavp_child_seti(ctx: Context, root: str, child: str, value: int) -> int:
    """Set `$xavp(root[0]=>child[0])` to a number, made if it is not there. Returns 1."""
    xavps.set_child(extras(ctx).xavps, root, child, value)
    return 1


@mod.function("xavp_child_sets")
def xavp_child_sets(ctx: Context, root: str, child: str, value: str) -> int:
    """Set `$xavp(root[0]=>child[0])` to a text, made if it is not there. Returns 1."""
    xavps.set_child(extras(ctx).xavps, root, child, value)
    return 1


@mod.function("xavi_child_seti")
def xavi_child_seti(ctx: Context, root: str, child: str, value: int) -> int:
    """As xavp_child_seti(), of `$xavi`."""
    xavps.set_child(extras(ctx).xavis, root.lower(), child.lower(), value)
    return 1


@mod.function("xavi_child_sets")
def xavi_child_sets(ctx: Context, root: str, child: str, value: str) -> int:
    """As xavp_child_sets(), of `$xavi`."""
    xavps.set_child(extras(ctx).xavis, root.lower(), child.lower(), value)
    return 1


# --- taken out ----------------------------------------------------------------------------------


@mod.function("xavp_rm")
def xavp_rm(ctx: Context, root: str) -> int:
    """Take out the newest `$xavp(root)`. Returns 1, whether there was one or not."""
    xavps.remove(extras(ctx).xavps, root)
    return 1


@mod.function("xavp_rm_all")
def xavp_rm_all(ctx: Context, root: str) -> int:
    """Take out all `$xavp(root)`. Returns 1, whether there were any or not."""
    xavps.remove(extras(ctx).xavps, root, ALL)
    return 1


@mod.function("xavi_rm")
def xavi_rm(ctx: Context, root: str) -> int:
    """As xavp_rm(), of `$xavi`."""
    xavps.remove(extras(ctx).xavis, root.lower())
    return 1


@mod.function("xavi_rm_all")
def xavi_rm_all(ctx: Context, root: str) -> int:
    """As xavp_rm_all(), of `$xavi`."""
    xavps.remove(extras(ctx).xavis, root.lower(), ALL)
    return 1


def _remove_child(values: Xavps, root: str, child: str) -> int:
    children = xavps.table(values, root)
    if children is not None:
        xavps.remove(children, child)
    return 1


@mod.function("xavp_child_rm")
def xavp_child_rm(ctx: Context, root: str, child: str) -> int:
    """Take out the newest `$xavp(root=>child)`. Returns 1, whether there was one or not."""
    return _remove_child(extras(ctx).xavps, root, child)


@mod.function("xavi_child_rm")
def xavi_child_rm(ctx: Context, root: str, child: str) -> int:
    """As xavp_child_rm(), of `$xavi`."""
    return _remove_child(extras(ctx).xavis, root.lower(), child.lower())


# --- copied and turned round ----------------------------------------------------------------------


@mod.function("xavp_copy")
def xavp_copy(
    ctx: Context, source: str, index: int, destination: str, place: int | None = None
) -> int:
    """Copy `$xavp(source[index])` behind all others, or over `$xavp(destination[place])`.

    Returns 1; -1 if the one or the other is not there. 0 is the newest.
    """
    values = extras(ctx).xavps
    found = xavps.find(values, source, index) if index >= 0 else None
    if found is None:
        return failed(ctx, "xavp_copy", f"there is no $xavp({source}[{index}])")
    value = xavps.copied(found.value)
    if place is None:
        values.append(Xavp(destination, value))
        return 1
    target = xavps.find(values, destination, place) if place >= 0 else None
    if target is None:
        return failed(ctx, "xavp_copy", f"there is no $xavp({destination}[{place}])")
    target.value = value
    return 1


@mod.function("xavp_lshift")
def xavp_lshift(ctx: Context, root: str, index: int) -> int:
    """Turn the values of `$xavp(root)` round until the one at the index is the first.

    The index counts on round the end and is negative from there. Returns 1; -1 without a value.
    """
    values = extras(ctx).xavps
    places = xavps.positions(values, root)
    if not places:
        return -1
    first = index % len(places)
    turned = [values[at] for at in places[first:] + places[:first]]
    for at, each in zip(places, turned, strict=True):
        values[at] = each
    return 1


_PUSHED = Routes.REQUEST | Routes.BRANCH | Routes.FAILURE


@mod.function("xavp_push_dst", routes=_PUSHED)
def xavp_push_dst(ctx: Context, root: str) -> int:
    """Send where the newest `$xavp(root)` says: `uri` to $ru, `dsturi` to $du, `socket` to $fs.

    Returns 1. Where something is wrong nothing changes, and it returns -1.
    """
    children = xavps.table(extras(ctx).xavps, root)
    if children is None:
        return failed(ctx, "xavp_push_dst", f"$xavp({root}) has no fields")
    uri, next_hop, wanted = (
        xavps.shown(xavps.find(children, name, None)) for name in ("uri", "dsturi", "socket")
    )
    socket = None
    try:
        if wanted is not None:
            socket = find_socket(ctx.program.sockets, str(wanted))
    except ValueError as error:
        return failed(ctx, "xavp_push_dst", error)
    if wanted is not None and socket is None:
        return failed(ctx, "xavp_push_dst", f"there is no socket {wanted}")
    if not all(value is None or isinstance(value, str) for value in (uri, next_hop)):
        return failed(ctx, "xavp_push_dst", "uri and dsturi are texts")
    if uri is not None:
        set_uri(ctx, str(uri))
    if next_hop is not None:
        ctx.dst_uri = str(next_hop)
    if socket is not None:
        ctx.send_socket = socket
    return 1


# --- shown --------------------------------------------------------------------------------


def _lines(values: Xavps, before: str = "") -> Iterator[str]:
    """`root[0]=>child[1] = value` for each value, the newest first."""
    seen: dict[str, int] = {}
    for each in values:
        index = seen.get(each.name, 0)
        seen[each.name] = index + 1
        place = f"{before}{each.name}[{index}]"
        if isinstance(each.value, list):
            yield from _lines(each.value, f"{place}=>")
        else:
            yield f"{place}) = {_quoted(each.value)}"


def _xavu_lines(tree: XavuTree, before: str = "") -> Iterator[str]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _xavu_lines(value, f"{before}{name}=>")
        else:
            yield f"{before}{name}) = {_quoted(value)}"


def _quoted(value: int | str) -> str:
    return str(value) if isinstance(value, int) else f'"{value}"'


def _log(ctx: Context, kind: str, lines: Iterator[str]) -> int:
    for line in lines:
        ctx.program.log.line(levels.INFO, f"${kind}({line}")
    return 1


@mod.function("pv_xavp_print")
def pv_xavp_print(ctx: Context) -> int:
    """Log all `$xavp`, one a line, at the level INFO. Returns 1."""
    return _log(ctx, "xavp", _lines(extras(ctx).xavps))


@mod.function("pv_xavi_print")
def pv_xavi_print(ctx: Context) -> int:
    """Log all `$xavi`, one a line, at the level INFO. Returns 1."""
    return _log(ctx, "xavi", _lines(extras(ctx).xavis))


@mod.function("pv_xavu_print")
def pv_xavu_print(ctx: Context) -> int:
    """Log all `$xavu`, one a line, at the level INFO. Returns 1."""
    return _log(ctx, "xavu", _xavu_lines(extras(ctx).xavus))
