"""Check every script below a folder and show what stops each of them.

    python tools/survey.py scripts/                       sipway alone
    python tools/survey.py scripts/ --kamailio kamailio   beside Kamailio's own grammar

Each script is checked in a child process with limits for time and memory, so that a crash of the
checker is a line in the table. With `--kamailio` the share that counts is that of scripts
whose grammar Kamailio takes. Kamailio only checks (`-c`), without a network.

Exit status: 0 when no checker crashed or hung and the share without a syntax error reaches the
bar; 1 when not; 2 when there is nothing to check.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Started as a program, it finds its own directory on the path, not the package `tools`.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.survey_checks import Checked, Kamailio, Mistake, Verdict, check, check_here
from tools.survey_scripts import Found, find

_LISTED = 25


@dataclass(frozen=True, slots=True)
class Row:
    path: Path
    fragment: bool
    checked: Checked
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts over the scripts (not the fragments). `share` is the one that counts, in percent."""

    scripts: int
    clean: int
    taken: int
    taken_clean: int
    crashes: int
    hangs: int
    share: float


def survey(found: Found, kamailio: Kamailio | None, arguments: argparse.Namespace) -> list[Row]:
    """Check all that was found, `arguments.jobs` at a time."""

    def row(path: Path, fragment: bool) -> Row:
        checked = check(path, seconds=arguments.seconds, megabytes=arguments.megabytes)
        verdict = kamailio.judge(path, seconds=arguments.seconds) if kamailio else None
        return Row(path, fragment, checked, verdict)

    with ThreadPoolExecutor(arguments.jobs) as pool:
        return list(
            pool.map(
                row,
                [*found.scripts, *found.fragments],
                [False] * len(found.scripts) + [True] * len(found.fragments),
            )
        )


def is_clean(row: Row) -> bool:
    return row.checked.outcome == "checked" and not row.checked.syntax_errors


def totals(rows: Sequence[Row]) -> Totals:
    scripts = [row for row in rows if not row.fragment]
    clean = sum(map(is_clean, scripts))
    taken = [row for row in scripts if row.verdict is not None and row.verdict.outcome == "taken"]
    taken_clean = sum(map(is_clean, taken))
    counted = any(row.verdict is not None for row in scripts)
    share = _share(taken_clean, len(taken)) if counted else _share(clean, len(scripts))
    outcomes = Counter(row.checked.outcome for row in rows)
    return Totals(
        len(scripts), clean, len(taken), taken_clean, outcomes["crash"], outcomes["hang"], share
    )


