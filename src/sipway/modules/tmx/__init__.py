"""tmx: more functions and the variables of transactions.

Source: README of Kamailio's module tmx.
"""

from sipway.modules.tmx import (
    acknowledging,
    cancels,
    counting,
    others,
    questions,
    suspending,
    variables,
)
from sipway.modules.tmx._module import mod

__all__ = [
    "acknowledging",
    "cancels",
    "counting",
    "mod",
    "others",
    "questions",
    "suspending",
    "variables",
]
