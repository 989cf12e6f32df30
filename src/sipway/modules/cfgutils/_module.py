"""The module itself, its parameters, and what it keeps for the worker."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.core.module import Module
from sipway.core.program import Program
from sipway.errors import ModuleError

mod = Module("cfgutils")

LARGEST_LOCK_SET: Final = 14


def percent(value: int | str) -> int:
    """A probability. Raises ValueError for what is none."""
    try:
        number = int(value)
    except ValueError:
        raise ValueError(f'"{value}" is not a number') from None
    if not 0 <= number <= 100:
        raise ValueError(f"a probability is a number from 0 to 100, not {number}")
    return number


initial_probability = mod.param(
    "initial_probability", int, 10, convert=percent, doc="in per cent, for rand_event()"
)
file_hash = mod.param("hash_file", str, "", doc="a file whose MD5 is taken at the start")
_initial_gflags = mod.param("initial_gflags", int, 0, doc="the global flags at first, as bits")
_lock_set_size = mod.param(
    "lock_set_size", int, 0, doc="there are two to the power of this many locks; 0: none"
)


class Kept:
    """What the module keeps for a worker, whatever script it runs.

    probability  of rand_event(), in per cent
    flags        the global flags, as bits
    locks        by number, those that are held
    file_hash    MD5 of `hash_file` in hexadecimal digits, None without one
    """

    def __init__(self, program: Program) -> None:
        self.probability = initial_probability(program)
        self.flags = _initial_gflags(program) & 0xFFFFFFFF
        self.locks: dict[int, object] = {}
        self.file_hash: str | None = None


def kept(program: Program) -> Kept:
    """What the worker of a Program keeps for this module."""
    return program.shared.of_module(mod.name, lambda: Kept(program))


def number_of_locks(program: Program) -> int:
    """How many locks there are; 0 if the script asks for none."""
    size = _lock_set_size(program)
    return 1 << min(size, LARGEST_LOCK_SET) if size > 0 else 1 << LARGEST_LOCK_SET if size else 0


def hash_of_file(path: str) -> str:
    """Its MD5 in hexadecimal digits. Raises OSError."""
    return hashlib.md5(Path(path).read_bytes(), usedforsecurity=False).hexdigest()


@mod.on_start
def _start(program: Program) -> None:
    if not 0 <= _lock_set_size(program) <= LARGEST_LOCK_SET:
        program.log.line(
            levels.WARN,
            f"cfgutils: lock_set_size {_lock_set_size(program)} is too large, "
            f"{LARGEST_LOCK_SET} is taken",
        )
    path = file_hash(program)
    if path:
        try:
            digest = hash_of_file(path)
        except OSError as error:
            raise ModuleError(f"cfgutils: the hash_file cannot be read: {error}") from None
        kept(program).file_hash = digest


def failed(ctx: Context, function: str, reason: object) -> int:
    """Log what went wrong; the code of the call."""
    ctx.program.log.line(levels.ERR, f"{function}(): {reason}")
    return -1
