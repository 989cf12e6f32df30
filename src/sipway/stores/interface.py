"""What a store of keys and values is, whatever keeps it.

A store has tables; keys and values are bytes. What is written is seen at once by whoever reads
in this process, and counts as kept when `commit` returns: a worker commits once for a whole batch
of messages, before it sends the answers.
"""

from __future__ import annotations

from typing import Final, Protocol

# LMDB takes no longer ones.
LONGEST_KEY: Final = 511


class Table(Protocol):
    """One table. All raise StoreError when the store is broken or full."""

    def get(self, key: bytes) -> bytes | None:
        """The value, or None."""

    def put(self, key: bytes, value: bytes) -> None:
        """Write a value; a key has 1 to `LONGEST_KEY` bytes."""

    def delete(self, key: bytes) -> bool:
        """Whether the key was there."""

    def after(self, key: bytes, count: int) -> list[tuple[bytes, bytes]]:
        """Up to `count` entries whose keys come after `key` in order; after b"", the first."""

    def __len__(self) -> int:
        """The number of entries."""


class Store(Protocol):
    """Tables by name."""

    def table(self, name: str) -> Table:
        """The table of this name, made when it is not there."""

    def names(self) -> list[str]:
        """The tables that there are."""

    def commit(self) -> None:
        """Keep what was written since the last time. Raises StoreError if that cannot be."""

    def close(self) -> None:
        """Commit, and let go of what the store holds."""
