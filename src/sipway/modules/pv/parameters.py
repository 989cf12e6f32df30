"""What variables hold at first, and other names for AVPs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sipway.core.program import Program
from sipway.modules.pv._module import mod

Initial = tuple[str, int | str]


def _initial(text: str) -> Initial:
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


def _aliases(text: str) -> Mapping[str, str]:
    """`name=s:avp;other=i:5`: names and what they stand for."""
    found: dict[str, str] = {}
    for each in filter(None, (part.strip() for part in text.split(";"))):
        name, equals, meaning = (part.strip() for part in each.partition("="))
        kind, colon, inner = meaning.partition(":")
        if not name or not equals or not meaning or (colon and kind.lower() not in ("i", "s")):
            raise ValueError(f'name=s:AVP or name=i:NUMBER is wanted, not "{each}"')
        if kind.lower() == "i" and colon and not inner.isdecimal():
            raise ValueError(f'"{inner}" is not a number')
        found[name] = meaning
    return found


_NOTHING: Final[list[Initial]] = []
_NO_ALIASES: Final[list[Mapping[str, str]]] = []

_varset = mod.param(
    "varset", str, _NOTHING, convert=_initial, repeatable=True, doc="what a $var is at first"
)
_shvset = mod.param(
    "shvset", str, _NOTHING, convert=_initial, repeatable=True, doc="what a $shv is at first"
)
mod.param(
    "avp_aliases",
    str,
    _NO_ALIASES,
    convert=_aliases,
    repeatable=True,
    doc="other names for AVPs, as in email=s:email_addr;tmp=i:100",
)


@mod.on_start
def _set_variables(program: Program) -> None:
    for name, value in _varset(program):
        if name in program.variable_names:
            program.fresh_vars[program.variable_names.index(name)] = value
    for name, value in _shvset(program):
        program.shared.set_first(name, value)
