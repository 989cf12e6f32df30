"""Read and check a script, as `check` and `run` do alike."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sipway import BUILD, __version__
from sipway._build import package_state
from sipway.core.loader import ModuleCatalog
from sipway.language import compile_file, compile_source
from sipway.language.cache import ScriptCache, default_directory
from sipway.language.compiled import CompiledScript
from sipway.language.diagnostics import Diagnostic
from sipway.language.record import Record
from sipway.language.source import SourceFile
from sipway.server.options import Options


class CheckResult(Record):
    """`compiled` is None when there are errors among the diagnostics."""

    path: Path
    compiled: CompiledScript | None
    diagnostics: Sequence[Diagnostic]
    catalog: ModuleCatalog


def default_script() -> Path:
    """The script that runs when none is named; it comes with the package."""
    return Path(__file__).parent.parent / "data" / "default.cfg"


def _cache() -> ScriptCache | None:
    directory = default_directory()
    if directory is None:
        return None
    return ScriptCache(directory, f"{__version__} {BUILD.compiled} {package_state()}")


def check(options: Options, source: SourceFile | None = None) -> CheckResult:
    """Compile the script of `options`, or `source` in its place, as far as it goes."""
    path = options.script or default_script()
    catalog = ModuleCatalog()
    if source is not None:
        compiled, diagnostics = compile_source(source, catalog, dict(options.defines))
    else:
        cache = _cache() if options.cache else None
        compiled, diagnostics = compile_file(
            path, catalog, dict(options.defines), cache, options.directives
        )
    return CheckResult(path, compiled, diagnostics, catalog)
