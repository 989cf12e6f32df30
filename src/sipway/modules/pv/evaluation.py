"""Texts with variables that are known only when the script runs, for pv_evalx()."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from sipway.core.loader import ModuleCatalog
from sipway.language.compile_transformations import TransformationCompiler
from sipway.language.diagnostics import Diagnostics
from sipway.language.resolve import Scope
from sipway.language.source import SourceFile, Span

_LONGEST: Final = 4096


@lru_cache(maxsize=256)
def evaluator(
    modules: tuple[str, ...], variables: tuple[str, ...], text: str
) -> Callable[[Any], str]:
    """What makes the text of a message, for a script with these modules and `$var`s.

    Raises ValueError for a variable that is not known, and for a text that is too long.
    """
    if len(text) > _LONGEST:
        raise ValueError(f"a text of more than {_LONGEST} characters is not looked at")
    catalog = ModuleCatalog()
    diagnostics = Diagnostics()
    scope = Scope(catalog, diagnostics)
    for name in modules:
        signature = catalog.module(name)
        if signature is not None:
            scope.modules[name] = signature
    slots = {name: slot for slot, name in enumerate(variables)}
    maker = TransformationCompiler(scope, catalog, diagnostics, {}, slots, frozenset(), False)
    span = Span(SourceFile("pv_evalx", text), 0, len(text))
    made = maker.format(text, span)
    if diagnostics.errors:
        raise ValueError(diagnostics.sorted()[0].message)
    if len(slots) > len(variables):
        raise ValueError(f"the script has no $var({list(slots)[-1]})")
    return made
