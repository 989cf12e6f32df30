"""The script language: text in, checked and compiled code out; imports nothing else of sipway.

What does the work is imported when there is some: a start from the cache needs no compiler, and
`sipway ping` nothing of a script.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sipway.language.cache import ScriptCache
    from sipway.language.catalog import Catalog
    from sipway.language.compiled import CompiledScript
    from sipway.language.diagnostics import Diagnostic, Diagnostics
    from sipway.language.parser import ParseResult
    from sipway.language.source import SourceFile
    from sipway.language.storing import Outcome

__all__ = ["compile_file", "compile_script", "compile_source"]


def compile_file(
    path: Path,
    catalog: Catalog,
    defines: Mapping[str, str | None] | None = None,
    cache: ScriptCache | None = None,
    directives: tuple[str, ...] = (),
) -> tuple[CompiledScript | None, list[Diagnostic]]:
    """Read, check and compile a script; None for the code when there are errors.

    A script with syntax errors is checked no further: what could not be read would look like
    more mistakes than were made. With `cache` a script that has not changed is not compiled anew.
    `directives` are lines that are read before the script.
    """
    defines = defines or {}
    if cache is not None:
        found = cache.find(path, defines, catalog, directives)
        if found is not None:
            return found
    from sipway.language.inputs import Inputs
    from sipway.language.parser import parse_file

    inputs = Inputs()
    with _uncollected():
        outcome = _compile(parse_file(path, defines, inputs, directives), catalog)
    if cache is not None:
        cache.keep(path, defines, catalog, inputs, outcome, directives)
    return outcome


def compile_source(
    source: SourceFile, catalog: Catalog, defines: Mapping[str, str | None] | None = None
) -> tuple[CompiledScript | None, list[Diagnostic]]:
    """As `compile_file`, of a text that has been read."""
    from sipway.language.parser import parse

    with _uncollected():
        return _compile(parse(source, defines), catalog)


def compile_script(
    parsed: ParseResult, catalog: Catalog, diagnostics: Diagnostics
) -> CompiledScript | None:
    """Check and compile what was read; None when there are errors, then in `diagnostics`."""
    from sipway.language import compiler

    return compiler.compile_script(parsed, catalog, diagnostics)


def _compile(parsed: ParseResult, catalog: Catalog) -> Outcome:
    from sipway.language.diagnostics import Diagnostics
    from sipway.language.storing import Outcome

    if parsed.diagnostics.errors:
        return Outcome(None, parsed.diagnostics.sorted())
    diagnostics = Diagnostics()
    diagnostics.extend(parsed.diagnostics)
    compiled = compile_script(parsed, catalog, diagnostics)
    return Outcome(compiled, diagnostics.sorted())


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the garbage collector: trees have no cycles, and it would walk them many times."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
