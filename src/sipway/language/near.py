"""The known name that a wrong one is most like."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str], prefix: str = "") -> str | None:
    """A hint with the known name that is most like this one, None if none is near."""
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.7)
    return f"did you mean {prefix}{found[0]}?" if found else None
