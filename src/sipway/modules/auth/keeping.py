"""What outlives the server, in its store: the secret, and which nonces have been used.

Nonces are numbered only where they are counted. A use is written in the slot that the number falls
into; an older nonce whose slot has been taken is used up. Since the secret and the uses lie in one
store, they are lost together: what was used before a restart stays used after it. Where the secret
comes from the script and the store is new, nonces from before it count as used.
"""

from __future__ import annotations

import os
from typing import Any, Final

from sipway.core.context import Context
from sipway.core.params import Param
from sipway.core.program import Program
from sipway.modules.auth._module import (
    counted,
    mod,
    nonce_count,
    one_time_nonce,
    remembered,
    secret,
)
from sipway.stores.interface import Store, Table

_TABLE: Final = "auth"
_SECRET: Final = b"secret"
_NUMBERS: Final = b"numbers"
_SECRET_SIZE: Final = 32
_NUMBER_SIZE: Final = 8
_SLOT_SIZE: Final = 4
# So many numbers are taken at a time: a start goes on behind them.
_BLOCK: Final = 1 << 20
_LARGEST_NUMBER: Final = (1 << 63) - 1
LARGEST_COUNT: Final = 255


# Among the parameters of the Program, once it is known.
_key: Final[Any] = Param(mod.name, "", None)


class Kept:
    """What the module keeps in a server. All methods raise StoreError."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._table = store.table(_TABLE)
        self._secret = b""
        self._first = -1
        self._next = 0
        self._end = 0
        self._uses: dict[str, Table] = {}

    def secret(self) -> bytes:
        """The secret that the server has made for itself."""
        if not self._secret:
            found = self._table.get(_SECRET)
            if found is None:
                found = os.urandom(_SECRET_SIZE)
                self._table.put(_SECRET, found)
                self._store.commit()
            self._secret = found
        return self._secret

    def number(self, now: float) -> int:
        """A number for a new nonce, larger than all before."""
        if self._next == self._end:
            self._take_numbers(now)
        self._next += 1
        return self._next - 1

    def _take_numbers(self, now: float) -> None:
        found = self._table.get(_NUMBERS)
        if found is None:
            # Nobody knows which numbers a store that is gone had given.
            first = begin = min(int(now * 1e6), _LARGEST_NUMBER)
        else:
            first = int.from_bytes(found[:_NUMBER_SIZE])
            begin = int.from_bytes(found[_NUMBER_SIZE:])
        self._first, self._next, self._end = first, begin, begin + _BLOCK
        kept = first.to_bytes(_NUMBER_SIZE) + self._end.to_bytes(_NUMBER_SIZE)
        self._table.put(_NUMBERS, kept)

    def use(self, name: str, size: int, number: int, count: int, now: float) -> bool:
        """Note in a table of `size` slots that a nonce was used with this count.

        False, and nothing is noted, if it was with this count or a larger one.
        """
        if self._end == 0:
            self._take_numbers(now)
        if number < self._first:
            return False
        table = self._uses.get(name)
        if table is None:
            table = self._uses[name] = self._store.table(name)
        slot = (number % size).to_bytes(_SLOT_SIZE)
        found = table.get(slot)
        if found is not None:
            last = int.from_bytes(found[:_NUMBER_SIZE])
            if last > number or (last == number and found[_NUMBER_SIZE] >= count):
                return False
        table.put(slot, number.to_bytes(_NUMBER_SIZE) + bytes((count,)))
        return True


def _kept(program: Program) -> Kept:
    return program.shared.of_module(mod.name, lambda: Kept(program.shared.store))


def key(program: Program) -> bytes:
    """What nonces are signed with. Raises StoreError."""
    known: bytes | None = _key(program)
    if known is None:
        text = secret(program)
        known = text.encode("utf-8", "surrogateescape") if text else _kept(program).secret()
        program.parameters[_key.key] = known
    return known


def prepare(program: Program) -> None:
    """Open the store now if it will be wanted: a running server may not be allowed to any more.

    Raises StoreError.
    """
    if not secret(program):
        _kept(program).secret()
    elif nonce_count(program) or one_time_nonce(program):
        _kept(program)


def new_number(ctx: Context) -> int:
    """A number for a new nonce. Raises StoreError."""
    return _kept(ctx.program).number(ctx.now)


def count_use(ctx: Context, number: int, count: int) -> bool:
    """Whether this nc of a nonce was not used yet; from now on it is. Raises StoreError."""
    program = ctx.program
    return _kept(program).use("auth_counts", counted(program), number, count, ctx.now)


def only_use(ctx: Context, number: int) -> bool:
    """Whether a nonce was not used yet; from now on it is. Raises StoreError."""
    program = ctx.program
    return _kept(program).use("auth_once", remembered(program), number, 1, ctx.now)
