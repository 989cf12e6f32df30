"""Requests that `textopsx.cfg` changes."""

from __future__ import annotations

from tests.compat.case import Case, request

_HEADERS = "X-L: a, b;q=1 ,c\r\nX-L: d\r\nSupported: path, timer\r\nContent-Type: a/b\r\n"
_NAMES = (
    "remove-first",
    "remove-second",
    "remove-last",
    "remove-third",
    "remove-all",
    "remove-parameter",
    "remove-none",
    "remove-whole",
    "insert",
    "insert-first",
    "insert-none",
    "append",
    "append-second",
    "assign",
    "assign-parameter",
    "assign-whole",
    "include",
    "exclude",
    "exists",
    "body",
    "keep",
    "keep-all",
    "match",
    "match-any-case",
    "apply",
    "headers",
    "back",
    "lines",
)

CASES = [
    Case(
        name,
        "What the script makes of headers, body and message.",
        (request(user=name, extra=_HEADERS, body="one\r\ntwo\r\nthree\r\n"),),
    )
    for name in _NAMES
]
