"""What scripts can use without `loadmodule`: the Module that its makers register with.

`core.functions` completes it; import `core` from there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sipway.core.module import Module
from sipway.language.signatures import VariableSignature

core = Module("core")


def add_text(
    name: str,
    get: Callable[[Any], str | None],
    doc: str,
    attribute: str | None = None,
    set: Callable[[Any, int | str | None], None] | None = None,  # noqa: A002 - as in Module
) -> None:
    """Register a getter of text, or null, as a variable; without `set` it is only read."""
    core.add_variable(
        VariableSignature(name, core.name, get, set, values=(str,), attribute=attribute, doc=doc)
    )


def add_number(name: str, get: Callable[[Any], int | None], doc: str) -> None:
    """Register a getter of a number, or null, as a variable that is only read."""
    core.add_variable(VariableSignature(name, core.name, get, values=(int,), doc=doc))
