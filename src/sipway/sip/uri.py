"""URIs: sip, sips, tel and any other scheme, taken apart (RFC 3261 section 19.1, RFC 3966).

Compiled (see `uri.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from sipway.errors import SipParseError

# The same URIs come again and again. The bound keeps a flood of forged ones harmless.
_REMEMBERED = 1024
_routable: dict[str, Uri | None] = {}


class Uri:
    """The parts of a URI as written, the scheme in small letters; nothing is unescaped.

    `host` of an IPv6 address keeps its brackets; `port` is 0 if there is none. Of a tel URI
    the number is the `user` and there is no host. `params` and `headers` are the text behind
    `;` and `?`. Not to be changed: others may have the same one in hand.
    """

    def __init__(
        self,
        scheme: str,
        user: str | None = None,
        password: str | None = None,
        host: str = "",
        port: int = 0,
        params: str = "",
        headers: str = "",
    ) -> None:
        self.scheme = scheme
        self.user = user
        self.password = password
        self.host = host
        self.port = port
        self.params = params
        self.headers = headers
        self._values: dict[str, str] | None = None

    def __repr__(self) -> str:
        parts = ", ".join(repr(part) for part in self._parts())
        return f"Uri({parts})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Uri) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(self._parts())

    def _parts(self) -> tuple[object, ...]:
        return (
            self.scheme,
            self.user,
            self.password,
            self.host,
            self.port,
            self.params,
            self.headers,
        )

    def param(self, name: str) -> str | None:
        """The value of a parameter (any case), "" for one without a value, None if missing."""
        if not self.params:
            return None
        if self._values is None:
            self._values = {}
            for part in self.params.split(";"):
                key, equals, value = part.partition("=")
                self._values.setdefault(key.strip().lower(), value.strip() if equals else "")
        return self._values.get(name.lower())

    @property
    def host_port(self) -> str:
        return f"{self.host}:{self.port}" if self.port else self.host


def parse_uri(text: str) -> Uri:
    """Take a URI apart; raises SipParseError."""
    colon = text.find(":")
    if colon < 1 or not text[0].isalpha():
        raise SipParseError("The URI has no scheme")
    scheme = text[:colon].lower()
    at = colon + 1
    end = len(text)
    if scheme == "tel":
        semicolon = text.find(";", at)
        number_end = end if semicolon < 0 else semicolon
        if number_end == at:
            raise SipParseError("The tel URI has no number")
        return Uri(scheme, text[at:number_end], params=text[number_end + 1 :])
    if scheme not in ("sip", "sips"):
        return Uri(scheme, host=text[at:])
    user: str | None = None
    password: str | None = None
    sign = text.find("@", at)
    if sign >= 0:
        secret = text.find(":", at, sign)
        user = text[at : sign if secret < 0 else secret]
        password = None if secret < 0 else text[secret + 1 : sign]
        if not user:
            raise SipParseError("The URI has an empty user part")
        at = sign + 1
    headers = ""
    mark = text.find("?", at)
    if mark >= 0:
        headers = text[mark + 1 :]
        end = mark
    params = ""
    semicolon = text.find(";", at, end)
    if semicolon >= 0:
        params = text[semicolon + 1 : end]
        end = semicolon
    host_end = _host_end(text, at, end)
    return Uri(
        scheme, user, password, text[at:host_end], _port(text, host_end, end), params, headers
    )


def _host_end(text: str, at: int, end: int) -> int:
    """Where the host ends that begins at `at`, its brackets included."""
    if at < end and text[at] == "[":
        close = text.find("]", at, end)
        if close < 0:
            raise SipParseError("The URI's host has no closing bracket")
        return close + 1
    host_end = at
    while host_end < end:
        character = text[host_end]
        if character == ":":
            break
        if character in ' \t\r\n"<>,@':
            raise SipParseError("The URI has no host")
        host_end += 1
    if host_end == at:
        raise SipParseError("The URI has no host")
    return host_end


def _port(text: str, at: int, end: int) -> int:
    """The number behind the colon at `at`; 0 if there is none."""
    if at >= end:
        return 0
    if text[at] != ":":
        raise SipParseError("The URI has something behind its host that is no port")
    number = 0
    for i in range(at + 1, end):
        character = text[i]
        if not "0" <= character <= "9" or i - at > 5:
            raise SipParseError("The URI's port is not a number up to 65535")
        number = number * 10 + ord(character) - 48
    if number > 65535:
        raise SipParseError("The URI's port is not a number up to 65535")
    return number


def routable_uri(text: str) -> Uri | None:
    """The URI; None for text that is no URI by which a request can be routed.

    Of a urn the namespace is the `user` and the name within it the `host` (RFC 8141).
    """
    if text in _routable:
        return _routable[text]
    uri: Uri | None
    try:
        uri = parse_uri(text)
    except SipParseError:
        uri = None
    else:
        if uri.scheme == "urn":
            namespace, colon, name = uri.host.partition(":")
            uri = Uri("urn", namespace, host=name) if colon else uri
        elif uri.scheme not in ("sip", "sips", "tel", "tels"):
            uri = None
    if len(_routable) >= _REMEMBERED:
        _routable.clear()
    _routable[text] = uri
    return uri
