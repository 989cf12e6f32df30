"""Regular expressions out of a seeded grammar, right and wrong ones, and subjects for them."""

from __future__ import annotations

import random
from typing import Final

_ATOMS: Final = (
    "a b c A B 5 . . ^ $ [ab] [^b] [a-c] [A-Z] [^a-z0-9] [[:upper:]] [[:digit:]a] [^[:alpha:]] "
    r"[]a] [a-] [^]] [a^] [_-a] [A-z] [[.a.]] [b-a] [[:foo:]] \. \d \w \W \s \S \b \B \< \> \\ \+ "
    r"\1 \2 \n () (|a) (a (a|b) (^a) (b$) ) [ab {2} , - + * @ : \x"
).split()
_REPEATS: Final = (
    *("*", "+", "?"), *("{2}", "{1,}", "{0,1}", "{,2}", "{2,1}", "{x}", "**", "+?", "{0}"),
)  # fmt: skip
_LETTERS: Final = "aaabbbcAB5 .-_]\\+@:\n"


def pattern(seed: random.Random, depth: int) -> str:
    """A pattern of some `2 ** depth` pieces."""
    if depth == 0:
        return seed.choice(_ATOMS)
    chosen = seed.random()
    if chosen < 0.55:
        return pattern(seed, depth - 1) + pattern(seed, depth - 1)
    if chosen < 0.65:
        return f"{pattern(seed, depth - 1)}|{pattern(seed, depth - 1)}"
    if chosen < 0.75:
        return f"({pattern(seed, depth - 1)})"
    repeat = seed.choice(_REPEATS[: 3 if seed.random() < 0.7 else None])
    return f"{pattern(seed, 0)}{repeat}"


def subject(seed: random.Random) -> str:
    return "".join(seed.choice(_LETTERS) for _ in range(seed.choice((0, 1, 1, 2, 3, 5))))


def quoted(text: str) -> str:
    """A text as a literal of a script."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
