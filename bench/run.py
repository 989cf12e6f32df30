"""``make bench``: sipway beside Kamailio and beside the bare echo, under the same load.

Each round starts every server in turn, with the same script, pinned to one processor; the load
generator runs on another. The order is reversed from round to round, and a ratio is always
between two measurements of the same round, so that a machine that grows slower or faster does
not favour anybody. Without Kamailio its column is left out.

Exit status: 0 all replies were right; 1 a reply was wrong or a server did not come up; 2 the
benchmark itself cannot run here.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

# Started as a program, it finds its own directory on the path, not the package `bench`.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import digest, report, servers
from bench.call_report import calls_tables
from bench.calls import Bench, Results
from bench.workloads import (
    CONTACT_TARGETS,
    CONTACTS,
    HERE,
    PARSE_TARGET_NS,
    RINGING,
    RINGING_TARGET_BYTES,
    START_TARGET_MS,
    WORKLOADS,
    Workload,
)

_ROOT: Final = HERE.parent
_BUILT: Final = _ROOT / "build" / "bench"
_RESULTS: Final = HERE / "RESULTS.md"
_WARM_UP_SECONDS: Final = 0.3
_WINDOW: Final = 256
# Numbers of the first requests: of those that warm up, of those that are measured.
_WARM: Final = 10_000_000
_MEASURED: Final = 20_000_000
_FILL_LIMIT: Final = 20.0
_CALLS: Final = "calls"

_HOW: Final = """\
Written by `bench/run.py --write`; `make bench` measures anew.

