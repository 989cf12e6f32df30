"""name-addr and addr-spec with parameters: From, To, Contact, Route (RFC 3261 section 20.10).

Compiled (see `nameaddr.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from sipway.sip.uri import Uri, routable_uri


class NameAddr:
    """`"Display" <uri>;params`, made by `parse_name_addr`.

    uri      as written, without the angle brackets; empty if there is none
    display  as written, with its quotes; empty if there is none
    """

    def __init__(self, uri: str, display: str = "", behind: str = "") -> None:
        self.uri = uri
        self.display = display
        self._behind = behind  # from the first semicolon on
        self._params: dict[str, str | None] | None = None
        self._parsed: Uri | None = None
        self._is_parsed = False

    @property
    def params(self) -> dict[str, str | None]:
        """Names in small letters -> values as written, None for one without a value."""
        if self._params is None:
            self._params = _params(self._behind)
        return self._params

    @property
    def tag(self) -> str | None:
        return self.params.get("tag")

    @property
    def parsed(self) -> Uri | None:
        """The URI taken apart; None if it is none to route by."""
        return self._read_uri()

    def _read_uri(self) -> Uri | None:
        if not self._is_parsed:
            self._is_parsed = True
            self._parsed = routable_uri(self.uri)
        return self._parsed


def parse_name_addr(text: str) -> NameAddr:
    """Read the first value of the field; what cannot be read is left empty."""
    begin = _behind_quotes(text, 0) if text.startswith('"') else 0
    angle = text.find("<", begin)
    comma = text.find(",", begin)
    if angle >= 0 and not 0 <= comma < angle:
        close = text.find(">", angle)
        display = text[:angle].strip()
        if close < 0:
            return NameAddr("", display)
        semicolon = text.find(";", close)
        comma = text.find(",", close)
        if semicolon < 0 or 0 <= comma < semicolon:
            return NameAddr(text[angle + 1 : close], display)
        return NameAddr(text[angle + 1 : close], display, text[semicolon:])
    value = text if comma < 0 else text[:comma]
    semicolon = value.find(";")
    if semicolon < 0:
        return NameAddr(value.strip())
    return NameAddr(value[:semicolon].strip(), "", value[semicolon:])


def _behind_quotes(text: str, at: int) -> int:
    """Behind the quoted string that begins at `at`; one that is not closed ends with the text."""
    i = at + 1
    n = len(text)
    while i < n:
        character = text[i]
        if character == "\\":
            i += 1
        elif character == '"':
            return i + 1
        i += 1
    return n


def _params(text: str) -> dict[str, str | None]:
    params: dict[str, str | None] = {}
    n = len(text)
    i = 0
    while i < n and text[i] == ";":
        end = i + 1
        while end < n:
            character = text[end]
            if character == ";" or character == ",":
                break
            end = _behind_quotes(text, end) if character == '"' else end + 1
        equals = text.find("=", i, end)
        name = text[i + 1 : end if equals < 0 else equals].strip()
        if name:
            params.setdefault(name.lower(), None if equals < 0 else text[equals + 1 : end].strip())
        i = end
    return params
