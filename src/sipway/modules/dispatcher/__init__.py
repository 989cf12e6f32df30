"""dispatcher: requests spread over sets of destinations, which are probed and failed over.

Source: README of Kamailio's module dispatcher; what it leaves open was tried on Kamailio 5.6.3.
"""

from __future__ import annotations

from sipway.modules.dispatcher import (
    commands,
    groups,
    loading,
    loads,
    marking,
    names,
    probing,
    questions,
    selecting,
)
from sipway.modules.dispatcher._module import mod

__all__ = [
    "commands",
    "groups",
    "loading",
    "loads",
    "marking",
    "mod",
    "names",
    "probing",
    "questions",
    "selecting",
]
