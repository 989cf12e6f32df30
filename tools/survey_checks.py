"""One script checked by sipway and by Kamailio, each in a child process with its limits.

A child that crashes, runs into its time limit or asks for too much memory is a result. Kamailio
is only ever asked to check (`-c`), in a network of its own without a way out, since modules may
connect to databases while their parameters are read.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sipway.core.loader import ModuleCatalog
from sipway.language import compile_file, compile_script
from sipway.language.diagnostics import Diagnostics
from sipway.language.parser import parse_file

_PROGRAM: Final = Path(__file__).resolve().with_name("survey.py")

# What the machine lacks, or what the file that is checked lacks around it: no fault of its text.
SURROUNDINGS: Final = frozenset({"include-not-found", "unreadable-file", "unset-environment"})


@dataclass(frozen=True, slots=True)
class Mistake:
    """A diagnostic. `stage` is "syntax", "surroundings" or "meaning"."""

    stage: str
    severity: str
    code: str
    message: str
    file: str
    line: int
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What sipway says of a script.

    outcome   "checked", "crash" or "hang"
    detail    of a crash: the last line that it wrote
    seconds   for reading and compiling, without the start of the interpreter
    kilobytes the largest size of the process
    """

    outcome: str
    mistakes: list[Mistake] = field(default_factory=list)
    detail: str = ""
    seconds: float = 0.0
    kilobytes: int = 0

    @property
    def syntax_errors(self) -> list[Mistake]:
        return [each for each in self.mistakes if each.stage == "syntax"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What Kamailio's grammar says: "taken", "refused" or "undecided", and why.

    `errors` are its other complaints: names that it does not know, parameters that it refuses.
    """

    outcome: str
    reason: str = ""
    errors: list[str] = field(default_factory=list)


# --- sipway -------------------------------------------------------------------------------


def check(script: Path, *, seconds: float, megabytes: int) -> Checked:
    """Check `script` in a child process; relative includes are those beside it."""
    limits = ["--megabytes", str(megabytes)]
    command = [sys.executable, str(_PROGRAM), "--check-one", str(script), *limits]
    status, output, errors = _run(command, script.parent, seconds)
    if status is None:
        return Checked("hang", detail=f"no result after {seconds:g} s")
    try:
        result = json.loads(output)
    except ValueError:
        lines = errors.strip().splitlines() or [f"exit status {status}"]
        return Checked("crash", detail=lines[-1])
    mistakes = [Mistake(**each) for each in result.pop("mistakes")]
    return Checked("checked", mistakes, **result)


def check_here(script: Path, megabytes: int) -> dict[str, Any]:
    """Check `script` in this process; what `check` reads from its child."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    start = time.perf_counter()
    compile_file(script, ModuleCatalog())
    seconds = time.perf_counter() - start
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    parsed = parse_file(script)
    mistakes = []
    for item in parsed.diagnostics:
        stage = "surroundings" if item.code in SURROUNDINGS else "syntax"
        mistakes.append((stage, item))
    if all(item.code in SURROUNDINGS for item in parsed.diagnostics.errors):
        meaning = Diagnostics()
        compile_script(parsed, ModuleCatalog(), meaning)
        mistakes += [("meaning", item) for item in meaning]
    return {
        "seconds": seconds,
        "kilobytes": kilobytes,
        "mistakes": [
            {
                "stage": "warning" if item.severity.value == "warning" else stage,
                "severity": item.severity.value,
                "code": item.code,
                "message": item.message,
                "file": item.span.file.path,
                "line": item.span.line,
                "hint": item.hint,
            }
            for stage, item in mistakes
        ],
    }


# --- Kamailio -----------------------------------------------------------------------------


class Kamailio:
    """Kamailio as a judge of grammar. Raises RuntimeError where it can't be run safely."""

    def __init__(self, program: str, modules: str | None) -> None:
        unshare = shutil.which("unshare")
        for arguments in (["-n"], ["-r", "-n"]):
            self._isolated = [unshare or "unshare", *arguments]
            if unshare and not subprocess.run([*self._isolated, "true"], check=False).returncode:
                break
        else:
            raise RuntimeError("unshare can't give it a network of its own here")
        self._command = [program] + (["-L", modules] if modules else [])

    def judge(self, script: Path, *, seconds: float) -> Verdict:
        """Have Kamailio check `script`, as far as its parser gets."""
        with tempfile.TemporaryDirectory(prefix="survey-") as folder:
            command = [*self._isolated, *self._command, "-Y", folder, "-E", "-c", "-f"]
            status, output, errors = _run([*command, str(script)], script.parent, seconds)
        return verdict(status, output + "\n" + errors)


_PLACE = re.compile(
    r"in config file ([^\n]*?), (?:from )?line (\d+), ?column [\d-]+"
    r"(?: to line \d+, column [\d-]+)?: *([^\n]*)"
)
_ERROR = re.compile(r"(?:ERROR|CRITICAL): [^\n]*\(\): ([^\n]*)")


def verdict(status: int | None, output: str) -> Verdict:
    """What the output of `kamailio -c` says of a script's grammar.

    Kamailio's parser reports what the grammar refuses as "syntax error" and goes on where it
    can; other complaints say nothing of the grammar. A variable of a module that is not there
    derails its lexer, and a missing file or a crash ends it: then nothing is known.
    """
    errors: list[str] = []
    variable = ""
    for line in output.splitlines():
        place = _PLACE.search(line)
        if place is not None:
            text = place[3].strip()
            if text == "syntax error":
                if variable:
                    return Verdict("undecided", variable, errors)
                return Verdict("refused", f"{place[1]}:{place[2]}", errors)
            if text:
                errors.append(f"{place[1]}:{place[2]}: {text}")
            variable = ""
            continue
        if "pp_ifdef_level_error" in line:
            return Verdict("refused", "#!ifdef and #!endif do not match", errors)
        if "cannot open included file" in line:
            return Verdict("undecided", line[line.index("cannot open") :].strip(), errors)
        error = _ERROR.search(line)
        if error is not None:
            if "pv_parse_spec" in line or "pv_cache" in line:
                variable = error[1]
            errors.append(error[1])
    if status is None:
        return Verdict("undecided", "no result in time", errors)
    finished = (
        "config file ok" in output
        or "(parsing code: 0)" in output
        or "failed to initialize list addresses" in output
    )
    if not finished:
        return Verdict("undecided", f"ended with status {status}", errors)
    return Verdict("taken", "", errors)


# --- children -----------------------------------------------------------------------------


def _run(command: Sequence[str], folder: Path, seconds: float) -> tuple[int | None, str, str]:
    """Run a program; its status (None when it ran out of time), output and errors."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        output, errors = process.communicate(timeout=seconds)
        status: int | None = process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, errors = process.communicate()
        status = None
    return status, output.decode(errors="replace"), errors.decode(errors="replace")
