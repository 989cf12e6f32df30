"""Selects, `@via[1].host`: parts of a message by a path, and what the server knows of itself.

Source: Kamailio's cookbook on selects, and what Kamailio 5.6.3 does where that is silent.
A select only reads and gives text. What is not there is empty for `@path` and null for
`$sel(path)`.
"""

from sipway.core.selects.tree import find_select, find_select_of

__all__ = ["find_select", "find_select_of"]
