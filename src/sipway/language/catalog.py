"""The modules that can be loaded, by what they bring: what a script is checked against.

What is in them is in `signatures`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from sipway.language.record import Record, field, replace
from sipway.language.signatures import (
    FunctionSignature,
    OperandSignature,
    ParameterSignature,
    SelectSignature,
    TransformationSignature,
    VariableSignature,
)


class ModuleSignature(Record):
    """What a module gives to scripts.

    `later`: functions that are not there yet, and what they wait for.
    """

    name: str
    functions: Mapping[str, FunctionSignature] = field(default_factory=dict)
    variables: Mapping[str, VariableSignature] = field(default_factory=dict)
    parameters: Mapping[str, ParameterSignature] = field(default_factory=dict)
    transformations: Mapping[str, TransformationSignature] = field(default_factory=dict)
    events: frozenset[str] = frozenset()
    later: Mapping[str, str] = field(default_factory=dict)

    def given(self, parameters: Mapping[tuple[str, str], Any]) -> ModuleSignature:
        """The module with its functions as they are with these parameters of modules."""
        if all(each.waits is None for each in self.functions.values()):
            return self
        functions = {name: each.given(parameters) for name, each in self.functions.items()}
        return replace(self, functions=functions)


class ForeignModule(Record):
    """A module of Kamailio's that sipway does not have, by the names of what it exports.

    A kind of name that nobody wrote down is empty; then nothing is known to be wrong.
    `transformations` are classes of them (`json`).
    """

    name: str
    functions: frozenset[str] = frozenset()
    parameters: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()
    transformations: frozenset[str] = frozenset()


class Catalog(Protocol):
    """What can be used in a script; `core` needs no `loadmodule`."""

    @property
    def core(self) -> ModuleSignature: ...

    @property
    def operands(self) -> Mapping[str, OperandSignature]: ...

    def module(self, name: str) -> ModuleSignature | None:
        """The module, or None if sipway does not have it."""

    def module_names(self) -> Iterable[str]:
        """All modules that sipway has, for "did you mean"."""

    @property
    def foreign(self) -> Mapping[str, ForeignModule]:
        """Kamailio's modules by name, so that a message can say whose a name is."""

    def select(self, path: str) -> SelectSignature | str:
        """What reads `@path`, or the module that it belongs to; raises UnknownSelect."""

    def is_myself_uri(self, ctx: Any, uri: str) -> bool:
        """Whether the URI's host and port are ours (`uri==myself`)."""

    def is_myself_address(self, ctx: Any, address: str) -> bool:
        """Whether an IP address is one that we listen on (`src_ip==myself`)."""
