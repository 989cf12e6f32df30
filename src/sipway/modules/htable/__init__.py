"""htable: tables of values that all messages share, `$sht(table=>key)`, which may expire.

Source: README of Kamailio's module htable; what it leaves open was tried on Kamailio 5.6.3. The
tables are those of one worker.
"""

from __future__ import annotations

from sipway.modules.htable import (
    commands,
    events,
    items,
    iterating,
    locking,
    matching,
    variables,
)
from sipway.modules.htable._module import mod

__all__ = [
    "commands",
    "events",
    "items",
    "iterating",
    "locking",
    "matching",
    "mod",
    "variables",
]
