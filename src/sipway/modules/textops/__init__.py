"""textops: text of a message asked after and changed.

Source: README of Kamailio's module textops. A change takes effect on the message that goes on;
what is asked after a change still sees the message as received, as on Kamailio.
"""

from __future__ import annotations

from sipway.modules.textops import (
    bodies,
    headers,
    lists,
    multipart,
    questions,
    replacing,
    transformations,
    via,
)
from sipway.modules.textops._module import mod

__all__ = [
    "bodies",
    "headers",
    "lists",
    "mod",
    "multipart",
    "questions",
    "replacing",
    "transformations",
    "via",
]
