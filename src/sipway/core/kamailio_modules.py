"""What Kamailio's modules are called and what they export, by name.

With these names `check` can tell a module that sipway does not have yet, and what belongs to
it, from a misspelt one. The table is made by `tools/kamailio_names.py`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from sipway.language.catalog import ForeignModule

_TRANSFORMATIONS: Final = {
    "json": frozenset({"json"}),
}
"""Classes of transformations that modules bring (Kamailio's cookbook on transformations)."""


@cache
def kamailio_modules() -> dict[str, ForeignModule]:
    """Kamailio's modules by name, released and removed ones."""
    text = Path(__file__).with_name("kamailio_names.txt").read_text("utf-8")
    return {module.name: module for module in map(_module, text.splitlines())}


def _module(line: str) -> ForeignModule:
    """From `name functions f g | parameters p | variables v`."""
    name, _, rest = line.partition(" ")
    kinds: dict[str, frozenset[str]] = {}
    for part in rest.split(" | "):
        kind, *names = part.split() or [""]
        kinds[kind] = frozenset(names)
    nothing: frozenset[str] = frozenset()
    return ForeignModule(
        name,
        kinds.get("functions", nothing),
        kinds.get("parameters", nothing),
        kinds.get("variables", nothing),
        _TRANSFORMATIONS.get(name, nothing),
    )
