"""statistics: counters of the script's own, read with `$stat(name)`.

Source: README of Kamailio's module statistics; what it leaves open was tried on Kamailio 5.6.3.
The counters are those of one worker.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.core.module import Module
from sipway.core.program import Program
from sipway.core.statistics import Statistic, statistics
from sipway.errors import ModuleError
from sipway.language.record import Record
from sipway.language.signatures import ArgumentKind

mod = Module("statistics")

_GROUP: Final = "script"
_STEP: Final = re.compile(r"[+-]?[0-9]{1,10}", re.ASCII)
_LARGEST: Final = 2**31 - 1


class _Declared(Record):
    name: str
    keeps: bool


def _declared(text: str) -> _Declared:
    name, slash, flag = text.partition("/")
    if not name:
        raise ValueError("the name is missing")
    if slash and flag.lower() != "no_reset":
        raise ValueError(f'there is no flag "{flag}", no_reset is known')
    return _Declared(name, bool(slash))


_NOTHING: Final[list[_Declared]] = []
_variables = mod.param(
    "variable", str, _NOTHING, convert=_declared, repeatable=True, doc="a counter, name/no_reset"
)


@mod.on_start
def _start(program: Program) -> None:
    seen = set()
    for each in _variables(program):
        if each.name in seen:
            raise ModuleError(f"statistics: the variable {each.name} is there twice")
        seen.add(each.name)
        statistics(program).add(_GROUP, each.name, keeps=each.keeps)


def _check_name(name: Any, parameters: Mapping[tuple[str, str], Any]) -> None:
    if name not in {each.name for each in parameters.get((mod.name, "variable"), ())}:
        raise ValueError(f'there is no modparam("statistics", "variable", "{name}")')


def _to_step(value: int | str) -> int:
    text = str(value)
    if _STEP.fullmatch(text) is None or abs(int(text)) > _LARGEST:
        raise ValueError(f'"{text}" is not a number')
    return int(text)


def _check_step(step: Any, parameters: Mapping[tuple[str, str], Any]) -> None:
    del parameters
    if step == 0:
        raise ValueError("0 changes nothing")


_NAME = ArgumentKind("the name of a statistic", base=str, check=_check_name)
_CHANGE = ArgumentKind("a number such as +1", base=None, convert=_to_step, check=_check_step)


@mod.function("update_stat")
def update_stat(ctx: Context, name: Annotated[str, _NAME], step: Annotated[int, _CHANGE]) -> int:
    """Add a number, which may be negative, to a counter. 1; -1 if there is no such counter."""
    found = _find(ctx, "update_stat", name)
    if found is None:
        return -1
    found.value += step
    return 1


@mod.function("reset_stat")
def reset_stat(ctx: Context, name: Annotated[str, _NAME]) -> int:
    """Set a counter to 0, unless it is one with no_reset. 1; -1 if there is no such counter."""
    found = _find(ctx, "reset_stat", name)
    if found is None:
        return -1
    found.reset()
    return 1


def _find(ctx: Context, function: str, name: str) -> Statistic | None:
    found = statistics(ctx.program).get(_GROUP, name)
    if found is None:
        ctx.program.log.line(levels.ERR, f"{function}(): there is no statistic {name:.60}")
    return found
