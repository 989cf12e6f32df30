"""Showing what is wrong: findings in a script, and errors that ended a command."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final, TextIO

from sipway.cli import status, terminal
from sipway.errors import ConfigError, SipwayError
from sipway.language.diagnostics import Diagnostic, Severity, render_text

_MISSING_MODULE: Final = "module-not-here"
_PLAIN_WIDTH: Final = 80


def show(diagnostics: Sequence[Diagnostic], stream: TextIO) -> None:
    """Print ``diagnostics``; nothing when there are none.

    A pipe or a log gets plain text that is the same whatever the terminal: each finding begins
    with ``FILE:LINE:COLUMN: error[CODE]:`` in the first column.
    """
    if not diagnostics:
        return
    if terminal.is_for_people(stream):
        # It takes 40 ms to load, and a pipe needs none of it.
        from sipway.cli import report  # noqa: PLC0415

        report.show(diagnostics, stream)
    else:
        stream.write(render_text(diagnostics, width=_PLAIN_WIDTH))


def summary(diagnostics: Sequence[Diagnostic]) -> str:
    """``3 errors, 1 warning in 2 files``: the files are those in which something was found."""
    errors = [item for item in diagnostics if item.severity is Severity.ERROR]
    warnings = len(diagnostics) - len(errors)
    parts = []
    if errors:
        missing = sum(item.code == _MISSING_MODULE for item in errors)
        of_them = f" ({missing} of them missing modules)" if 0 < missing < len(errors) else ""
        parts.append(_count(len(errors), "error") + of_them)
    if warnings:
        parts.append(_count(warnings, "warning"))
    files = len({item.span.file.path for item in diagnostics})
    return f"{', '.join(parts) or 'no errors'} in {_count(files, 'file')}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def explain(error: SipwayError) -> int:
    """Print ``error`` to standard error; returns the exit status that goes with it."""
    if isinstance(error, ConfigError) and error.diagnostics:
        show(error.diagnostics, sys.stderr)
        return status.FAILED
    style = terminal.Style(colour=terminal.wants_colour(sys.stderr))
    print(f"sipway: {style(error.message, 'bold')}", file=sys.stderr)
    if error.hint:
        print(f"  {style('hint:', 'cyan')} {error.hint}", file=sys.stderr)
    return status.FAILED
