"""Texts such as `a=1;b=2` cut into `$xavp` and `$xavu`, and made of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Final

from sipway.core import xavps
from sipway.core.arguments import CHARACTER, WritableName
from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.core.xavps import Xavp
from sipway.language.signatures import VariableReference
from sipway.modules.pv._module import failed, mod

Separator = Annotated[str, CHARACTER]

# --- cut -----------------------------------------------------------------------------------------

_VALUE: Final = r'\s*([^\s=;,"]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"%s]*))\s*)?'


def _cut(text: str, separator: str) -> list[tuple[str, str]]:
    """Names and values of `a=1;b="2"`. Raises ValueError for what is none."""
    pattern = re.compile(_VALUE.replace("%s", re.escape(separator)))
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        match = pattern.match(text, at)
        if match is None or (match.end() < len(text) and text[match.end()] != separator):
            raise ValueError("the text is not name=value, with a separator between them")
        name, quoted, plain = match.groups()
        found.append((name, plain or "" if quoted is None else quoted))
        at = match.end() + 1
        if not text[at:].strip():
            break
    if not found:
        raise ValueError("the text is empty")
    return found


def _explode(ctx: Context, function: str, text: str, separator: str, root: str) -> int:
    try:
        pairs = _cut(text.strip(), separator)
    except ValueError as error:
        return failed(ctx, function, error)
    children = [Xavp(name, value) for name, value in pairs]
    extras(ctx).xavps.insert(0, Xavp(root, children))
    return 1


@mod.function("xavp_params_explode")
def xavp_params_explode(ctx: Context, text: str, root: str) -> int:
    """Make a new `$xavp(root)` with a child for each name in `a=1;b=2`.

    Values are texts, without their quotes. Returns 1; -1 for a text that is no such list.
    """
    return _explode(ctx, "xavp_params_explode", text, ";", root)


@mod.function("xavp_xparams_explode")
def xavp_xparams_explode(ctx: Context, text: str, separator: Separator, root: str) -> int:
    """As xavp_params_explode(), with another character than `;` between them."""
    return _explode(ctx, "xavp_xparams_explode", text, separator, root)


@mod.function("xavu_params_explode")
def xavu_params_explode(ctx: Context, text: str, root: str) -> int:
    """Set a `$xavu(root=>name)` for each name in `a=1;b=2`; others stay as they are.

    Returns 1; -1 for a text that is no such list.
    """
    try:
        pairs = _cut(text.strip(), ";")
    except ValueError as error:
        return failed(ctx, "xavu_params_explode", error)
    for name, value in pairs:
        xavps.write_xavu(extras(ctx).xavus, (root, name), value)
    return 1


@mod.function("xavp_slist_explode")
def xavp_slist_explode(ctx: Context, text: str, separators: str, mode: str, root: str) -> int:
    """Make a new `$xavp(root)` with `v[0]`, `v[1]` ... for what stands between separators.

    Each character of `separators` is one. Empty pieces are left out; mode `t` takes blanks off
    the ends of each, other letters mean nothing. Returns 1; -1 without a text or a separator.
    """
    if not text or not separators:
        return failed(ctx, "xavp_slist_explode", "a text and a separator are needed")
    pieces = re.split(f"[{re.escape(separators)}]", text)
    if "t" in mode:
        pieces = [piece.strip() for piece in pieces]
    children = [Xavp("v", piece) for piece in pieces if piece]
    if children:
        extras(ctx).xavps.insert(0, Xavp(root, children))
    return 1


# --- made ----------------------------------------------------------------------------------------


def _imploded(pairs: Iterable[tuple[str, object]], quotes: bool) -> str:
    """`a=1;b=2;`; a number is shown without a sign, an empty text as its name alone."""
    parts = []
    for name, value in pairs:
        if isinstance(value, int):
            parts.append(f"{name}={value & 0xFFFFFFFF};")
        elif isinstance(value, str):
            shown = f'"{value}"' if quotes else value
            parts.append(f"{name}={shown};" if value else f"{name};")
    return "".join(parts)


def _assign(ctx: Context, function: str, result: VariableReference, value: str) -> int:
    assert result.set is not None
    try:
        result.set(ctx, value)
    except ValueError as error:
        return failed(ctx, function, error)
    return 1


def _implode(
    ctx: Context, function: str, root: str, result: VariableReference, quotes: bool = False
) -> int:
    children = xavps.table(extras(ctx).xavps, root)
    if not children:
        return -1
    pairs = [(each.name, each.value) for each in children]
    return _assign(ctx, function, result, _imploded(pairs, quotes))


@mod.function("xavp_params_implode")
def xavp_params_implode(ctx: Context, root: str, result: WritableName) -> int:
    """Put the children of `$xavp(root)` into a variable as `a=1;b=2;`, the newest first.

    Returns 1; -1 if it has none, then the variable stays as it was.
    """
    return _implode(ctx, "xavp_params_implode", root, result)


@mod.function("xavp_params_implode_qval")
def xavp_params_implode_qval(ctx: Context, root: str, result: WritableName) -> int:
    """As xavp_params_implode(), with texts in double quotes."""
    return _implode(ctx, "xavp_params_implode_qval", root, result, quotes=True)


@mod.function("xavu_params_implode")
def xavu_params_implode(ctx: Context, root: str, result: WritableName) -> int:
    """Put what is in `$xavu(root)` into a variable as `a=1;b=2;`, the newest first.

    Returns 1; -1 if there is nothing, then the variable stays as it was.
    """
    table = extras(ctx).xavus.get(root)
    if not isinstance(table, dict) or not table:
        return -1
    pairs = reversed(list(table.items()))
    return _assign(ctx, "xavu_params_implode", result, _imploded(pairs, quotes=False))
