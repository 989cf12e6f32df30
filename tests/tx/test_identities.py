"""Identities of transactions."""

from __future__ import annotations

import re

from sipway.tx.identities import Identities


def test_each_is_new_and_made_of_16_digits() -> None:
    asked: list[int] = []

    def randbytes(count: int) -> bytes:
        asked.append(count)
        return bytes((len(asked) * 7 + at * 31 + at // 256) % 256 for at in range(count))

    identities = Identities(randbytes)
    drawn = [identities.draw() for _ in range(130)]
    assert all(re.fullmatch(rb"[0-9a-f]{16}", each) for each in drawn)
    assert asked == [512, 512, 512], "64 are drawn at a time"
    first = b"".join(drawn[:64])
    assert bytes.fromhex(first.decode()) == bytes(
        (7 + at * 31 + at // 256) % 256 for at in range(512)
    )


def test_they_are_all_different() -> None:
    import secrets

    identities = Identities(secrets.token_bytes)
    assert len({identities.draw() for _ in range(1000)}) == 1000
