"""What is no script yet, or one of another server: told once, instead of for each line of it."""

from __future__ import annotations

import re
from typing import Final

from sipway.language.diagnostics import Diagnostics
from sipway.language.lexer import NAME, STRING, Token, string_value
from sipway.language.preprocessor import Preprocessed
from sipway.language.source import SourceFile, Span

# The three marks, each the first in its line, in this order.
_MERGE: Final = (
    re.compile(r"^<{7}(?: .*)?$", re.MULTILINE),
    re.compile(r"^={7}$", re.MULTILINE),
    re.compile(r"^>{7}(?: .*)?$", re.MULTILINE),
)
_PLACEHOLDER: Final = re.compile(
    r"^[ \t]*(?:listen|alias)[ \t]*=[^\"'#\n]*?"
    r"(?P<what><[^<>\"\n]+>|\{\{[^{}\n]*\}\}|\$\{\w+\}|%\w+%|@\w+@)[^\n]*",
    re.MULTILINE,
)
# Modules that OpenSIPS has and Kamailio, under this name, never had.
_OPENSIPS: Final = frozenset(
    ("b2b_entities", "b2b_logic", "cachedb_local", "clusterer", "event_routing", "fraud_detection",
     "load_balancer", "mi_datagram_ng", "mid_registrar", "proto_bin", "proto_bins", "proto_hep",
     "proto_sctp", "proto_smpp", "proto_tcp", "proto_tls", "proto_udp", "proto_ws", "proto_wss",
     "rest_client", "signaling", "sip_i", "sipmsgops", "tls_mgm", "topology_hiding")
)  # fmt: skip


def is_foreign(found: Preprocessed, diagnostics: Diagnostics) -> bool:
    """Whether this is nothing that can be read as a script; reported if so.

    The tokens of lines with unfilled places are taken out, and reported as one.
    """
    if any(_has_merge(file, diagnostics) for file in found.files):
        return True
    if _is_opensips(found.tokens, diagnostics):
        return True
    _unfilled(found, diagnostics)
    return False


def _has_merge(file: SourceFile, diagnostics: Diagnostics) -> bool:
    marks = []
    position = 0
    for mark in _MERGE:
        found = mark.search(file.text, position)
        if found is None:
            return False
        position = found.end()
        marks.append(found)
    first = marks[0]
    diagnostics.error(
        "merge-markers",
        "a merge has left both versions here",
        Span(file, first.start(), first.end()),
        hint="keep one of them, and remove the lines with <<<<<<<, ======= and >>>>>>>",
    )
    return True


def _is_opensips(tokens: list[Token], diagnostics: Diagnostics) -> bool:
    for at, token in enumerate(tokens):
        if token.kind != NAME or token.text != "loadmodule":
            continue
        name = tokens[at + 2] if tokens[at + 1].kind == "(" else tokens[at + 1]
        if name.kind != STRING:
            continue
        module = string_value(name.text).rpartition("/")[2].removesuffix(".so")
        if module in _OPENSIPS:
            diagnostics.error(
                "opensips-script",
                f"this looks like a script for OpenSIPS, which has the module {module}",
                name.span,
                hint="the languages look alike and are not the same: start with one for Kamailio",
            )
            return True
    return False


def _unfilled(found: Preprocessed, diagnostics: Diagnostics) -> None:
    lines: list[Span] = []
    places: list[Span] = []
    for file in found.files:
        for match in _PLACEHOLDER.finditer(file.text):
            line = Span(file, match.start(), match.end())
            if any(_is_in(token, line) for token in found.tokens):  # not under a false #!ifdef
                lines.append(line)
                places.append(Span(file, match.start("what"), match.end("what")))
    if not lines:
        return
    diagnostics.error(
        "unfilled-template",
        f"{places[0].text} has to be replaced by a value of yours",
        places[0],
        hint="as in listen=udp:192.0.2.1:5060",
        related=tuple((place, "and so has this") for place in places[1:]),
    )
    found.tokens[:] = [
        token for token in found.tokens if not any(_is_in(token, line) for line in lines)
    ]


def _is_in(token: Token, line: Span) -> bool:
    return token.file is line.file and line.start <= token.start < line.end
