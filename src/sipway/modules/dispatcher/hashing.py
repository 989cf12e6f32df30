"""The hash by which a destination is chosen, the same as Kamailio's for the same texts.

So that two proxies, one of each, send a call to the same gateway, and `dispatcher.hash` can be
asked of either. Found by giving many texts to Kamailio 5.6.3: words of four bytes, what is left of
a text as one more, each word mixed with itself, all of it added up.
"""

from __future__ import annotations

import struct
from typing import Final

from sipway.core.context import Context
from sipway.core.ruri import cut
from sipway.errors import SipParseError

_MASK: Final = 0xFFFFFFFF
_PORTS: Final = {"sip": 5060, "sips": 5061}


def _sum(data: bytes) -> int:
    count = len(data) >> 2
    total: int = sum(word ^ (word >> 3) for word in struct.unpack_from(f">{count}I", data))
    rest = int.from_bytes(data[count << 2 :], "big")
    return total + (rest ^ (rest >> 3))


def hash_of(*texts: str) -> int:
    """A number from 1 to 2**32 - 1."""
    total = sum(_sum(each.encode("utf-8", "surrogateescape")) for each in texts) & _MASK
    return (total + (total >> 11) + (total >> 13) + (total >> 23)) & _MASK or 1


def hash_of_uri(uri: str, *, user_only: bool) -> int:
    """Over the user, and the host with a port that is not the default one of the scheme.

    All as written. Raises SipParseError.
    """
    parts = cut(uri)
    user = parts.user or ""
    if user_only:
        return hash_of(user)
    place = parts.host
    if parts.port and int(parts.port) != _PORTS.get(parts.scheme.lower()):
        place += f":{parts.port}"
    return hash_of(user, place)


def from_hash(ctx: Context, *, user_only: bool) -> int:
    return _of(ctx.message.from_uri, user_only)


def to_hash(ctx: Context, *, user_only: bool) -> int:
    return _of(ctx.message.to_uri, user_only)


def uri_hash(ctx: Context, *, user_only: bool) -> int:
    """Over the Request-URI as the script has left it."""
    return _of(ctx.uri, user_only)


def _of(uri: str | None, user_only: bool) -> int:
    """Raises ValueError for what is no URI."""
    try:
        return hash_of_uri(uri or "", user_only=user_only)
    except SipParseError as error:
        raise ValueError(f"{uri or 'nothing':.60} cannot be hashed: {error.reason}") from None
