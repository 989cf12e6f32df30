"""What each code of a diagnostic means: `sipway check --explain CODE`.

Data, one entry a code. The rules of `lint` bring theirs along.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from sipway.language.explain.directives import DIRECTIVES
from sipway.language.explain.entry import Explanation
from sipway.language.explain.names import NAMES
from sipway.language.explain.settings import SETTINGS
from sipway.language.explain.syntax import SYNTAX
from sipway.language.lint import RULES

__all__ = ["EXPLANATIONS", "Explanation", "nearest_code"]

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    **SYNTAX,
    **DIRECTIVES,
    **NAMES,
    **SETTINGS,
    **{rule.CODE: Explanation(rule.WHAT, rule.WHY, rule.EXAMPLE, rule.FIX) for rule in RULES},
}


def nearest_code(text: str) -> str | None:
    """The code that is most like `text`, None if none is near."""
    found = get_close_matches(text, list(EXPLANATIONS), 1, 0.6)
    return found[0] if found else None
