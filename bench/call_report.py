"""Samples of calls in, Markdown out."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol, TypeVar

from bench.calls import WINDOW, CallSample, LatencySample, OverloadSample, Results
from bench.report import markdown, spread

TARGET: Final = 1.0
"""How many times Kamailio's calls a second; and at most its processor time."""

_BASE: Final = "kamailio"

_HOW: Final = """\
Through `record_route`, `t_relay` and routes for branches, replies and failures; {window} calls
under way, all messages checked by `bench/calls.c`. Measured when as many transactions end as begin.
Processor time is a call's; memory, with that which is shared, the busiest process's."""

_HOW_LATENCY: Final = """\
Half of what the slower server can do. From one phone's system call to the other's, so that a phone
that is late counts too. The median of the rounds."""

_HOW_OVERLOAD: Final = """\
The phones send again what is not answered, for 32 s. Rates are those of the time in which calls are
offered; the rest is counted until the last one has ended, and over all rounds."""


class _Sample(Protocol):
    @property
    def server(self) -> str: ...
    @property
    def round(self) -> int: ...


_S = TypeVar("_S", bound=_Sample)


def calls_tables(results: Results, names: Sequence[str]) -> str:
    """Calls a second, added latency, overload: a table each, with what is reached."""
    names = [name for name in names if any(each.server == name for each in results.calls)]
    if not names:
        return "### Calls\n\nNot measured.\n"
    parts = [_capacity(results.calls, names)]
    if results.latencies:
        parts.append(_latency(results.latencies, names))
    if results.overloads:
        parts.append(_overload(results.overloads, names))
    return "\n".join(parts)


def call_ratios(samples: Iterable[_S], server: str, value: Callable[[_S], float]) -> list[float]:
    """What `value` is of ``server`` divided by that of Kamailio, each pair from the same round."""
    samples = list(samples)
    base = {each.round: value(each) for each in samples if each.server == _BASE}
    return [
        value(each) / base[each.round]
        for each in samples
        if each.server == server and base.get(each.round)
    ]


def _rate(sample: CallSample) -> float:
    return sample.rate


def _cpu(sample: CallSample) -> float:
    return sample.cpu_us


def _capacity(samples: Sequence[CallSample], names: Sequence[str]) -> str:
    head = ["", "calls/s: median", "min to max", "user us", "system us", "failed", "lost"]
    head.append("peak MiB")
    compared = _BASE in names
    if compared:
        head += ["x Kamailio: min / median / max", "its processor time"]
    rows = []
    for name in names:
        own = [each for each in samples if each.server == name]
        rates = [each.rate for each in own]
        row = [
            name,
            f"{statistics.median(rates):,.0f}",
            f"{min(rates):,.0f} to {max(rates):,.0f}",
            f"{statistics.median(each.user_us for each in own):.1f}",
            f"{statistics.median(each.system_us for each in own):.1f}",
            f"{sum(each.failed for each in own)}",
            f"{sum(each.lost for each in own)}",
            f"{max(each.peak_kib for each in own) / 1024:.1f}",
        ]
        if compared:
            row += [spread(call_ratios(samples, name, _rate))]
            row += [spread(call_ratios(samples, name, _cpu))]
        rows.append(row)
    lines = [
        "### Calls: INVITE, 100, 180, 200, ACK, BYE, 200",
        "",
        _HOW.format(window=WINDOW),
        "",
        *markdown(head, rows),
        "",
    ]
    rate, cpu = call_ratios(samples, "sipway", _rate), call_ratios(samples, "sipway", _cpu)
    if rate:
        reached = statistics.median(rate) >= TARGET
        lines.append(
            f"Target: {TARGET:g} times Kamailio's calls a second."
            f" {_verdict(reached)} ({statistics.median(rate):.2f})."
        )
        reached = statistics.median(cpu) <= TARGET
        lines.append(
            f"Target: at most {TARGET:g} times its processor time a call."
            f" {_verdict(reached)} ({statistics.median(cpu):.2f})."
        )
        lines.append("")
    return "\n".join(lines)


def _latency(samples: Sequence[LatencySample], names: Sequence[str]) -> str:
    head = ["", "INVITE: p50 us", "p99 us", "200: p50 us", "p99 us", "failed", "lost"]
    rows = []
    for name in names:
        own = [each for each in samples if each.server == name]
        if own:
            rows.append(
                [
                    name,
                    f"{statistics.median(each.invite_p50_us for each in own):,.0f}",
                    f"{statistics.median(each.invite_p99_us for each in own):,.0f}",
                    f"{statistics.median(each.ok_p50_us for each in own):,.0f}",
                    f"{statistics.median(each.ok_p99_us for each in own):,.0f}",
                    f"{sum(each.failed for each in own)}",
                    f"{sum(each.lost for each in own)}",
                ]
            )
    lines = [
        f"#### Time added at {samples[0].offered:,.0f} calls/s",
        "",
        _HOW_LATENCY,
        "",
        *markdown(head, rows),
        "",
    ]
    return "\n".join(lines)


def _overload(samples: Sequence[OverloadSample], names: Sequence[str]) -> str:
    head = ["", "offered/s", "completed/s", "refused", "unanswered", "accepted, then lost"]
    rows = []
    for name in names:
        own = [each for each in samples if each.server == name]
        if own:
            rows.append(
                [
                    name,
                    f"{statistics.median(each.offered for each in own):,.0f}",
                    f"{statistics.median(each.completed for each in own):,.0f}",
                    f"{sum(each.refused for each in own):,}",
                    f"{sum(each.unanswered for each in own):,}",
                    f"{sum(each.accepted_lost for each in own):,}",
                ]
            )
    lines = [
        "#### Twice as many calls as each can do",
        "",
        _HOW_OVERLOAD,
        "",
        *markdown(head, rows),
        "",
    ]
    ours = [each for each in samples if each.server == "sipway"]
    if ours:
        lost = sum(each.accepted_lost for each in ours)
        lines += [f"Target: no accepted call is lost. {_verdict(lost == 0)} ({lost}).", ""]
    return "\n".join(lines)


def _verdict(reached: bool) -> str:
    return "reached" if reached else "MISSED"
