"""Where sipway does otherwise than Kamailio 5.6.3 on purpose: the one list of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Difference:
    """Why sipway differs, and its outcome of the case, written as `str(Outcome)`."""

    reason: str
    ours: str


DIFFERENCES: Final[dict[str, Difference]] = {
    "variables-NUMBER_TRANSFORMATIONS": Difference(
        "{s.int} is a number, shown as one; Kamailio shows the text that it was made of",
        "@@ 42 4\n@@ 1\n@@ returned 1",
    ),
    "variables-NO_URI": Difference(
        "what a transformation cannot do is null, shown as null; Kamailio shows nothing there, "
        "and in an assignment does not assign",
        "@@ [<null>]\n@@ returned 1",
    ),
}
