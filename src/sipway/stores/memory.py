"""A store in the memory of the process: for tests, and where nothing is to be kept."""

from __future__ import annotations

from bisect import bisect_right, insort

from sipway.stores.interface import Table


class MemoryTable:
    """A dictionary, and its keys in order once somebody asks for the order."""

    def __init__(self) -> None:
        self._values: dict[bytes, bytes] = {}
        self._order: list[bytes] | None = None

    def get(self, key: bytes) -> bytes | None:
        return self._values.get(key)

    def put(self, key: bytes, value: bytes) -> None:
        if self._order is not None and key not in self._values:
            insort(self._order, key)
        self._values[key] = value

    def delete(self, key: bytes) -> bool:
        if self._values.pop(key, None) is None:
            return False
        if self._order is not None:
            del self._order[bisect_right(self._order, key) - 1]
        return True

    def after(self, key: bytes, count: int) -> list[tuple[bytes, bytes]]:
        if self._order is None:
            self._order = sorted(self._values)
        start = bisect_right(self._order, key)
        return [(each, self._values[each]) for each in self._order[start : start + count]]

    def __len__(self) -> int:
        return len(self._values)


class MemoryStore:
    """Tables that are gone when the process is."""

    def __init__(self) -> None:
        self._tables: dict[str, MemoryTable] = {}

    def table(self, name: str) -> Table:
        return self._tables.setdefault(name, MemoryTable())

    def names(self) -> list[str]:
        return list(self._tables)

    def commit(self) -> None:
        """Nothing to do: there is nothing that could outlive the process."""

    def close(self) -> None:
        self._tables.clear()
