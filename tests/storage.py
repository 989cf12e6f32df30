"""Scripts that went through storage before they run, so that every test of one tests that too."""

from __future__ import annotations

from sipway.language.catalog import Catalog
from sipway.language.compiled import CompiledScript
from sipway.language.inputs import Inputs
from sipway.language.storing import Outcome, load, store


def stored(compiled: CompiledScript, catalog: Catalog) -> CompiledScript:
    """The same script, as it comes out of the cache; NotStorable if it can't."""
    data = store(Outcome(compiled, []), catalog, Inputs())
    result = load(data, catalog, Inputs()).compiled
    assert result is not None
    return result
