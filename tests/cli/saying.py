"""What a command said."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Said = tuple[int, str, str]
"""Exit status, output and errors."""

Say = Callable[..., Said]


def data(said: Said) -> Any:
    """What it said as JSON."""
    assert said[0] == 0, said
    return json.loads(said[1])
