"""textops: text of a message asked after and changed.

Source: README of Kamailio's module textops. A change takes effect on the message that goes on;
what is asked after a change still sees the message as received, as on Kamailio. Left out are
the functions that put together bodies of several parts (set_body_multipart(),
append_body_part(), remove_body_part()).
"""

from __future__ import annotations

from sipway.modules.textops import (
    bodies,
    headers,
    lists,
    questions,
    replacing,
    transformations,
)
from sipway.modules.textops._module import mod

__all__ = ["bodies", "headers", "lists", "mod", "questions", "replacing", "transformations"]
