"""URIs: sip, sips, tel and any other scheme, taken apart (RFC 3261 section 19.1, RFC 3966)."""

from __future__ import annotations

from dataclasses import dataclass, field

from sipway.errors import SipParseError


@dataclass(frozen=True, slots=True)
class Uri:
    """The parts of a URI as written; nothing is unescaped.

    `host` of an IPv6 address keeps its brackets; `port` is 0 if there is none. Of a tel URI
    the number is the `user` and there is no host. `params` and `headers` are the text behind
    `;` and `?`.
    """

    scheme: str
    user: str | None = None
    password: str | None = None
    host: str = ""
    port: int = 0
    params: str = ""
    headers: str = ""
    _cache: dict[str, str | None] = field(default_factory=dict, repr=False, compare=False)

    def param(self, name: str) -> str | None:
        """The value of a parameter (any case), "" for one without a value, None if missing."""
        if self.params and not self._cache:
            for part in self.params.split(";"):
                key, equals, value = part.partition("=")
                self._cache.setdefault(key.strip().lower(), value.strip() if equals else "")
        return self._cache.get(name.lower())

    @property
    def host_port(self) -> str:
        return f"{self.host}:{self.port}" if self.port else self.host


def parse_uri(text: str) -> Uri:
    """Take a URI apart; raises SipParseError."""
    scheme, colon, rest = text.partition(":")
    if not colon or not scheme or not scheme[0].isalpha():
        raise SipParseError("The URI has no scheme")
    scheme = scheme.lower()
    if scheme == "tel":
        number, _, params = rest.partition(";")
        if not number:
            raise SipParseError("The tel URI has no number")
        return Uri(scheme, user=number, params=params)
    if scheme not in ("sip", "sips"):
        return Uri(scheme, host=rest)
    user: str | None = None
    password: str | None = None
    at = rest.find("@")
    if at >= 0:
        user, colon, secret = rest[:at].partition(":")
        password = secret if colon else None
        rest = rest[at + 1 :]
    rest, _, headers = rest.partition("?")
    host_port, _, params = rest.partition(";")
    host, port = _host_port(host_port)
    return Uri(scheme, user, password, host, port, params, headers)


def _host_port(text: str) -> tuple[str, int]:
    if text.startswith("["):
        end = text.find("]")
        if end < 0:
            raise SipParseError("The URI's host has no closing bracket")
        host, tail = text[: end + 1], text[end + 1 :]
        if tail and not tail.startswith(":"):
            raise SipParseError("The URI has something behind its host that is no port")
        port = tail[1:]
    else:
        host, colon, port = text.partition(":")
        if colon and not port:
            raise SipParseError("The URI's port is empty")
    if not host or any(c in ' \t\r\n"<>,' for c in host):
        raise SipParseError("The URI has no host")
    if not port:
        return host, 0
    if not (port.isascii() and port.isdigit()) or len(port) > 5 or int(port) > 65535:
        raise SipParseError("The URI's port is not a number up to 65535")
    return host, int(port)
