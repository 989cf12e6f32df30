"""`$shv`: variables that outlive a message, shared by all messages of a worker.

They belong to the worker, not to the Program: a changed script goes on with their values. One
object with two methods, so that a store that all workers see can take its place.
"""

from __future__ import annotations

from collections.abc import Mapping


class SharedVariables:
    """Values by name; one that nobody has set is 0."""

    def __init__(self, values: Mapping[str, int | str] | None = None) -> None:
        self._values: dict[str, int | str] = dict(values or {})

    def get(self, name: str) -> int | str:
        return self._values.get(name, 0)

    def set(self, name: str, value: int | str | None) -> None:
        """Null leaves the empty text."""
        self._values[name] = "" if value is None else value

    def set_first(self, name: str, value: int | str) -> None:
        """The value that a script begins with, unless there is one already."""
        self._values.setdefault(name, value)
