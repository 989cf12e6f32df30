"""textopsx: the message with its changes made, values in headers, lists walked through.

Source: README of Kamailio's module textopsx.
"""

from __future__ import annotations

from sipway.modules.textopsx import iterators, messages, selects, values
from sipway.modules.textopsx._module import mod

__all__ = ["iterators", "messages", "mod", "selects", "values"]
