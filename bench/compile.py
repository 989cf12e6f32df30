"""How long checking and compiling scripts takes, and how much memory. Prints one JSON object.

Two kinds of time:

- *process*: the wall time of ``sipway check FILE`` from start to end of the process, the
  interpreter's own start included. Python's ``.pyc`` files are there, as in an installation.
- *in process*: reading, checking and compiling alone, with all modules imported.

*Cold* is without the cache of compiled scripts, *cached* with an entry in it. Of the stock script
of Kamailio, where it is installed, and of a script of 20,000 lines (``large_script.py``).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

# Started as a program, it finds its own directory on the path, not the package `bench`.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.large_script import script
from sipway.core.loader import ModuleCatalog
from sipway.language import compile_file
from sipway.language.cache import ScriptCache

STOCK: Final = Path("/etc/kamailio/kamailio.cfg")
LINES: Final = 20_000
_ROUNDS: Final = 7
_LARGE_ROUNDS: Final = 3


def measure(path: Path, defines: tuple[str, ...], rounds: int, folder: Path) -> dict[str, Any]:
    """Medians for one script: milliseconds of wall time and of processor time, MiB at the peak."""
    names = dict.fromkeys(defines)
    cache = ScriptCache(folder / "in-process", "bench")

    def cold() -> None:
        compile_file(path, ModuleCatalog(), names)

    def cached() -> None:
        compile_file(path, ModuleCatalog(), names, cache)

    cold()
    cached()
    command = [sys.executable, "-m", "sipway", "check", str(path)]
    command += [f"-A{name}" for name in defines]
    environment = {name: value for name, value in os.environ.items() if name != _NO_PYC}
    environment |= {"PYTHONPYCACHEPREFIX": str(folder / "pyc"), "SIPWAY_CACHE": str(folder / "own")}
    _process(command, environment)  # writes .pyc files and the entry
    cold_runs = [_process([*command, "--no-cache"], environment) for _ in range(rounds)]
    cached_runs = [_process(command, environment) for _ in range(rounds)]
    return {
        "lines": path.read_bytes().count(b"\n"),
        "cold": _medians([_timed(cold) for _ in range(rounds)]),
        "cached": _medians([_timed(cached) for _ in range(rounds)]),
        "process_cold": _medians(cold_runs),
        "process_cached": _medians(cached_runs),
        "peak_mib": round(max(each[2] for each in cold_runs), 1),
    }


_NO_PYC: Final = "PYTHONDONTWRITEBYTECODE"


def _timed(work: Callable[[], None]) -> tuple[float, float]:
    """Milliseconds of wall time and of processor time."""
    begin, begin_cpu = time.perf_counter(), time.process_time()
    work()
    return (time.perf_counter() - begin) * 1e3, (time.process_time() - begin_cpu) * 1e3


def _medians(samples: Sequence[tuple[float, ...]]) -> dict[str, float]:
    return {
        name: round(statistics.median(sample[at] for sample in samples), 1)
        for at, name in enumerate(("ms", "cpu_ms"))
    }


def _process(command: list[str], environment: dict[str, str]) -> tuple[float, float, float]:
    """Milliseconds, those of the processor, and MiB of a process; its words do not matter."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    elapsed = (time.perf_counter() - begin) * 1e3
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):  # 1: the script has errors, such as modules not here
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return elapsed, (usage.ru_utime + usage.ru_stime) * 1e3, usage.ru_maxrss / 1024


def _features(path: Path) -> tuple[str, ...]:
    """The names that the stock script's #!ifdefs ask for."""
    words = path.read_text().replace("#!ifndef", "#!ifdef").split()
    asked = (name for word, name in pairwise(words) if word == "#!ifdef")
    return tuple(sorted({name for name in asked if name.startswith("WITH_")}))


def main() -> None:
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if STOCK.exists():
            results["stock script"] = measure(STOCK, (), _ROUNDS, folder)
            features = _features(STOCK)
            results["stock script, all features"] = measure(STOCK, features, _ROUNDS, folder)
        large = folder / "large.cfg"
        large.write_text(script(LINES))
        results[f"{LINES:,} lines"] = measure(large, (), _LARGE_ROUNDS, folder)
    print(json.dumps(results))


if __name__ == "__main__":
    main()
