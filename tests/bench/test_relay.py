"""The calls that are fed to an Engine to see where the time goes."""

from __future__ import annotations

import pytest

from bench.relay import Driver


def test_calls_are_relayed_whole_and_their_transactions_end() -> None:
    driver = Driver()
    driver.calls(range(4), 0.0)
    # An INVITE and a BYE each; what has been answered is remembered for five seconds.
    assert len(driver.engine.layer) == 8
    driver.calls(range(4, 8), 5.1)
    assert len(driver.engine.layer) == 0
    assert driver.most_waiting == 8
    assert driver.engine.counters.requests == 3 * 8
    assert driver.engine.counters.replies == 3 * 8
    stages = ("INVITE", "180", "200", "ACK", "BYE", "200 to BYE")
    assert all(driver.spent[stage] > 0 for stage in stages)


def test_what_is_not_relayed_ends_the_measurement() -> None:
    driver = Driver()
    driver.ring(range(2))
    assert len(driver.engine.layer) == 2
    with pytest.raises(SystemExit, match="INVITE: 2 messages in, 2 out"):
        driver.calls(range(2), 0.0)  # the same calls again: only the 180 is repeated
