"""``sipway check``, and ``-c`` as Kamailio has it."""

from __future__ import annotations

import sys

from sipway.cli import findings, status, terminal
from sipway.errors import SipwayError
from sipway.language.diagnostics import render_json
from sipway.server.checking import check
from sipway.server.options import Options


def in_terminal(options: Options, *, as_json: bool) -> int:
    """Print what is wrong with the script; returns the exit status."""
    try:
        result = check(options)
    except SipwayError as error:
        return findings.explain(error)
    fine = result.compiled is not None
    if as_json:
        print(render_json(result.diagnostics))
    else:
        findings.show(result.diagnostics, sys.stdout)
        if fine:
            style = terminal.Style(colour=terminal.wants_colour(sys.stdout))
            print(f"{result.path}: {style('no errors', 'green')}")
    return status.OK if fine else status.FAILED


def as_kamailio(options: Options) -> int:
    """As ``kamailio -c``: findings and ``config file ok`` on standard error."""
    try:
        result = check(options)
    except SipwayError as error:
        return findings.explain(error)
    findings.show(result.diagnostics, sys.stderr)
    if result.compiled is None:
        return status.FAILED
    print("config file ok, exiting...", file=sys.stderr)
    return status.OK
