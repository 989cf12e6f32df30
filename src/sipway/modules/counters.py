"""counters: counters of the script's own, in groups.

Source: README of Kamailio's module counters; what it leaves open was tried on Kamailio 5.6.3. The
counters are those of one worker.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from sipway.core.commands import CommandError
from sipway.core.context import Context
from sipway.core.module import Module
from sipway.core.program import Program
from sipway.core.statistics import Statistic, statistics
from sipway.language.record import Record
from sipway.language.signatures import ArgumentKind

mod = Module("counters")

_DEFAULT_GROUP: Final = "script"
_DECLARATION: Final = re.compile(r"(?:([^.\s:]+)\.)?([^\s:]*?[^\s:.])(?:[ :]\s*(.*))?", re.DOTALL)


class _Declared(Record):
    """`group` is empty where the default is meant."""

    group: str
    name: str
    description: str


def _declared(text: str) -> _Declared:
    match = _DECLARATION.fullmatch(text.strip())
    if match is None or match[2].startswith("."):
        raise ValueError(f'[group.]name[:description] is wanted, not "{text}"')
    return _Declared(match[1] or "", match[2], match[3] or "custom script counter")


_NOTHING: Final[list[_Declared]] = []
_counters = mod.param(
    "script_counter",
    str,
    _NOTHING,
    convert=_declared,
    repeatable=True,
    doc="a counter, [group.]name[:description]",
)
_group = mod.param(
    "script_cnt_grp_name", str, _DEFAULT_GROUP, doc="the group of counters that name none"
)


@mod.on_start
def _start(program: Program) -> None:
    for each in _counters(program):
        group = each.group or _group(program)
        statistics(program).add(group, each.name, each.description)


def _key(text: str, default: str) -> tuple[str, str]:
    group, dot, name = text.partition(".")
    return (group, name) if dot else (default, text)


def _check_name(text: Any, parameters: Mapping[tuple[str, str], Any]) -> None:
    default = parameters.get((mod.name, "script_cnt_grp_name"), _DEFAULT_GROUP)
    declared = parameters.get((mod.name, "script_counter"), ())
    if _key(text, default) not in {(each.group or default, each.name) for each in declared}:
        raise ValueError(f'there is no modparam("counters", "script_counter", "{text}")')


_NAME = ArgumentKind("the name of a counter", base=str, dynamic=False, check=_check_name)


def _counter(ctx: Context, text: str) -> Statistic:
    """The counter of a name that was checked when the script was read."""
    return statistics(ctx.program).add(*_key(text, _group(ctx.program)))


@mod.function("cnt_inc")
def cnt_inc(ctx: Context, name: Annotated[str, _NAME]) -> int:
    """Add 1 to a counter. Returns 1."""
    _counter(ctx, name).value += 1
    return 1


@mod.function("cnt_add")
def cnt_add(ctx: Context, name: Annotated[str, _NAME], number: int) -> int:
    """Add a number to a counter. Returns 1."""
    _counter(ctx, name).value += number
    return 1


@mod.function("cnt_reset")
def cnt_reset(ctx: Context, name: Annotated[str, _NAME]) -> int:
    """Set a counter to 0. Returns 1."""
    _counter(ctx, name).reset()
    return 1


# --- commands ----------------------------------------------------------------------------


def _known(program: Program, group: str, name: str) -> Statistic:
    found = statistics(program).get(group, name)
    if found is None:
        raise CommandError(400, f"non-existent counter {group}.{name}")
    return found


@mod.rpc("cnt.get", "cnt.get_raw")
def get(program: Program, group: str, *names: str) -> int | dict[str, int]:
    """Says what a counter stands at: group, name; without a name all of the group."""
    return _known(program, group, names[0]).shown if names else get_group(program, group)


@mod.rpc("cnt.reset")
def reset(program: Program, group: str, name: str) -> None:
    """Sets a counter to 0: group, name."""
    _known(program, group, name).reset()


@mod.rpc("cnt.help")
def describe(program: Program, group: str, name: str) -> str:
    """Says what a counter counts: group, name."""
    return _known(program, group, name).description


@mod.rpc("cnt.grps_list", "cnt.list_groups", lists=True)
def list_groups(program: Program) -> list[str]:
    """Lists the groups of counters."""
    return statistics(program).groups()


@mod.rpc("cnt.var_list", "cnt.list_vars", lists=True)
def list_names(program: Program, group: str) -> list[str]:
    """Lists the counters of a group."""
    return statistics(program).names(group)


@mod.rpc("cnt.grp_get_all", "cnt.get_vars")
def get_group(program: Program, group: str) -> dict[str, int]:
    """Says what all counters of a group stand at."""
    return {name: _known(program, group, name).shown for name in statistics(program).names(group)}
