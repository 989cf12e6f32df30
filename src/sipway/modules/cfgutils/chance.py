"""Chance, and hashes."""

from __future__ import annotations

import random
from typing import Annotated

from sipway.core.context import Context
from sipway.core.transformations.encodings import core_hash
from sipway.language.signatures import ArgumentKind
from sipway.modules.cfgutils._module import initial_probability, kept, mod, percent

_PERCENT = ArgumentKind("a probability from 0 to 100", base=None, dynamic=False, convert=percent)


@mod.function("rand_event")
def rand_event(ctx: Context) -> int:
    """1 with the probability that is set, else -1."""
    return 1 if random.random() * 100 < kept(ctx.program).probability else -1


@mod.function("rand_set_prob")
def rand_set_prob(ctx: Context, probability: Annotated[int, _PERCENT]) -> int:
    """Set the probability of rand_event(), in per cent. Returns 1."""
    kept(ctx.program).probability = probability
    return 1


@mod.function("rand_reset_prob")
def rand_reset_prob(ctx: Context) -> int:
    """Set the probability to what `initial_probability` says. Returns 1."""
    kept(ctx.program).probability = initial_probability(ctx.program)
    return 1


@mod.function("rand_get_prob")
def rand_get_prob(ctx: Context) -> int:
    """The probability in per cent as the code of the call, so that 0 ends the script."""
    return kept(ctx.program).probability


@mod.variable("RANDOM", values=(int,), nullable=False)
def _random(_: Context) -> int:
    """A number from 0 to 2,147,483,647 by chance."""
    return random.getrandbits(31)


@mod.function("core_hash")
def hash_texts(ctx: Context, first: str, second: str, size: int) -> int:
    """A hash of two texts, of so many bits, plus 1. Not for anything secret.

    A size of 0 or less is 1; one of 32 or more counts from 0 again.
    """
    del ctx
    bits = size & 31 if size > 0 else 1
    data = (text.encode("utf-8", "surrogateescape") for text in (first, second))
    return (core_hash(*data) & (1 << bits) - 1) + 1
