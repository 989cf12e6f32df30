"""Warnings about scripts that are no errors: one file for each rule.

A rule is a module with `CODE`, `WHAT`, `WHY` and `FIX` (for `check --explain`), `EXAMPLE` (a
script that it warns about) and `check(script, scope)`, which yields diagnostics. A warning that
is wrong is worse than none: in doubt a rule is silent.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType

from sipway.language.diagnostics import Diagnostic
from sipway.language.lint import (
    cannot_wait,
    missing_handler,
    missing_socket,
    second_reply,
    unreachable_code,
    unset_variable,
    unused_block,
    unused_event,
)
from sipway.language.nodes import Script
from sipway.language.resolve import Scope

RULES: tuple[ModuleType, ...] = (
    unreachable_code,
    unused_block,
    unused_event,
    second_reply,
    unset_variable,
    missing_handler,
    missing_socket,
    cannot_wait,
)


def lint(script: Script, scope: Scope) -> Iterable[Diagnostic]:
    """All warnings about a script that has no errors."""
    for rule in RULES:
        yield from rule.check(script, scope)
