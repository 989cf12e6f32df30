"""Commands for `$shv(name)`.

Source: README of pv, RPC Commands; what it leaves open was tried on Kamailio 5.6.3.
"""

from __future__ import annotations

from typing import Any, Final

from sipway.core.commands import CommandError, Named
from sipway.core.program import Program
from sipway.modules.pv._module import mod

_USAGE: Final = "(Parameters: varname type value)"


def _shown(program: Program, name: str) -> dict[str, Any]:
    value = program.shared.get(name)
    return {
        "name": name,
        "type": "string" if isinstance(value, str) else "int",
        "value": value,
    }


def _known(program: Program, name: str) -> None:
    if name not in program.shared:
        raise CommandError(404, "Variable not found")


@mod.rpc("pv.shvGet")
def get_shared(program: Program, *names: str) -> dict[str, Any]:
    """Says what a $shv(name) is, or all of them when none is named."""
    if names:
        _known(program, names[0])
        return _shown(program, names[0])
    return {"items": Named(("shv", _shown(program, each)) for each in program.shared)}


@mod.rpc("pv.shvSet", usage=(500, f"Missing parameter varname {_USAGE}"))
def set_shared(program: Program, name: str, *given: str) -> str:
    """Sets a $shv(name) that is there already: name, int or str, value."""
    _known(program, name)
    if not given:
        raise CommandError(500, f"Missing parameter type {_USAGE}")
    kind = given[0]
    if kind not in ("int", "str"):
        raise CommandError(500, "Unknown parameter type (Types: int or str)")
    if len(given) < 2:
        what = "integer parameter" if kind == "int" else "parameter"
        raise CommandError(500, f"Missing {what} value {_USAGE}")
    value: int | str = given[1]
    if kind == "int":
        try:
            value = int(value)
        except ValueError:
            raise CommandError(500, f"Missing integer parameter value {_USAGE}") from None
    program.shared.set(name, value)
    return "Ok. Variable set to new value."
