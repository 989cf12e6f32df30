"""What a nonce is: when it was made and for what, signed with a secret of the server's.

So nothing needs to be remembered of a challenge. Written in Base64 (RFC 4648 section 5) are

    1 byte    algorithms that were offered, as bits; 0x10: there is a number, 0x20: it is bound
    4 bytes   seconds since the epoch
    9 bytes   the number, if there is one
    9 bytes   what of the request it is bound to, if it is
    16 bytes  keyed BLAKE2b (RFC 7693) over all that

The algorithms are in it so that nobody can have a weaker one accepted than was offered. Each size
is a multiple of three bytes, so that there is one way to write it.

Compiled (see `nonces.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

import binascii
import hmac
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

_NUMBERED = 0x10
_BOUND = 0x20
_ALGORITHMS = 0x0F
_TIME_SIZE = 4
_NUMBER_SIZE = 9
_BINDING_SIZE = 9
_SEAL_SIZE = 16
_SHORTEST = 1 + _TIME_SIZE + _SEAL_SIZE
_LONGEST = _SHORTEST + _NUMBER_SIZE + _BINDING_SIZE
_LATEST = 0xFFFFFFFF
_KEY_SIZE = 64
_OF_URLS = bytes.maketrans(b"+/", b"-_")
_PLAIN = bytes.maketrans(b"-_+/", b"+/\0\0")


class Nonce:
    """`offered`: a bit for each of `ALGORITHMS`; `binding` is of `binding_of`."""

    def __init__(
        self,
        created: int,
        offered: int,
        number: int | None = None,
        binding: bytes | None = None,
    ) -> None:
        self.created = created
        self.offered = offered
        self.number = number
        self.binding = binding


def write_nonce(key: bytes, nonce: Nonce) -> str:
    kind = nonce.offered
    parts = [min(max(nonce.created, 0), _LATEST).to_bytes(_TIME_SIZE)]
    if nonce.number is not None:
        kind |= _NUMBERED
        parts.append(nonce.number.to_bytes(_NUMBER_SIZE))
    if nonce.binding is not None:
        kind |= _BOUND
        parts.append(nonce.binding)
    head = bytes((kind,)) + b"".join(parts)
    return _encoded(head + _seal(key, head))


def read_nonce(key: bytes, text: str) -> Nonce | None:
    """None if it was not made with this key, or has been altered."""
    if len(text) > _LONGEST * 4 // 3 or not text.isascii():
        return None
    try:
        data = binascii.a2b_base64(text.encode("ascii").translate(_PLAIN))
    except binascii.Error:
        return None
    # What is no letter of Base64 has been skipped.
    if len(data) < _SHORTEST or len(data) * 4 != len(text) * 3:
        return None
    head = data[:-_SEAL_SIZE]
    if not hmac.compare_digest(data[-_SEAL_SIZE:], _seal(key, head)):
        return None
    return _read_head(head)


def _read_head(head: bytes) -> Nonce:
    at = 1 + _TIME_SIZE
    created = int.from_bytes(head[1:at])
    kind = head[0]
    number = binding = None
    if kind & _NUMBERED:
        number = int.from_bytes(head[at : at + _NUMBER_SIZE])
        at += _NUMBER_SIZE
    if kind & _BOUND:
        binding = head[at : at + _BINDING_SIZE]
    return Nonce(created, kind & _ALGORITHMS, number, binding)


def binding_of(key: bytes, checks: int, parts: Sequence[bytes]) -> bytes:
    """What ties a nonce to parts of a request; `checks` says which parts these are."""
    sized = b"".join(len(each).to_bytes(4) + each for each in parts)
    return _hash(key, b"request", bytes((checks,)) + sized)[:_BINDING_SIZE]


def _encoded(data: bytes) -> str:
    return binascii.b2a_base64(data, newline=False).translate(_OF_URLS).decode("ascii")


def _seal(key: bytes, head: bytes) -> bytes:
    return _hash(key, b"nonce", head)


def _hash(key: bytes, what: bytes, data: bytes) -> bytes:
    state = _begun(key, what).copy()
    state.update(data)
    return state.digest()


@lru_cache(maxsize=16)
def _begun(key: bytes, what: bytes) -> blake2b:
    if len(key) > _KEY_SIZE:  # a long `secret` of the script's
        key = blake2b(key).digest()
    return blake2b(digest_size=_SEAL_SIZE, key=key, person=what)
