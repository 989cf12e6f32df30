"""The script language: text in, checked and compiled code out; imports nothing else of sipway."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sipway.language.compiler import CompiledScript, compile_script
from sipway.language.diagnostics import Diagnostic, Diagnostics
from sipway.language.parser import ParseResult, parse, parse_file
from sipway.language.signatures import Catalog
from sipway.language.source import SourceFile

__all__ = ["CompiledScript", "compile_file", "compile_script", "compile_source"]


def compile_file(
    path: Path, catalog: Catalog, defines: Mapping[str, str | None] | None = None
) -> tuple[CompiledScript | None, list[Diagnostic]]:
    """Read, check and compile a script; None for the code when there are errors.

    A script with syntax errors is checked no further: what could not be read would look like
    more mistakes than were made.
    """
    with _uncollected():
        return _compile(parse_file(path, defines), catalog)


def compile_source(
    source: SourceFile, catalog: Catalog, defines: Mapping[str, str | None] | None = None
) -> tuple[CompiledScript | None, list[Diagnostic]]:
    """As `compile_file`, of a text that has been read."""
    with _uncollected():
        return _compile(parse(source, defines), catalog)


def _compile(
    parsed: ParseResult, catalog: Catalog
) -> tuple[CompiledScript | None, list[Diagnostic]]:
    if parsed.diagnostics.errors:
        return None, parsed.diagnostics.sorted()
    diagnostics = Diagnostics()
    diagnostics.extend(parsed.diagnostics)
    compiled = compile_script(parsed, catalog, diagnostics)
    return compiled, diagnostics.sorted()


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
