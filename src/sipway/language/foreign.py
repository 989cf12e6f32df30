"""What is no script yet, or one of another server: told once, instead of for each line of it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
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
_HOLE: Final = r"<[^<>\"\n]+>|\{\{[^{}\n]*\}\}|\$\{\w+\}|%\w+%|@\w+@"
_SOCKET: Final = re.compile(
    r"^[ \t]*socket[ \t]*=[ \t]*\{"
    r"(?:[^{}#\"]|#[^\n]*\n|\"[^\"]*\"|\{\{[^{}\n]*\}\}|\$\{\w+\})*\}[ \t]*;?",
    re.MULTILINE,
)
_IN_SOCKET: Final = re.compile(rf"#[^\n]*|\"[^\"]*\"|(?P<what>{_HOLE})")
# A listen or alias with a hole somewhere, another setting whose value is one, and a line that
# is for a template engine (`{% if x %}`, `<% end %>`).
_PLACEHOLDERS: Final = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        rf"^[ \t]*(?:listen|alias)[ \t]*=[^\"'#\n]*?(?P<what>{_HOLE})[^\n]*",
        rf"^[ \t]*\w+[ \t]*=[ \t]*(?P<what>{_HOLE})[ \t]*;?[ \t]*(?:#[^\n]*)?$",
        r"^[ \t]*(?P<what>\{%[^\n]*%\}|<%[^\n]*%>)[ \t]*$",
    )
)
_MOST_SHOWN: Final = 20
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
    starts: dict[SourceFile, list[int]] = {}
    for token in found.tokens:
        starts.setdefault(token.file, []).append(token.start)
    places: list[Span] = []
    lines: dict[SourceFile, list[Span]] = {}
    for file, offsets in starts.items():
        offsets.sort()
        lines[file] = []
        for match in _holes(file.text):
            line = Span(file, *match[:2])
            if _counts(offsets, line):
                lines[file].append(line)
                places.append(Span(file, *match[2:]))
    if not places:
        return
    # What the lexer said of these lines, such as of the second @ of @IP@, is about the holes too.
    diagnostics.discard(lambda span: _is_in(span.start, lines.get(span.file, [])))
    first = places[0]
    if first.text[1] == "%" and first.text[-2] == "%":
        message = f"{first.text} is for a template engine, which has not been run"
    else:
        message = f"{first.text} has to be replaced by a value of yours"
    diagnostics.error(
        "unfilled-template",
        message,
        first,
        hint="as in listen=udp:192.0.2.1:5060",
        related=tuple((place, "and so has this") for place in places[1:_MOST_SHOWN]),
    )
    found.tokens[:] = [
        token for token in found.tokens if not _is_in(token.start, lines[token.file])
    ]


def _holes(text: str) -> list[tuple[int, int, int, int]]:
    """Lines and sockets with a hole, one for each: start and end of both, in their order."""
    found: dict[int, tuple[int, int, int, int]] = {}
    for socket in _SOCKET.finditer(text):
        for hole in _IN_SOCKET.finditer(text, *socket.span()):
            if hole["what"] is not None:
                found[socket.start()] = (*socket.span(), *hole.span())
                break
    for pattern in _PLACEHOLDERS:
        for match in pattern.finditer(text):
            found.setdefault(match.start(), (*match.span(), *match.span("what")))
    holes: list[tuple[int, int, int, int]] = []
    for start in sorted(found):
        if not holes or start >= holes[-1][1]:
            holes.append(found[start])
    return holes


def _counts(starts: list[int], line: Span) -> bool:
    """Whether a token of the line has been read: it may stand under a false `#!ifdef`."""
    at = bisect_left(starts, line.start)
    return at < len(starts) and starts[at] < line.end


def _is_in(place: int, lines: list[Span]) -> bool:
    """Whether the place is in one of the lines, which are sorted."""
    at = bisect_right(lines, place, key=lambda line: line.start)
    return at > 0 and place < lines[at - 1].end
