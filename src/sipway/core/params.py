"""The value of a module's parameter in a Program.

Compiled (see `params.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sipway.core.program import Program


class Param:
    """A parameter of a module, read with `param(program)`."""

    def __init__(self, module: str, name: str, default: Any) -> None:
        self.key = (module, name)
        self.default = default

    def __call__(self, program: Program) -> Any:
        return self.of(program)

    def of(self, program: Program) -> Any:
        """The same, for compiled code, which calls it without Python."""
        return program.parameters.get(self.key, self.default)
