"""What outlives a message, shared by all messages of a worker: `$shv`, and what modules keep.

It belongs to the worker, not to the Program: a changed script goes on with the values. One
object with few methods, so that a store that all workers see can take its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar, cast

from sipway.stores.interface import Store
from sipway.stores.memory import MemoryStore

_T = TypeVar("_T")


class SharedVariables:
    """Values by name; one that nobody has set is 0.

    `open_store` gives the store of the server; without it there is one in memory.
    """

    def __init__(
        self,
        values: Mapping[str, int | str] | None = None,
        open_store: Callable[[], Store] | None = None,
    ) -> None:
        self._open_store: Callable[[], Store] = open_store or MemoryStore
        self._store: Store | None = None
        # Those of the Engine, once there is one, and what is counted elsewhere.
        self.counters: Any = None
        self.forwarded_requests = 0
        self.lost_requests = 0
        self.generated_replies = 0
        self._values: dict[str, int | str] = dict(values or {})
        self._of_modules: dict[str, Any] = {}
        # Told the status of each reply made without a transaction; None unless a script asks.
        self.count_reply: Callable[[int], None] | None = None

    def get(self, name: str) -> int | str:
        return self._values.get(name, 0)

    def __contains__(self, name: str) -> bool:
        """Whether somebody has set it, or a script begins with a value for it."""
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._values))

    def set(self, name: str, value: int | str | None) -> None:
        """Null leaves the empty text."""
        self._values[name] = "" if value is None else value

    def set_first(self, name: str, value: int | str) -> None:
        """The value that a script begins with, unless there is one already."""
        self._values.setdefault(name, value)

    @property
    def store(self) -> Store:
        """Where what outlives the process is kept. Raises StoreError when it cannot be opened."""
        if self._store is None:
            self._store = self._open_store()
        return self._store

    def of_module(self, name: str, make: Callable[[], _T]) -> _T:
        """What the module of this name keeps, made by `make` the first time."""
        kept = self._of_modules.get(name)
        if kept is None:
            kept = self._of_modules[name] = make()
        return cast(_T, kept)
