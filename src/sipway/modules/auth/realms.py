"""Realms, and the credentials that a request has for one.

Whatever a request holds, a few header fields are looked at, each bounded by `sip.digest`.

Compiled (see `realms.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from sipway.core.context import Context
from sipway.language.early import NULL
from sipway.modules.auth._module import proxy_header, realm_prefix, www_header
from sipway.sip import headers
from sipway.sip.digest import parse_fields, plain_credentials
from sipway.sip.message import text

_MOST_FIELDS: Final = 16
# What would end the quotes around it, or the line.
_UNFIT: Final = re.compile(r'[\0-\x1f\x7f"\\]')

# Realms that have been looked at; mostly there is one.
_fit: set[str] = set()
_MOST_FIT: Final = 64


class Side(NamedTuple):
    """Who asks: a server at the end (401), or a proxy (407)."""

    status: int
    reason: str
    answers: int  # kind of the header field with credentials

    def challenge_name(self, ctx: Context) -> str:
        """The name of the header field with the challenge."""
        return (www_header if self is WWW else proxy_header)(ctx.program)


WWW: Final = Side(401, "Unauthorized", headers.AUTHORIZATION)
PROXY: Final = Side(407, "Proxy Authentication Required", headers.PROXY_AUTHORIZATION)


def side_of(ctx: Context) -> Side:
    """A registrar is at the end, for all else we are a proxy."""
    return WWW if ctx.message.method == "REGISTER" else PROXY


def realm_of(ctx: Context, realm: str) -> str | None:
    """The realm without its prefix; None if it cannot be one."""
    prefix = realm_prefix(ctx.program)
    if prefix:
        realm = realm.removeprefix(prefix)
    if realm in _fit:
        return realm
    if not realm or NULL in realm or _UNFIT.search(realm):
        return None
    if len(_fit) < _MOST_FIT:
        _fit.add(realm)
    return realm


class Found:
    """Digest credentials.

    value       what the header field holds
    parameters  what that says, names in small letters; of a name that comes twice the first
    repeated    the names that come more than once
    """

    def __init__(self, value: bytes, parameters: dict[str, str], repeated: frozenset[str]) -> None:
        self.value = value
        self.parameters = parameters
        self.repeated = repeated

    def is_of(self, realm: str) -> bool:
        """Whether the credentials are for a realm, in whatever case that is written."""
        found = self.parameters.get("realm", "")
        return found == realm or found.lower() == realm.lower()


_NOTHING: Final[frozenset[str]] = frozenset()


def credentials(ctx: Context, side: Side) -> list[Found | None]:
    """The Digest credentials in a request; None for a header field that cannot be read.

    A header field holds those for one realm (RFC 3261 section 7.3.1).
    """
    message = ctx.message
    found: list[Found | None] = []
    index = message.find(side.answers)
    while index >= 0 and len(found) < _MOST_FIELDS:
        value = message.raw_value(index)
        parameters = plain_credentials(value)
        if parameters is None:
            found += _uncommon(value)
        else:
            found.append(Found(value, parameters, _NOTHING))
        index = message.find(side.answers, index)
    return found


def _uncommon(value: bytes) -> list[Found | None]:
    try:
        fields = parse_fields(text(value))
    except ValueError:
        return [None]
    if len(fields) != 1:
        return [None]
    only = fields[0]
    if only.scheme != "digest":
        return []
    return [Found(value, dict(only.parameters), only.repeated)]
