"""Transformations of variables, `$(ru{uri.user}{s.len})`, by class.

Source: Kamailio's cookbook on transformations, and what Kamailio 5.6.3 does where that is
silent. What cannot be done (a null value, a field that is no number, broken encoding) gives
null. Sizes and offsets count bytes, as there; a number as value is taken as its digits.

Importing this package registers them all with `core.builtin.core`.
"""

from sipway.core.transformations import (
    addresses,
    encodings,
    foreign,
    lists,
    sockets,
    strings,
    uris,
    values,
)

__all__ = ["addresses", "encodings", "foreign", "lists", "sockets", "strings", "uris", "values"]
