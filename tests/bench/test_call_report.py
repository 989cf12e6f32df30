"""The tables of calls."""

from __future__ import annotations

import pytest

from bench.call_report import calls_tables
from bench.calls import CallSample, LatencySample, OverloadSample, Results


def _calls(server: str, number: int, rate: float, cpu: float) -> CallSample:
    return CallSample(
        server=server,
        round=number,
        rate=rate,
        user_us=cpu / 2,
        system_us=cpu / 2,
        failed=1,
        lost=2,
        peak_kib=20_480,
    )


def _overload(server: str, accepted_lost: int) -> OverloadSample:
    return OverloadSample(
        server=server,
        round=0,
        offered=2000,
        completed=900,
        refused=11,
        unanswered=22,
        accepted_lost=accepted_lost,
    )


@pytest.mark.parametrize(
    ("rate", "cpu", "verdicts"),
    [
        (100, 50, ("reached (1.00)", "reached (1.00)")),
        (99, 51, ("MISSED (0.99)", "MISSED (1.02)")),
    ],
)
def test_calls_are_compared_within_a_round_by_rate_and_by_processor_time(
    rate: float, cpu: float, verdicts: tuple[str, str]
) -> None:
    results = Results()
    for number, scale in enumerate((1, 2, 3)):
        results.calls.append(_calls("sipway", number, rate * scale, cpu * scale))
        results.calls.append(_calls("kamailio", number, 100 * scale, 50 * scale))
    results.calls.append(_calls("sipway", 3, 1, 1_000))  # Kamailio failed in this round
    text = calls_tables(results, ["sipway", "kamailio", "echo"])
    for verdict in verdicts:
        assert verdict in text
    ratio = f"{rate / 100:.2f}"
    assert f"{ratio} / {ratio} / {ratio}" in text
    row = next(line for line in text.splitlines() if line.startswith("| kamailio"))
    cells = [cell.strip() for cell in row.split("|")]
    assert cells[2:9] == ["200", "100 to 300", "50.0", "50.0", "3", "6", "20.0"]


def test_latency_and_overload_have_tables_of_their_own() -> None:
    results = Results()
    results.calls.append(_calls("sipway", 0, 1000, 50))
    results.latencies.append(LatencySample("sipway", 0, 500, 10, 20, 30, 40, 0, 0))
    results.overloads.append(_overload("sipway", 0))
    text = calls_tables(results, ["sipway"])
    assert "at 500 calls/s" in text
    assert "Kamailio" not in text
    cells = [
        [cell.strip() for cell in line.split("|")][2:-1]
        for line in text.splitlines()
        if line.startswith("| sipway")
    ]
    assert cells[1] == ["10", "20", "30", "40", "0", "0"]
    assert cells[2] == ["2,000", "900", "11", "22", "0"]
    assert "no accepted call is lost. reached (0)" in text


def test_an_accepted_call_that_was_lost_misses_the_target() -> None:
    results = Results()
    results.calls.append(_calls("sipway", 0, 1000, 50))
    results.overloads += [_overload("sipway", 0), _overload("sipway", 3)]
    assert "no accepted call is lost. MISSED (3)" in calls_tables(results, ["sipway"])


def test_without_samples_it_says_so() -> None:
    assert "Not measured" in calls_tables(Results(), ["sipway", "kamailio"])
