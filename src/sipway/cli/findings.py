"""Showing what is wrong: findings in a script, and errors that ended a command."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TextIO

from sipway.cli import status, terminal
from sipway.errors import ConfigError, SipwayError
from sipway.language.diagnostics import Diagnostic, render_text


def show(diagnostics: Sequence[Diagnostic], stream: TextIO) -> None:
    """Print ``diagnostics`` as text with carets; nothing when there are none."""
    if diagnostics:
        text = render_text(
            diagnostics, colour=terminal.wants_colour(stream), width=terminal.width()
        )
        print(text.rstrip("\n"), file=stream)


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
