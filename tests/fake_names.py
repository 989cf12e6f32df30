"""Names without a network: a Source with answers of its own, and a clock that is set by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar

from sipway.core.resolving import Names
from sipway.core.settings import Settings

_T = TypeVar("_T")


class FakeSource:
    """Answers by `"name KIND"`; `asked` is what it was asked, `gate` holds answers back."""

    def __init__(self, records: Mapping[str, Sequence[Any]] | None = None, ttl: float = 60) -> None:
        self.records = dict(records or {})
        self.ttl = ttl
        self.asked: list[str] = []
        self.gate: asyncio.Event | None = None

    async def query(self, name: str, kind: str) -> tuple[Sequence[Any], float]:
        self.asked.append(f"{name} {kind}")
        if self.gate is not None:
            await self.gate.wait()
        found = self.records.get(f"{name} {kind}", self.records.get(f"* {kind}", ()))
        return found, self.ttl if found else 0


class FakeNames(Names):
    """`now` is the clock."""

    def __init__(
        self,
        records: Mapping[str, Sequence[Any]] | None = None,
        *,
        ttl: float = 60,
        random: Callable[[], float] = lambda: 0.0,
        **settings: Any,
    ) -> None:
        self.now = 1000.0
        self.source = FakeSource(records, ttl)
        super().__init__(self.source, Settings(**settings), lambda: self.now, random)


def at_once(coroutine: Coroutine[Any, Any, _T]) -> _T:
    """What a coroutine returns that must not wait."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: _T = end.value
        return result
    coroutine.close()
    raise AssertionError("it waits")