def _share(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 100.0


def _percentile(values: Iterable[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


# --- the table ----------------------------------------------------------------------------


def show(rows: Sequence[Row], found: Found, folder: Path) -> None:
    """Print the table: what stops the scripts by kind, each file, the totals."""
    _show_kinds(rows)
    print()
    for row in rows:
        print(_file_line(row, folder))
    print()
    for line in _total_lines(rows, found):
        print(line)


def _show_kinds(rows: Sequence[Row]) -> None:
    for stage, title in (
        ("syntax", "syntax errors"),
        ("surroundings", "missing around the script"),
        ("meaning", "errors in what names mean"),
        ("warning", "warnings"),
    ):
        kinds: Counter[str] = Counter()
        files: Counter[str] = Counter()
        for row in rows:
            codes = [each.code for each in row.checked.mistakes if each.stage == stage]
            kinds.update(codes)
            files.update(set(codes))
        if kinds:
            print(f"{title}:")
        for code, number in kinds.most_common():
            print(f"  {number:6}  {code}  (in {files[code]} files)")
    named: Counter[str] = Counter()
    for row in rows:
        meanings = (each for each in row.checked.mistakes if each.stage == "meaning")
        named.update({f"{each.code}: {each.message}" for each in meanings})
    if named:
        print(f"errors in what names mean, by the number of files, the first {_LISTED}:")
    for text, number in named.most_common(_LISTED):
        print(f"  {number:6}  {text}")


def _file_line(row: Row, folder: Path) -> str:
    checked = row.checked
    if checked.outcome != "checked":
        result = f"{checked.outcome.upper()}: {checked.detail}"
    elif checked.syntax_errors:
        result = f"syntax: {_place(checked.syntax_errors[0], row.path)}"
    else:
        first = next((each for each in checked.mistakes if each.severity == "error"), None)
        result = "fine" if first is None else f"ok, then {_place(first, row.path)}"
    judged = ""
    if row.verdict is not None:
        reason = f" ({row.verdict.reason})" if row.verdict.reason else ""
        judged = f"; Kamailio: {row.verdict.outcome}{reason}"
    kind = "fragment " if row.fragment else ""
    return f"{kind}{row.path.relative_to(folder)}: {result}{judged}"


def _place(mistake: Mistake, script: Path) -> str:
    file = "" if Path(mistake.file) == script else f"{Path(mistake.file).name}:"
    return f"{file}{mistake.line}: [{mistake.code}] {mistake.message}"


def _total_lines(rows: Sequence[Row], found: Found) -> list[str]:
    result = totals(rows)
    fragments = [row for row in rows if row.fragment]
    lines = [
        f"scripts: {result.scripts}",
        f"  without a syntax error: {result.clean} ({_share(result.clean, result.scripts):.1f} %)",
        f"fragments: {len(fragments)}",
        f"  without a syntax error: {sum(map(is_clean, fragments))}",
        f"parts of other scripts: {len(found.parts)}; copies left out: {len(found.copies)}",
    ]
    if any(row.verdict is not None for row in rows):
        verdicts = Counter(
            row.verdict.outcome for row in rows if row.verdict is not None and not row.fragment
        )
        lines.append(
            f"Kamailio's grammar: takes {verdicts['taken']}, refuses {verdicts['refused']},"
            f" undecided {verdicts['undecided']}"
        )
        lines.append(
            f"of those that it takes, without a syntax error here:"
            f" {result.taken_clean} of {result.taken} ({result.share:.1f} %)"
        )
    seconds = [row.checked.seconds for row in rows]
    sizes = [row.checked.kilobytes / 1024 for row in rows]
    lines.append(
        f"time: at most {max(seconds, default=0):.2f} s, 95 % below"
        f" {_percentile(seconds, 0.95):.2f} s; memory: at most {max(sizes, default=0):.0f} MB,"
        f" 95 % below {_percentile(sizes, 0.95):.0f} MB"
    )
    lines.append(f"crashes: {result.crashes}, hangs: {result.hangs}")
    return lines


def as_json(rows: Sequence[Row], found: Found) -> dict[str, Any]:
    """All rows and the totals, as `--json` prints them."""
    return {
        "totals": dataclasses.asdict(totals(rows)),
        "parts": [str(path) for path in found.parts],
        "copies": [str(path) for path in found.copies],
        "files": [{**dataclasses.asdict(row), "path": str(row.path)} for row in rows],
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n\n")[0],
        epilog="example: python tools/survey.py ~/scripts --kamailio kamailio --jobs 2",
    )
    parser.add_argument("folder", type=Path, nargs="?", help="scripts are looked for below it")
    parser.add_argument("--kamailio", metavar="PROGRAM", help="also ask this Kamailio, with -c")
    parser.add_argument("--modules", metavar="FOLDER", help="where Kamailio finds its modules")
    parser.add_argument("--json", action="store_true", help="print all results as JSON")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="checks at a time (1)")
    parser.add_argument(
        "--bar", type=float, default=97.0, metavar="PERCENT", help="share that is asked for (97)"
    )
    parser.add_argument(
        "--seconds", type=float, default=30.0, metavar="S", help="limit for each check (30)"
    )
    parser.add_argument(
        "--megabytes", type=int, default=1024, metavar="MB", help="limit for each check (1024)"
    )
    parser.add_argument("--check-one", type=Path, metavar="SCRIPT", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.check_one is not None:
        print(json.dumps(check_here(arguments.check_one, arguments.megabytes)))
        return 0
    if arguments.folder is None or not arguments.folder.is_dir():
        parser.error("a folder is needed")
    folder = arguments.folder.resolve()
    found = find(folder)
    if not found.scripts and not found.fragments:
        print(f"there is no script below {folder}", file=sys.stderr)
        return 2
    kamailio = None
    if arguments.kamailio is not None:
        try:
            kamailio = Kamailio(arguments.kamailio, arguments.modules)
        except RuntimeError as error:
            print(f"Kamailio is not asked: {error}", file=sys.stderr)
            return 2
    rows = survey(found, kamailio, arguments)
    if arguments.json:
        print(json.dumps(as_json(rows, found), indent=1))
    else:
        show(rows, found, folder)
    result = totals(rows)
    return int(result.share < arguments.bar or result.crashes > 0 or result.hangs > 0)


if __name__ == "__main__":
    sys.exit(main())
