"""``sipway graph``: which routing block calls which."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from sipway.cli import findings, status, terminal
from sipway.core.loader import ModuleCatalog
from sipway.language.diagnostics import Diagnostics
from sipway.language.graph import call_graph
from sipway.language.graph_text import as_dot, as_json, as_mermaid, as_text
from sipway.language.nodes import ModParam, Script
from sipway.language.parser import ParseResult, parse, parse_file
from sipway.language.source import SourceFile, Span, decode

# Kamailio's modules whose functions ask a database, a name server or another server, or start a
# program, and functions of others that do, or that suspend the request.
_WAITING_MODULES: Final = frozenset(
    {
        "alias_db", "auth_db", "auth_diameter", "auth_radius", "enum", "exec", "group",
        "http_async_client", "http_client", "jsonrpcc", "ldap", "misc_radius", "ndb_cassandra",
        "ndb_mongodb", "ndb_redis", "rtpengine", "rtpproxy", "speeddial", "sqlops", "uri_db",
        "utils",
    }
)  # fmt: skip
_WAITING: Final = frozenset(
    {
        "async_ms_sleep", "async_sleep", "avp_db_delete", "avp_db_load", "avp_db_query",
        "avp_db_store", "dns_query", "dns_sys_match_ip", "evapi_async_relay", "sleep", "t_suspend",
        "usleep",
    }
)  # fmt: skip
_AT_ONCE: Final = frozenset({"sql_result_free", "redis_free", "set_rtpengine_set"})
_STDIN: Final = "-"


def in_terminal(script: str, defines: Mapping[str, str | None], form: str | None) -> int:
    """Print the call graph of a script; returns the exit status.

    ``form`` is text, dot, svg, mermaid or json, or None for text on a terminal and dot in a pipe.
    """
    parsed = _parse(script, defines)
    if parsed.diagnostics.errors:
        findings.show(parsed.diagnostics.sorted(), sys.stderr)
        return status.FAILED
    graph = call_graph(parsed.script, _waits(ModuleCatalog(), _parameters(parsed.script)))
    title = "<stdin>" if script == _STDIN else Path(script).name
    form = form or ("text" if sys.stdout.isatty() else "dot")
    if form == "svg":
        return _draw(as_dot(graph, title))
    if form == "text":
        style = terminal.Style(colour=terminal.wants_colour(sys.stdout))
        print(as_text(graph, style), end="")
    elif form == "mermaid":
        print(as_mermaid(graph), end="")
    elif form == "json":
        print(as_json(graph))
    else:
        print(as_dot(graph, title), end="")
    return status.OK


def _parse(script: str, defines: Mapping[str, str | None]) -> ParseResult:
    if script != _STDIN:
        return parse_file(script, defines)
    try:
        return parse(SourceFile("<stdin>", decode(sys.stdin.buffer.read())), defines)
    except ValueError as error:
        source = SourceFile("<stdin>", "")
        diagnostics = Diagnostics()
        message = f"this file is no script: {error}"
        diagnostics.error("unreadable-file", message, Span.point(source, 0))
        empty = parse(source)
        return ParseResult(empty.script, diagnostics, empty.files, {})


def _parameters(script: Script) -> dict[tuple[str, str], int | str]:
    """What the script sets of modules, as it is written."""
    return {
        (module, item.name): item.value
        for item in script.items
        if isinstance(item, ModParam)
        for module in item.modules.split("|")
    }


def _waits(
    catalog: ModuleCatalog, parameters: Mapping[tuple[str, str], int | str]
) -> Callable[[str], bool]:
    """Whether a function may wait: as our modules say, as Kamailio's documentation does."""
    signatures = [catalog.core, *filter(None, map(catalog.module, catalog.module_names()))]

    @cache
    def waits(name: str) -> bool:
        for module in signatures:
            if name in module.functions:
                return module.functions[name].given(parameters).may_wait
        if name in _WAITING:
            return True
        if name in _AT_ONCE:
            return False
        owners = (module for module in catalog.foreign.values() if name in module.functions)
        return any(module.name in _WAITING_MODULES for module in owners)

    return waits


def _draw(dot: str) -> int:
    program = shutil.which("dot")
    style = terminal.Style(colour=terminal.wants_colour(sys.stderr))
    if program is None:
        message = "SVG is drawn by the program `dot` of Graphviz, which is not installed"
        print(f"sipway: {style(message, 'bold')}", file=sys.stderr)
        hint = "install graphviz, or write --format dot or --format mermaid"
        print(f"  {style('hint:', 'cyan')} {hint}", file=sys.stderr)
        return status.FAILED
    done = subprocess.run(
        [program, "-Tsvg"], input=dot.encode("utf-8"), capture_output=True, check=False
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()
        print(f"sipway: {style(f'`dot` failed: {said}', 'bold')}", file=sys.stderr)
        return status.FAILED
    print(done.stdout.decode("utf-8"), end="")
    return status.OK
