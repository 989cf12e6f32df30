"""`{re.subst}`: a substitution as sed writes it."""

from __future__ import annotations

from functools import lru_cache

from sipway.core.transformations.strings import transformation
from sipway.language.substitution import (
    Substitution,
    compile_substitution,
    cut_replacement,
    split_substitution,
)


@lru_cache(maxsize=256)
def _substitution(text: str) -> Substitution:
    expression, replacement, flags = split_substitution(text)
    return compile_substitution(expression, flags, tuple(cut_replacement(replacement)))


@transformation("re.subst", least=1, most=1)
def _subst(text: str, substitution: str) -> str:
    """The text with what `/expression/replacement/flags` matches replaced."""
    result = _substitution(substitution).apply(text, None)
    return text if result is None else result
