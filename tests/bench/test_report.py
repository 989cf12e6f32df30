"""The table that the benchmark prints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench.report import Sample, ratios, scripts_table, start_table, table
from bench.workloads import WORKLOADS, Workload

_WORKLOAD = Workload("w", "A workload", Path("w.cfg"), Path("w.sip"), status=480, target=1.2)


def _sample(server: str, number: int, rate: float, start_ms: float = 100) -> Sample:
    return Sample(
        workload="w",
        server=server,
        round=number,
        rate=rate,
        user_us=1.25,
        system_us=2.5,
        p50_us=700,
        p99_us=900,
        peak_kib=20_480,
        start_ms=start_ms,
        lost=0,
    )


def test_a_ratio_is_between_measurements_of_one_round() -> None:
    samples = [
        _sample("sipway", 0, 300),
        _sample("sipway", 1, 100),
        _sample("sipway", 2, 999),  # Kamailio failed in this round
        _sample("kamailio", 0, 100),
        _sample("kamailio", 1, 50),
    ]
    assert ratios(samples, "sipway", "kamailio") == [3.0, 2.0]


@pytest.mark.parametrize(("rate", "verdict"), [(120, "reached (1.20)"), (119, "MISSED (1.19)")])
def test_the_table_has_the_spread_and_says_whether_the_target_is_reached(
    rate: float, verdict: str
) -> None:
    samples = [_sample("sipway", number, rate + number - 1) for number in range(3)]
    samples += [_sample("kamailio", number, 100) for number in range(3)]
    text = table(_WORKLOAD, samples, ["sipway", "kamailio"])
    assert f"{(rate - 1) / 100:.2f} / {rate / 100:.2f} / {(rate + 1) / 100:.2f}" in text
    assert f"{rate - 1:.0f} to {rate + 1:.0f}" in text
    assert "20.0" in text
    assert verdict in text


def test_without_kamailio_there_is_no_ratio_and_no_verdict() -> None:
    text = table(
        _WORKLOAD, [_sample("sipway", 0, 100), _sample("echo", 0, 200)], ["sipway", "echo"]
    )
    assert "Kamailio" not in text
    assert len({line.count("|") for line in text.splitlines() if line.startswith("|")}) == 1


def test_a_server_that_failed_keeps_its_row() -> None:
    text = table(_WORKLOAD, [_sample("kamailio", 0, 100)], ["sipway", "kamailio"])
    row = next(line for line in text.splitlines() if line.startswith("| sipway"))
    assert "failed" in row
    assert len({line.count("|") for line in text.splitlines() if line.startswith("|")}) == 1
    assert "Target" not in text


@pytest.mark.parametrize(("start_ms", "verdict"), [(499, "reached"), (500, "MISSED")])
def test_the_start_is_held_against_its_target(start_ms: float, verdict: str) -> None:
    text = start_table([_sample("sipway", 0, 1, start_ms)], "sipway", 500)
    assert f"Target: 500 ms. {verdict}." in text


def test_every_workload_has_its_files() -> None:
    for workload in WORKLOADS:
        assert workload.script.is_file()
        assert "{id}" in workload.request.read_text().splitlines()[1]


def _measured(process_ms: float, cached_ms: float, peak_mib: float) -> dict[str, Any]:
    def times(ms: float) -> dict[str, float]:
        return {"ms": ms, "cpu_ms": ms / 2}

    return {
        "lines": 1234,
        "cold": times(40),
        "cached": times(cached_ms),
        "process_cold": times(process_ms),
        "process_cached": times(150),
        "peak_mib": peak_mib,
    }


def test_each_target_of_scripts_has_its_verdict() -> None:
    fine = scripts_table({"a": _measured(299, 29, 30), "b": _measured(4999, 90, 299)})
    assert fine.count("reached") == 4
    assert "1,234" in fine
    assert "4,999.0 (2,499.5)" in fine
    slow = scripts_table({"a": _measured(301, 31, 30), "b": _measured(5001, 90, 301)})
    assert slow.count("MISSED") == 4
