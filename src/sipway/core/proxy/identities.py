"""The two numbers by which scripts and operators know a transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sipway.tx.transaction import Transaction


def numbers_of(transaction: Transaction) -> tuple[int, int]:
    """Index and label, in 32 bits with a sign."""
    return _half(transaction.identity[:8]), _half(transaction.identity[8:])


def identity_of(index: int, label: int) -> bytes:
    """The identity that `numbers_of` has made numbers of."""
    return b"%08x%08x" % (index & 0xFFFFFFFF, label & 0xFFFFFFFF)


def _half(text: bytes) -> int:
    number = int(text, 16)
    return number - (1 << 32) if number >= 1 << 31 else number
