"""How the URI that was replaced travels in a parameter of the Record-Route.

The bytes of both URIs are XORed, and a password with them, and written in Base64 with `-` as
padding. Whoever has one of the URIs gets the other, in either direction of the dialog. As Kamailio
5.6.3 writes it, so that dialogs outlive a change from one to the other.
"""

from __future__ import annotations

import base64
import binascii
import re
from itertools import cycle
from typing import Final

_NO_URI: Final = re.compile(rb'[\0-\x20"<>\x7f]')


def hide(old: str, new: str, password: str) -> str:
    """What tells one of the URIs to whoever has the other one."""
    first, second = _bytes(old), _bytes(new)
    length = max(len(first), len(second))
    mixed = _xor(first.ljust(length, b"\0"), second.ljust(length, b"\0"))
    return base64.b64encode(_with(mixed, password)).decode().replace("=", "-")


def is_hidden(value: str) -> bool:
    """Whether a value can be what `hide` has made."""
    return bool(_decoded(value))


def found_with(uri: str, value: str, password: str) -> str | None:
    """The other URI; None if the value does not belong to this one."""
    mixed = _decoded(value)
    known = _bytes(uri)
    if mixed is None or len(known) > len(mixed):
        return None
    other = _xor(known.ljust(len(mixed), b"\0"), _with(mixed, password)).rstrip(b"\0")
    if not other or _NO_URI.search(other):
        return None
    return other.decode("utf-8", "surrogateescape")


def _decoded(value: str) -> bytes | None:
    try:
        return base64.b64decode(value.replace("-", "="), validate=True)
    except (binascii.Error, ValueError):
        return None


def _with(data: bytes, password: str) -> bytes:
    return _xor(data, _bytes(password)) if password else data


def _xor(data: bytes, other: bytes) -> bytes:
    """Byte by byte; the other is repeated as far as the first one goes."""
    return bytes(a ^ b for a, b in zip(data, cycle(other), strict=False))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
