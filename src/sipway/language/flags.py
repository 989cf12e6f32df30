"""Names for flags: `flags FIRST:1, SECOND`, of messages, and `avpflags`, of AVPs."""

from __future__ import annotations

from typing import Final

from sipway.language.diagnostics import Diagnostics
from sipway.language.nodes import FlagsDeclaration
from sipway.language.source import Span

FLAGS: Final = 32
"""How many flags a message or an AVP has."""


class DeclaredFlags:
    """The names that are declared so far; `numbers` has what each stands for."""

    def __init__(self, diagnostics: Diagnostics) -> None:
        self.numbers: dict[str, int] = {}
        self._diagnostics = diagnostics

    def declare(self, node: FlagsDeclaration) -> None:
        """Take in names; one without a number has the lowest that is free."""
        for (name, number), span in zip(node.flags, node.spans, strict=True):
            if name in self.numbers:
                self._diagnostics.error("duplicate-flag", f"there is a flag {name} already", span)
                continue
            chosen = self._lowest() if number is None else number
            if chosen is None:
                message = f"{name}: there are {FLAGS} flags, and all have names already"
                self._diagnostics.error("wrong-flag", message, span)
            elif not 0 <= chosen < FLAGS:
                message = f"{name}: a flag is a number from 0 to {FLAGS - 1}, not {chosen}"
                self._diagnostics.error("wrong-flag", message, span)
                self.numbers[name] = 0  # so that its uses are no mistakes as well
            else:
                self._warn_of_same(name, chosen, span)
                self.numbers[name] = chosen

    def _lowest(self) -> int | None:
        used = set(self.numbers.values())
        return next((number for number in range(FLAGS) if number not in used), None)

    def _warn_of_same(self, name: str, number: int, span: Span) -> None:
        for other, known in self.numbers.items():
            if known == number:
                message = f"{name} is the same flag as {other}, {number}"
                self._diagnostics.warning("same-flag", message, span)
                return
