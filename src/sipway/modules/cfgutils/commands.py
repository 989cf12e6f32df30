"""Commands for the probability, the global flags and the hash of a file.

Source: README of cfgutils, section RPC Commands; the names and texts are those of 5.6.3.
"""

from __future__ import annotations

from typing import Final

from sipway.core.commands import CommandError
from sipway.core.program import Program
from sipway.modules.cfgutils._module import (
    file_hash,
    hash_of_file,
    initial_probability,
    kept,
    mod,
    percent,
)


@mod.rpc("cfgutils.rand_set_prob", usage=(500, "Invalid Parameters"))
def set_probability(program: Program, probability: int) -> None:
    """Sets the probability of rand_event(), in per cent."""
    try:
        kept(program).probability = percent(probability)
    except ValueError:
        raise CommandError(500, "Invalid Percent") from None


@mod.rpc("cfgutils.rand_reset_prob")
def reset_probability(program: Program) -> None:
    """Sets the probability of rand_event() to what `initial_probability` says."""
    kept(program).probability = initial_probability(program)


@mod.rpc("cfgutils.rand_get_prob")
def get_probability(program: Program) -> str:
    """Says what the probability of rand_event() is."""
    return f"actual probability: {kept(program).probability} percent"


# Not numbers of flags as in the script, but bits: 4 is the flag 2.
_WRONG: Final = (500, "Invalid Parameters")
_BITS: Final = 0xFFFFFFFF


@mod.rpc("cfgutils.set_gflag", usage=_WRONG)
def set_flag(program: Program, flag: int) -> None:
    """Sets global flags, given as bits."""
    kept(program).flags |= flag & _BITS


@mod.rpc("cfgutils.reset_gflag", usage=_WRONG)
def reset_flag(program: Program, flag: int) -> None:
    """Takes global flags back, given as bits."""
    kept(program).flags &= ~flag & _BITS


@mod.rpc("cfgutils.is_gflag", usage=_WRONG)
def is_flag(program: Program, flag: int) -> str:
    """Says whether global flags, given as bits, are set."""
    return "TRUE" if kept(program).flags & flag == flag else "FALSE"


@mod.rpc("cfgutils.get_gflags")
def get_flags(program: Program) -> str:
    """Says which global flags are set, as bits."""
    flags = kept(program).flags
    return f"0x{flags:X} ({flags})"


@mod.rpc("cfgutils.check_config_hash")
def check_hash(program: Program) -> str:
    """Says whether `hash_file` is still what it was at the start."""
    known = kept(program).file_hash
    if known is None:
        raise CommandError(500, "No hash file")
    try:
        now = hash_of_file(file_hash(program))
    except OSError as error:
        raise CommandError(500, f"The hash file cannot be read: {error.strerror}") from None
    if now != known:
        raise CommandError(500, "The actual config file hash is not identical to the stored one.")
    return "The actual config file hash is identical to the stored one."


@mod.rpc("cfgutils.get_config_hash")
def get_hash(program: Program) -> str:
    """Says what the MD5 of `hash_file` was at the start."""
    return kept(program).file_hash or ""
