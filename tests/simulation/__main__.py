"""Run simulations for as long as one likes: python -m tests.simulation --help."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections import Counter
from pathlib import Path

import sipway
from tests.simulation.run import Result, setting, simulate

_HELP = """\
Whole networks of phones and proxies in one process, on a simulated clock, each decided by one seed:
how many there are, how bad the network is, who dies, who calls whom and how he is answered.
What must hold is checked on the wires and at the end; a seed that fails does so again.
"""


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.simulation",
        description=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="the first seed (0)")
    parser.add_argument(
        "--seeds", type=int, default=1, metavar="N", help="how many seeds, 0 for no end (1)"
    )
    parser.add_argument(
        "--calls", type=int, default=500, metavar="N", help="calls in each simulation (500)"
    )
    parser.add_argument(
        "--hours", type=float, default=0.5, metavar="H",
        help="simulated hours in which they are made (0.5)",
    )  # fmt: skip
    parser.add_argument(
        "--trace", type=Path, metavar="FILE", help="write all datagrams of the last seed to FILE"
    )
    parser.add_argument("--call", metavar="NAME", help="with --trace: only those of this Call-ID")
    parser.add_argument("-v", "--verbose", action="store_true", help="say what is counted")
    return parser.parse_args(arguments)


def _write(path: Path, result: Result, call: str | None) -> None:
    lines = [str(result.setting)]
    lines += [line for line in result.trace if call is None or f" {call} " in line]
    path.write_text("\n".join([*lines, *result.faults, ""]))


def main(arguments: list[str] | None = None) -> int:
    """Run what the arguments ask for; 1 if something did not hold."""
    options = _arguments(arguments)
    logging.disable(logging.CRITICAL)
    print(f"sipway {sipway.__version__}: {sipway.BUILD}")
    total: Counter[str] = Counter()
    failed: list[int] = []
    simulated = 0.0
    began = time.monotonic()
    seed = options.seed
    try:
        while options.seeds == 0 or seed < options.seed + options.seeds:
            made = setting(seed, options.calls, options.hours * 3600)
            result = simulate(made, trace=options.trace is not None)
            total += result.counts
            simulated += result.seconds
            if options.trace is not None:
                _write(options.trace, result, options.call)
            if result.faults:
                failed.append(seed)
                print(f"seed {seed} fails: {made}")
                for fault in result.faults:
                    print(f"    {fault}")
            seed += 1
    except KeyboardInterrupt:
        print()
    print(
        f"{seed - options.seed} seeds, {total['requests']} calls, {total['datagrams']} datagrams,"
        f" {simulated / 3600:.1f} simulated hours in {time.monotonic() - began:.1f} s;"
        f" seeds that fail: {', '.join(map(str, failed)) or 'none'}"
    )
    if options.verbose:
        for what, number in sorted(total.items()):
            print(f"    {number:>9} {what}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
