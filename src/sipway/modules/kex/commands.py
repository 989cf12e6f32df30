"""Commands for statistics, and for the memory of the process.

Source: what Kamailio 5.6.3 answers.
"""

from __future__ import annotations

import os
from typing import Any, Final

from sipway.core.commands import CommandError
from sipway.core.commands.process import memory
from sipway.core.program import Program
from sipway.core.statistics import Statistic, Statistics, statistics
from sipway.modules.kex._module import mod

_NONE: Final = "Please provide which stats to retrieve"
_NO_NAME: Final = "Please provide stats name"
_ALL: Final = "all"


def _selected(
    program: Program, names: tuple[str, ...], missing: str
) -> list[tuple[str, str, Statistic]]:
    """Group, name and counter of what is named: `name`, `group:` or `all`."""
    if not names:
        raise CommandError(400, missing)
    known = statistics(program)
    found = []
    for each in names:
        for key in _keys(known, each):
            counter = known.get(*key)
            if counter is not None:
                found.append((*key, counter))
    return found


def _keys(known: Statistics, wanted: str) -> list[tuple[str, str]]:
    if wanted == _ALL:
        return list(known)
    if wanted.endswith(":"):
        group = wanted[:-1]
        return [(group, name) for name in known.names(group)]
    return [each for each in known if each[1] == wanted][:1]


@mod.rpc("stats.fetch")
def fetch(program: Program, *names: str) -> dict[str, str]:
    """Says what statistics stand at, as texts: a name, `group:` or `all`."""
    found = _selected(program, names, _NONE)
    return {f"{group}.{name}": str(each.shown) for group, name, each in found}


@mod.rpc("stats.fetchn")
def fetch_numbers(program: Program, *names: str) -> dict[str, int]:
    """Says what statistics stand at, as numbers: a name, `group:` or `all`."""
    found = _selected(program, names, _NONE)
    return {f"{group}.{name}": each.shown for group, name, each in found}


@mod.rpc("stats.get_statistics", lists=True)
def get_statistics(program: Program, *names: str) -> list[str]:
    """Says what statistics stand at, in lines: a name, `group:` or `all`."""
    found = _selected(program, names, _NONE)
    return [f"{group}:{name} = {each.shown}" for group, name, each in found]


@mod.rpc("stats.reset_statistics")
def reset_statistics(program: Program, *names: str) -> None:
    """Sets statistics to 0: a name, `group:` or `all`."""
    for _, _, each in _selected(program, names, _NO_NAME):
        each.reset()


@mod.rpc("stats.clear_statistics")
def clear_statistics(program: Program, *names: str) -> list[str]:
    """Says what statistics stand at, in lines, and sets them to 0."""
    found = _selected(program, names, _NO_NAME)
    lines = [f"{group}:{name} = {each.shown}" for group, name, each in found]
    for _, _, each in found:
        each.reset()
    return lines


@mod.rpc("pkg.stats", lists=True)
def process_memory(_: Program) -> list[dict[str, Any]]:
    """Says how much memory the process uses."""
    found = memory()
    return [
        {
            "entry": 0,
            "pid": os.getpid(),
            "rank": 1,
            "used": found["used"],
            "free": found["free"],
            "real_used": found["used"],
            "total_size": found["total"],
            "total_frags": 0,
            "desc": "worker",
        }
    ]


@mod.rpc("pkg.info")
def memory_manager(_: Program) -> dict[str, Any]:
    """Says who manages the memory."""
    return {"name": "python", "size": memory()["total"]}
