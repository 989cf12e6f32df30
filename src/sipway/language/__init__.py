"""The script language: text in, checked and compiled code out; imports nothing else of sipway."""

from __future__ import annotations

from collections.abc import Mapping
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
    return _compile(parse_file(path, defines), catalog)


def compile_source(
    source: SourceFile, catalog: Catalog, defines: Mapping[str, str | None] | None = None
) -> tuple[CompiledScript | None, list[Diagnostic]]:
    """As `compile_file`, of a text that has been read."""
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
