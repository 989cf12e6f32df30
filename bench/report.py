"""Samples in, Markdown out."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.workloads import (
    CACHED_TARGET_MS,
    CHECK_TARGET_MS,
    LARGE_TARGET_MIB,
    LARGE_TARGET_MS,
    Workload,
)


@dataclass(frozen=True)
class Sample:
    """One server under one workload in one round."""

    workload: str
    server: str
    round: int
    rate: float
    user_us: float
    system_us: float
    p50_us: float
    p99_us: float
    peak_kib: int
    start_ms: float
    lost: int


def ratios(samples: Iterable[Sample], server: str, base: str) -> list[float]:
    """Rates of ``server`` divided by those of ``base``, each pair from the same round."""
    samples = list(samples)
    rates = {sample.round: sample.rate for sample in samples if sample.server == base}
    return [
        sample.rate / rates[sample.round]
        for sample in samples
        if sample.server == server and rates.get(sample.round)
    ]


def table(workload: Workload, samples: Iterable[Sample], names: Sequence[str]) -> str:
    """One workload: a row for each server of ``names``, and whether the target is reached.

    A server that failed in every round keeps its row, without numbers.
    """
    own = [sample for sample in samples if sample.workload == workload.name]
    head = ["", "replies/s: median", "min to max", "user us", "system us", "p50 us", "p99 us"]
    head += ["lost", "peak MiB"]
    compared = "kamailio" in names
    if compared:
        head.append("x Kamailio: min / median / max")
    rows = []
    for name in names:
        measured = [sample for sample in own if sample.server == name]
        row = _row(name, measured) if measured else [name, "failed", *"-------"]
        if compared:
            row.append(spread(ratios(own, name, "kamailio")))
        rows.append(row)
    lines = [f"### {workload.title}", "", *markdown(head, rows), ""]
    reached = ratios(own, "sipway", "kamailio")
    if reached:
        median = statistics.median(reached)
        verdict = "reached" if median >= workload.target else "MISSED"
        lines += [f"Target: {workload.target:g} times Kamailio. {verdict} ({median:.2f}).", ""]
    return "\n".join(lines)


def start_table(samples: Iterable[Sample], target_of: str, target_ms: float) -> str:
    """From the start of the process to its first reply, over all rounds and workloads."""
    starts: dict[str, list[float]] = {}
    for sample in samples:
        starts.setdefault(sample.server, []).append(sample.start_ms)
    rows = [
        [name, f"{statistics.median(times):.0f}", f"{min(times):.0f} to {max(times):.0f}"]
        for name, times in starts.items()
    ]
    head = ["", "ms: median", "min to max"]
    lines = ["### Start to first reply", "", *markdown(head, rows), ""]
    if target_of in starts:
        verdict = "reached" if statistics.median(starts[target_of]) < target_ms else "MISSED"
        lines += [f"Target: {target_ms:g} ms. {verdict}.", ""]
    return "\n".join(lines)


def scripts_table(results: Mapping[str, Mapping[str, Any]]) -> str:
    """What `compile.py` measured: a row for each script, wall time and in brackets processor time.

    The targets are those of the first script and of the last one.
    """
    head = ["", "lines", "in process: cold", "cached", "whole process: cold", "cached", "peak MiB"]
    rows = [
        [
            name,
            f"{result['lines']:,}",
            *(
                f"{result[kind]['ms']:,.1f} ({result[kind]['cpu_ms']:,.1f})"
                for kind in ("cold", "cached", "process_cold", "process_cached")
            ),
            f"{result['peak_mib']:.1f}",
        ]
        for name, result in results.items()
    ]
    lines = [
        "### Checking and compiling scripts",
        "",
        "Milliseconds, of which (processor time).",
        "",
    ]
    lines += [*markdown(head, rows), ""]
    small, *_, large = results.values()
    for what, target, value in (
        (
            "first script, whole process, cold: under {} ms",
            CHECK_TARGET_MS,
            small["process_cold"]["ms"],
        ),
        ("first script, cached: under {} ms", CACHED_TARGET_MS, small["cached"]["ms"]),
        (
            "last script, whole process, cold: under {} ms",
            LARGE_TARGET_MS,
            large["process_cold"]["ms"],
        ),
        ("last script: under {} MiB", LARGE_TARGET_MIB, large["peak_mib"]),
    ):
        verdict = "reached" if value < target else "MISSED"
        lines.append(f"- {what.format(target)}: {verdict} ({value:,.1f})")
    return "\n".join([*lines, ""])


def machine(versions: Iterable[str]) -> str:
    """What was measured on, and which versions."""
    facts = [
        f"{_cpu_model()}, {os.cpu_count()} processors",
        f"{platform.system()} {platform.release()}",
        f"Python {platform.python_version()} ({platform.python_compiler()})",
        *versions,
    ]
    return "\n".join([*(f"- {fact}" for fact in facts), ""])


def _row(name: str, samples: Sequence[Sample]) -> list[str]:
    def median(field: str) -> float:
        return float(statistics.median(getattr(sample, field) for sample in samples))

    rates = [sample.rate for sample in samples]
    return [
        name,
        f"{statistics.median(rates):,.0f}",
        f"{min(rates):,.0f} to {max(rates):,.0f}",
        f"{median('user_us'):.2f}",
        f"{median('system_us'):.2f}",
        f"{median('p50_us'):,.0f}",
        f"{median('p99_us'):,.0f}",
        f"{sum(sample.lost for sample in samples)}",
        f"{max(sample.peak_kib for sample in samples) / 1024:.1f}",
    ]


def spread(values: Sequence[float]) -> str:
    """The least, the median, the greatest."""
    if not values:
        return "-"
    return f"{min(values):.2f} / {statistics.median(values):.2f} / {max(values):.2f}"


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table whose columns line up as plain text too; numbers to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(head, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        first, *rest = (
            cell.rjust(width) if number else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return "| " + " | ".join([first, *rest]) + " |"

    rule = "|" + "|".join(
        "-" * (width + 1) + (":" if number else "-") for number, width in enumerate(widths)
    )
    return [line(head), rule + "|", *(line(row) for row in rows)]


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
