"""What a script has become: code, and what it sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import CodeType
from typing import Any, TypeAlias

from sipway.language.nodes import BlockKind, Listen
from sipway.language.record import Record, field
from sipway.language.signatures import TableName, TablePlace

BlockKey: TypeAlias = tuple[BlockKind, str | None]
"""The kind and the name of a block."""


class CompiledScript(Record):
    """A script as code, and what it sets; `load` makes functions of it.

    parameters         (name, value) of the core parameters that have a meaning here
    modules            names in the order of their loadmodule
    module_parameters  (module, parameter) -> value; a list where it can be given repeatedly
    listen             where the script wants to listen
    variable_slots     names of `$var`s: slot i of `ctx.vars`
    waiting            blocks that are coroutine functions
    custom             (group, name) -> value of the script's own parameters
    """

    path: str
    codes: tuple[CodeType, ...]
    bindings: Mapping[str, object]
    names: Mapping[BlockKey, str]
    parameters: tuple[tuple[str, Any], ...] = ()
    modules: tuple[str, ...] = ()
    module_parameters: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    listen: tuple[Listen, ...] = ()
    variable_slots: tuple[str, ...] = ()
    waiting: frozenset[BlockKey] = frozenset()
    uses_retcode: bool = False
    custom: Mapping[tuple[str, str], int | str] = field(default_factory=dict)

    def load(self) -> dict[BlockKey, Callable[[Any], Any]]:
        """Run the generated module; the functions of its blocks."""
        space = {
            name: TablePlace(bound.name) if type(bound) is TableName else bound
            for name, bound in self.bindings.items()
        }
        for code in self.codes:
            exec(code, space)
        return {key: space[name] for key, name in self.names.items()}  # type: ignore[misc]
