"""``sipway check``, and ``-c`` as Kamailio has it."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from sipway.cli import findings, status, terminal
from sipway.errors import SipwayError
from sipway.language.diagnostics import Diagnostic, Diagnostics, Severity, render_json
from sipway.language.record import replace
from sipway.language.source import SourceFile, Span, decode
from sipway.server.checking import check
from sipway.server.options import Options

_STDIN: Final = "-"
_TEXT_WIDTH: Final = 79


def in_terminal(
    scripts: Sequence[str],
    defines: Mapping[str, str | None],
    *,
    as_json: bool = False,
    strict: bool = False,
    cache: bool = True,
) -> int:
    """Print what is wrong with the scripts; returns the exit status.

    ``strict``: warnings count as errors do. ``cache``: a script that has not changed may come
    from the cache.
    """
    found: list[Diagnostic] = []
    try:
        for name in scripts:
            found += _one(name, Options(defines=defines, cache=cache))
    except SipwayError as error:
        return findings.explain(error)
    if as_json:
        print(render_json(found))
    else:
        findings.show(found, sys.stdout)
        if found and not terminal.is_for_people(sys.stdout):
            print()
        print(_verdict(scripts, found))
    errors = any(item.severity is Severity.ERROR for item in found)
    return status.FAILED if errors or (strict and found) else status.OK


def _one(name: str, options: Options) -> Sequence[Diagnostic]:
    if name != _STDIN:
        return check(replace(options, script=Path(name))).diagnostics
    try:
        source = SourceFile("<stdin>", decode(sys.stdin.buffer.read()))
    except ValueError as error:
        diagnostics = Diagnostics()
        place = Span.point(SourceFile("<stdin>", ""), 0)
        diagnostics.error("unreadable-file", f"this file is no script: {error}", place)
        return list(diagnostics)
    return check(options, source).diagnostics


def _verdict(scripts: Sequence[str], found: Sequence[Diagnostic]) -> str:
    style = terminal.Style(colour=terminal.wants_colour(sys.stdout))
    if found:
        failed = any(item.severity is Severity.ERROR for item in found)
        return style(findings.summary(found), "bold", "red" if failed else "yellow")
    if len(scripts) > 1:
        return style(f"no errors in {len(scripts)} files", "green")
    shown = "<stdin>" if scripts[0] == _STDIN else scripts[0]
    return f"{shown}: {style('no errors', 'green')}"


def explain(code: str) -> int:
    """Print what a code of a finding means; returns the exit status."""
    from sipway.language.explain import EXPLANATIONS, nearest_code

    entry = EXPLANATIONS.get(code)
    if entry is None:
        near = nearest_code(code)
        hint = f": did you mean {near}?" if near else ""
        print(f"sipway check: there is no code {code}{hint}", file=sys.stderr)
        return status.USAGE
    style = terminal.Style(colour=terminal.wants_colour(sys.stdout))
    print(style(code, "bold"))
    for text in (entry.what, entry.why):
        print(textwrap.fill(text, _TEXT_WIDTH, initial_indent="  ", subsequent_indent="  "))
    print(f"\n{style('for example', 'cyan')}")
    print(textwrap.indent(entry.example.rstrip("\n"), "    "))
    print(f"\n{style('to mend it', 'cyan')}")
    print(textwrap.fill(entry.fix, _TEXT_WIDTH, initial_indent="  ", subsequent_indent="  "))
    return status.OK


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
