"""Rewriting parts of the Request-URI: `$rU = ...`, rewritehost(), strip() ...

Only the part in question changes; the rest of the text stays as it was, byte for byte.
"""

from __future__ import annotations

import re
from typing import Final

from sipway.core.context import Context
from sipway.errors import SipParseError
from sipway.language.record import Record
from sipway.sip.uri import parse_uri

_TELEPHONE: Final = ("tel", "tels")


class UriParts(Record, frozen=False):
    """A URI cut into its parts, each as written; `tail` is parameters and headers.

    `user` and `port` are None where the URI has none; of a tel URI only `user` is there.
    """

    scheme: str
    user: str | None
    password: str | None
    host: str
    port: str | None
    tail: str

    @property
    def is_telephone(self) -> bool:
        return self.scheme.lower() in _TELEPHONE

    def __str__(self) -> str:
        if self.is_telephone:
            return f"{self.scheme}:{self.user or ''}{self.tail}"
        text = f"{self.scheme}:"
        if self.user:
            text += self.user if self.password is None else f"{self.user}:{self.password}"
            text += "@"
        text += self.host
        if self.port is not None:
            text += f":{self.port}"
        return text + self.tail


def cut(uri: str) -> UriParts:
    """Cut a URI into its parts. Raises SipParseError for what is none."""
    parsed = parse_uri(uri)
    scheme, _, rest = uri.partition(":")
    if parsed.scheme in _TELEPHONE:
        user = parsed.user or ""
        return UriParts(scheme, user, None, "", None, rest[len(user) :])
    user_part: str | None = None
    password: str | None = None
    if parsed.user is not None:
        login, _, rest = rest.partition("@")
        user_part, colon, secret = login.partition(":")
        password = secret if colon else None
    address = re.match(r"\[[^]]*\]|[^:;?]*", rest)
    host = address[0] if address else ""
    rest = rest[len(host) :]
    port = None
    if rest.startswith(":"):
        digits = re.match(r":([^;?]*)", rest)
        port = digits[1] if digits else None
        rest = rest[len(port or "") + 1 :]
    return UriParts(scheme, user_part, password, host, port, rest)


def _current(ctx: Context) -> UriParts:
    """The Request-URI as the script left it, cut. Raises ValueError when it is none."""
    uri = ctx.uri
    if uri is None:
        raise ValueError("a reply has no Request-URI")
    try:
        return cut(uri)
    except SipParseError as error:
        raise ValueError(f"the Request-URI {uri} cannot be changed: {error}") from None


def set_uri(ctx: Context, uri: str) -> None:
    """Replace the whole Request-URI; it is not looked at, as in Kamailio."""
    ctx.ruri = uri


def set_user(ctx: Context, user: str) -> None:
    """Replace the user part, keeping a password; an empty one removes both."""
    parts = _current(ctx)
    parts.user = user
    ctx.ruri = str(parts)


def set_user_and_password(ctx: Context, text: str) -> None:
    """Replace user and password by `user` or `user:password`."""
    parts = _current(ctx)
    parts.user, parts.password = text, None
    ctx.ruri = str(parts)


def set_host(ctx: Context, host: str) -> None:
    """Replace the host, keeping the port. A tel URI becomes a SIP URI with user=phone."""
    parts = _as_sip(_current(ctx))
    parts.host = host
    ctx.ruri = str(parts)


def set_host_and_port(ctx: Context, text: str) -> None:
    """Replace host and port by `host` or `host:port`."""
    parts = _as_sip(_current(ctx))
    parts.host, parts.port = text, None
    ctx.ruri = str(parts)


def set_host_port_and_transport(ctx: Context, text: str) -> None:
    """Replace host, port and transport by `host:port;transport=tcp`, or less of it."""
    parts = _as_sip(_current(ctx))
    parameters, mark, headers = parts.tail.partition("?")
    kept = [each for each in parameters.split(";")[1:] if not each.lower().startswith("transport=")]
    parts.host, parts.port = text, None
    parts.tail = "".join(f";{each}" for each in kept) + mark + headers
    ctx.ruri = str(parts)


def set_port(ctx: Context, port: str) -> None:
    """Replace the port; an empty one removes it."""
    parts = _current(ctx)
    if parts.is_telephone:
        raise ValueError("a tel URI has no port")
    parts.port = port or None
    ctx.ruri = str(parts)


def add_user_parameter(ctx: Context) -> None:
    """Add `user=phone`, unless this is a tel URI."""
    parts = _current(ctx)
    if not parts.is_telephone:
        parameters, mark, headers = parts.tail.partition("?")
        parts.tail = f"{parameters};user=phone{mark}{headers}"
        ctx.ruri = str(parts)


def user(ctx: Context) -> str:
    """The user part, empty where there is none."""
    return _current(ctx).user or ""


def _as_sip(parts: UriParts) -> UriParts:
    if not parts.is_telephone:
        return parts
    scheme = "sips" if parts.scheme.lower() == "tels" else "sip"
    return UriParts(scheme, f"{parts.user or ''}{parts.tail}", None, "", None, ";user=phone")


def text_of(value: object, what: str) -> str:
    """The value for a part of a URI. Raises ValueError unless it is text."""
    if not isinstance(value, str):
        raise ValueError(f"{what} is set from text, not from {value!r}")
    return value