One worker each, UDP over loopback, {rounds} rounds of {seconds:g} s, servers alternating, {window}
requests outstanding. The server runs on one processor and the load generator (`bench/load.c`)
on another; the generator checks every reply. User and system are processor time a message
of all the server's processes, from /proc; peak memory is the worker's. Over loopback the system
time of a server includes the delivery of its replies to the generator's socket. `echo` is
the limit: it returns the request with the same batched system calls and does nothing else, but
it hands each datagram to the kernel by itself, where sipway hands over runs of one size.
"""


class _BenchError(Exception):
    """The benchmark cannot run, or a server failed; the message says why."""


def main() -> int:
    options = _options()
    try:
        load, echo, calls = (_build_c(name) for name in ("load", "echo", "calls"))
    except _BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    chosen = [server for server in servers.known_servers(echo) if server.name in options.servers]
    present = [server for server in chosen if server.is_installed()]
    for server in chosen:
        if server not in present:
            print(f"bench: {server.name} is not installed; its rows are left out.")
    workloads = [
        workload
        for workload in WORKLOADS
        if workload.name in options.workloads and digest.can_run(workload.database)
    ]
    samples, failures = _measure(present, workloads, load, options.rounds, options.seconds)
    called = None
    if _CALLS in options.workloads:
        bench = Bench(
            calls, *_processors(), options.rounds, options.seconds, fill=not options.quick
        )
        called = bench.measure(present)
        failures += called.failures
    text = _results(present, workloads, samples, called, options)
    print(text)
    for failure in failures:
        print(f"bench: {failure}", file=sys.stderr)
    if options.write and not failures:
        _RESULTS.write_text(text)
        print(f"written to {_RESULTS.relative_to(_ROOT)}")
    return 1 if failures else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure sipway beside Kamailio and an echo.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="of load, each time")
    parser.add_argument("--quick", action="store_true", help="one round of half a second")
    parser.add_argument("--write", action="store_true", help="also write bench/RESULTS.md")
    parser.add_argument(
        "--servers", nargs="+", default=["sipway", "kamailio", "echo"], metavar="NAME"
    )
    names = [*(workload.name for workload in WORKLOADS), _CALLS]
    parser.add_argument("--workloads", nargs="+", default=names, choices=names, metavar="NAME")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds = 1, 0.5
    if options.rounds < 1 or options.seconds <= 0:
        parser.error("--rounds and --seconds must be above 0")
    return options


def _build_c(name: str) -> Path:
    """Compile ``bench/NAME.c`` unless that is done."""
    source, program = HERE / f"{name}.c", _BUILT / name
    sources = [source, *HERE.glob("*.h")]
    if program.exists() and program.stat().st_mtime > max(each.stat().st_mtime for each in sources):
        return program
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if compiler is None:
        raise _BenchError("no C compiler found, and the load generator is written in C")
    _BUILT.mkdir(parents=True, exist_ok=True)
    subprocess.run([compiler, "-O2", "-o", str(program), str(source)], check=True)
    return program


def _measure(
    present: list[servers.Server],
    workloads: list[Workload],
    load: Path,
    rounds: int,
    seconds: float,
) -> tuple[list[report.Sample], list[str]]:
    """All samples, and in words what went wrong."""
    samples: list[report.Sample] = []
    failures: list[str] = []
    server_cpu, load_cpu = _processors()
    for number in range(rounds):
        order = present if number % 2 == 0 else present[::-1]
        for workload in workloads:
            for server in order:
                where = f"{workload.name}, {server.name}, round {number + 1}"
                try:
                    script = workload.script
                    if workload.database and not server.echoes:
                        script = digest.script(workload.database, _BUILT)
                    with servers.running(server, script, server_cpu) as running:
                        sample = _one(server, running, workload, load, load_cpu, number, seconds)
                except (servers.ServerError, _BenchError) as error:
                    failures.append(f"{where}: {error}")
                    continue
                samples.append(sample)
                print(f"{where}: {sample.rate:,.0f} replies/s", file=sys.stderr)
    samples.sort(key=lambda sample: [server.name for server in present].index(sample.server))
    return samples, failures


def _one(
    server: servers.Server,
    running: servers.Running,
    workload: Workload,
    load: Path,
    load_cpu: int,
    number: int,
    seconds: float,
) -> report.Sample:
    """Warm up, then measure: processor time before and after the same load."""
    request = workload.request
    if workload.database and not server.echoes:
        request = digest.template(running.target, request, _BUILT)
    command = [str(load), "--target", running.target, "--template", str(request)]
    command += ["--window", str(_WINDOW)]
    command += ["--echo"] if server.echoes else ["--expect", str(workload.status)]
    if workload.users:
        users = str(workload.users)
        command += ["--users", users]
        _run_load([*command, "--count", users], load_cpu, _FILL_LIMIT)
    _run_load([*command, "--begin", str(_WARM)], load_cpu, _WARM_UP_SECONDS)
    before = running.usage()
    result = _run_load([*command, "--begin", str(_MEASURED)], load_cpu, seconds)
    after = running.usage()
    replies = result["replies"]
    return report.Sample(
        workload=workload.name,
        server=server.name,
        round=number,
        rate=result["rate"],
        user_us=(after.user - before.user) / replies * 1e6,
        system_us=(after.system - before.system) / replies * 1e6,
        p50_us=result["latency_us"]["p50"],
        p99_us=result["latency_us"]["p99"],
        peak_kib=after.peak_kib,
        start_ms=running.start_ms,
        lost=result["lost"],
    )


def _run_load(command: list[str], cpu: int, seconds: float) -> dict[str, Any]:
    with servers.pinned(cpu):
        done = subprocess.run(
            [*command, "--seconds", str(seconds)],
            capture_output=True,
            text=True,
            timeout=seconds + 10,
            check=False,
        )
    if done.returncode == 2 or not done.stdout:
        raise _BenchError(done.stderr.strip())
    result: dict[str, Any] = json.loads(done.stdout)
    if result["wrong"]:
        raise _BenchError(f"{result['wrong']} wrong replies; the first {result['first_wrong']}")
    if not result["replies"]:
        raise _BenchError("no reply at all")
    return result


def _processors() -> tuple[int, int]:
    """One for the server, another for the load; the same where there is only one."""
    usable = sorted(os.sched_getaffinity(0))
    return usable[0], usable[1 % len(usable)]


def _results(
    present: list[servers.Server],
    workloads: list[Workload],
    samples: list[report.Sample],
    called: Results | None,
    options: argparse.Namespace,
) -> str:
    names = [server.name for server in present]
    today = dt.datetime.now(dt.UTC).date()
    how = _HOW.format(rounds=options.rounds, seconds=options.seconds, window=_WINDOW)
    versions = [line for server in present if (line := _version(server))]
    parts = [
        f"# Results, {today}\n",
        how,
        report.machine(versions),
        *(report.table(workload, samples, names) for workload in workloads),
    ]
    if called is not None:
        parts += [calls_tables(called, names), _ringing()]
    if not options.quick and any(workload.name == "contact" for workload in workloads):
        parts.append(_contacts())
    if samples:
        parts.append(report.start_table(samples, "sipway", START_TARGET_MS))
    if any(server.name == "sipway" for server in present):
        parts += [_parse_alone(), _scripts()]
    return "\n".join(parts)


def _version(server: servers.Server) -> str:
    commands = {
        "sipway": [sys.executable, "-m", "sipway", "--version"],
        "kamailio": ["kamailio", "-v"],
    }
    if server.name not in commands:
        return ""
    done = subprocess.run(commands[server.name], capture_output=True, text=True, check=False)
    return (done.stdout.splitlines() or [f"{server.name}: unknown version"])[0]


def _scripts() -> str:
    """How long scripts take to check, measured in a process of its own."""
    with servers.pinned(_processors()[0]):
        done = _alone("compile.py", timeout=300)
    if done.returncode:
        error = done.stderr.strip().splitlines()[-1]
        return f"### Checking and compiling scripts\n\nNot measured: {error}\n"
    return report.scripts_table(json.loads(done.stdout))


def _ringing() -> str:
    """The memory of calls that ring, in a process of its own."""
    done = _alone("relay.py", "--ringing", str(RINGING), timeout=300)
    title = "#### Memory of calls that ring\n\n"
    if done.returncode:
        return f"{title}Not measured: {done.stderr.strip().splitlines()[-1]}\n"
    result = json.loads(done.stdout)
    verdict = "reached" if result["bytes"] <= RINGING_TARGET_BYTES else "MISSED"
    return (
        f"{title}Each of {result['ringing']:,} INVITEs that wait for their final response takes"
        f" {result['bytes']:,} bytes. Target: {RINGING_TARGET_BYTES:,}. {verdict}.\n"
    )


def _contacts() -> str:
    """A registrar with many contacts, in a process of its own."""
    with servers.pinned(_processors()[0]):
        done = _alone("contacts.py", "--contacts", str(CONTACTS), timeout=600)
    title = f"### {CONTACTS:,} contacts\n\n"
    if done.returncode:
        return f"{title}Not measured: {done.stderr.strip().splitlines()[-1]}\n"
    result = json.loads(done.stdout)
    lines = [
        f"- {result[name]:,} {what}, at most {most:,}:"
        f" {'reached' if result[name] <= most else 'MISSED'}"
        for name, (most, what) in CONTACT_TARGETS.items()
    ]
    return title + "\n".join(lines) + "\n"


def _parse_alone() -> str:
    """The microbenchmark, in a process of its own."""
    with servers.pinned(_processors()[0]):
        done = _alone("parse.py", timeout=120)
    title = "### Parsing alone\n\n"
    if done.returncode:
        return f"{title}Not measured: {done.stderr.strip().splitlines()[-1]}\n"
    result = json.loads(done.stdout)
    verdict = "reached" if result["median_ns"] <= PARSE_TARGET_NS else "MISSED"
    build = "compiled" if result["compiled"] else "uncompiled"
    return (
        f"{title}An INVITE of {result['bytes']} bytes, {build}: {result['median_ns']} ns (median of"
        f" the rounds; the least {result['least_ns']} ns). Target, compiled: {PARSE_TARGET_NS} ns."
        f" {verdict}.\n"
    )


def _alone(program: str, *arguments: str, timeout: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(HERE / program), *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


if __name__ == "__main__":
    sys.exit(main())
