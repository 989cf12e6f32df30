"""pv: what works on variables; the variables themselves need no module here.

Source: README of Kamailio's module pv.
"""

from sipway.modules.pv import (
    asking,
    branches,
    commands,
    copying,
    parameters,
    statistics,
    tables,
    texts,
)
from sipway.modules.pv._module import mod

__all__ = [
    "asking", "branches", "commands", "copying", "mod", "parameters", "statistics", "tables",
    "texts",
]  # fmt: skip
