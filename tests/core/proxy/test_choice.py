"""The best of several final responses."""

from __future__ import annotations

import pytest

from sipway.core.proxy.choice import priority

# As Kamailio 5.6.3 orders them: tests/compat/flows/best.py compares all pairs.
ORDERED = [
    *(600, 603, 606, 300, 302, 380, 401, 407, 415, 420, 484),
    *(400, 403, 404, 408, 416, 480, 486, 487, 488, 491, 500, 503, 504, 580),
]


def test_the_order_of_all_of_them() -> None:
    shuffled = ORDERED[::-1]
    shuffled.sort(key=priority)
    assert shuffled == ORDERED


@pytest.mark.parametrize("status", range(300, 700))
def test_no_two_have_the_same_place(status: int) -> None:
    assert [each for each in range(300, 700) if priority(each) == priority(status)] == [status]
