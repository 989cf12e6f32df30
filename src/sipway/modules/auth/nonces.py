"""What a nonce is: when it was made and for what, signed with a secret of the server's.

So nothing needs to be remembered of a challenge. Written in Base64 (RFC 4648 section 5) are

    1 byte    algorithms that were offered, as bits; 0x10: there is a number, 0x20: it is bound
    4 bytes   seconds since the epoch
    8 bytes   the number, if there is one
    8 bytes   what of the request it is bound to, if it is
    16 bytes  HMAC-SHA-256 over all that

The algorithms are in it so that nobody can have a weaker one accepted than was offered.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Sequence
from typing import Final, NamedTuple

_NUMBERED: Final = 0x10
_BOUND: Final = 0x20
_ALGORITHMS: Final = 0x0F
_TIME_SIZE: Final = 4
_NUMBER_SIZE: Final = 8
_BINDING_SIZE: Final = 8
_SEAL_SIZE: Final = 16
_SHORTEST: Final = 1 + _TIME_SIZE + _SEAL_SIZE
_LONGEST: Final = _SHORTEST + _NUMBER_SIZE + _BINDING_SIZE
_LONGEST_TEXT: Final = (_LONGEST * 4 + 2) // 3
_LATEST: Final = 0xFFFFFFFF


class Nonce(NamedTuple):
    """`offered`: a bit for each of `ALGORITHMS`; `binding` is of `binding_of`."""

    created: int
    offered: int
    number: int | None = None
    binding: bytes | None = None


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
    if len(text) > _LONGEST_TEXT:
        return None
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(data) < _SHORTEST or text != _encoded(data):  # there is one way to write it
        return None
    head, seal = data[:-_SEAL_SIZE], data[-_SEAL_SIZE:]
    if not hmac.compare_digest(seal, _seal(key, head)):
        return None
    at = 1 + _TIME_SIZE
    number = binding = None
    if head[0] & _NUMBERED:
        number = int.from_bytes(head[at : at + _NUMBER_SIZE])
        at += _NUMBER_SIZE
    if head[0] & _BOUND:
        binding = head[at : at + _BINDING_SIZE]
    created = int.from_bytes(head[1 : 1 + _TIME_SIZE])
    return Nonce(created, head[0] & _ALGORITHMS, number, binding)


def binding_of(key: bytes, checks: int, parts: Sequence[bytes]) -> bytes:
    """What ties a nonce to parts of a request; `checks` says which parts these are."""
    sized = b"".join(len(each).to_bytes(4) + each for each in parts)
    return _hash(key, b"request", bytes((checks,)) + sized)[:_BINDING_SIZE]


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _seal(key: bytes, head: bytes) -> bytes:
    return _hash(key, b"nonce", head)[:_SEAL_SIZE]


def _hash(key: bytes, what: bytes, data: bytes) -> bytes:
    return hmac.digest(key, what + b"\0" + data, "sha256")
