"""`{sql.…}`, `{msrpuri.…}`, `{url.…}`, which Kamailio's modules sqlops, msrp and xhttp bring.

Here they need no `loadmodule`: they only read what they are given. What 5.6.3 makes of each was
tried (sql, msrpuri); url is as the cookbook has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from sipway.core.transformations.kinds import Value, transformation

# --- for statements of SQL ------------------------------------------------------------------

_ESCAPED: Final = str.maketrans(
    {"'": "\\'", '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\0": "\\0", "\x1a": "\\Z"}
)


def _quoted(text: str) -> str:
    return f"'{text.translate(_ESCAPED)}'"


def _literal(value: Value, null: str) -> str:
    if value is None:
        return null
    return str(value) if isinstance(value, int) else _quoted(value)


@transformation("sql.val")
def _sql_value(value: Value) -> str:
    """A literal: a number, a text in quotes, or NULL."""
    return _literal(value, "NULL")


@transformation("sql.val.int")
def _sql_integer(value: Value) -> str:
    """The same, but 0 for null."""
    return _literal(value, "0")


@transformation("sql.val.str")
def _sql_text(value: Value) -> str:
    """The same, but an empty text for null."""
    return _literal(value, "''")


# --- parts of MSRP URIs (RFC 4975 section 6) --------------------------------------------------

_MSRP: Final = re.compile(
    r"msrps?://(?:(?P<userinfo>[^@/]*)@)?(?P<host>\[[^\]/]+\]|[^:/;?]+)(?::(?P<port>\d{1,5}))?"
    r"(?:/(?P<session>[^;]*))?(?:;(?P<proto>[^;]*)(?P<more>;.*)?)?",
    re.IGNORECASE | re.DOTALL,
)


def _msrp_part(read: Callable[[re.Match[str]], str | None]) -> Callable[[str], str]:
    def part(text: str) -> str:
        match = _MSRP.fullmatch(text)
        return (read(match) or "") if match else ""

    return part


def _msrp_params(match: re.Match[str]) -> str:
    """The protocol among them, but empty where it is alone, as in 5.6.3."""
    return f"{match['proto']}{match['more']}" if match["more"] else ""


def _user(match: re.Match[str]) -> str:
    return re.split("[;:]", match["userinfo"] or "", maxsplit=1)[0]


_MSRP_PARTS: Final[tuple[tuple[str, Callable[[re.Match[str]], str | None], str], ...]] = (
    ("user", _user, "The user part."),
    ("userinfo", lambda match: match["userinfo"], "All before the @."),
    ("host", lambda match: match["host"], "The host."),
    ("port", lambda match: match["port"], "The port."),
    ("session", lambda match: match["session"], "The id of the session."),
    ("proto", lambda match: match["proto"], "The transport."),
    ("params", _msrp_params, "The parameters."),
)

for _name, _read, _doc in _MSRP_PARTS:
    _part = _msrp_part(_read)
    _part.__doc__ = f"{_doc} Empty where there is none, or the text is no MSRP URI."
    transformation(f"msrpuri.{_name}")(_part)


# --- parts of what is behind the host of an HTTP URL ------------------------------------------


@transformation("url.path")
def _path(text: str) -> str:
    """All before the question mark."""
    return text.partition("?")[0]


@transformation("url.querystring")
def _query(text: str) -> str:
    """All behind the question mark."""
    return text.partition("?")[2]
