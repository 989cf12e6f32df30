"""name-addr and addr-spec with parameters: From, To, Contact, Route (RFC 3261 section 20.10).

Compiled (see `nameaddr.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from sipway.sip.uri import Uri, routable_uri


class NameAddr:
    """`"Display" <uri>;params`, made by `parse_name_addr`.

    uri      as written, without the angle brackets; empty if there is none
    """

    def _begin(self, text: str, display_end: int, uri: str, behind: int, end: int) -> None:
        """`behind` is where the parameters begin, with their semicolon; `end` where they end."""
        self.uri = uri
        self._text = text
        self._display_end = display_end
        self._behind = behind
        self._end = end
        self._params: dict[str, str | None] | None = None
        self._tag: str | None = None
        self._has_tag = False
        self._parsed: Uri | None = None
        self._is_parsed = False

    @property
    def display(self) -> str:
        """As written, with its quotes; empty if there is none."""
        return self._text[: self._display_end].strip()

    @property
    def params(self) -> dict[str, str | None]:
        """Names in small letters -> values as written, None for one without a value."""
        if self._params is None:
            self._params = _params(self._text[self._behind : self._end])
        return self._params

    @property
    def tag(self) -> str | None:
        return self._read_tag()

    def _read_tag(self) -> str | None:
        if not self._has_tag:
            self._has_tag = True
            self._tag = self._find_tag()
        return self._tag

    def _find_tag(self) -> str | None:
        """The parameter `tag`; where it comes first, as mostly, no other is looked at."""
        text = self._text
        at = self._behind
        end = self._end
        if at >= end:
            return None
        i = at + 5
        if (
            i < end
            and text[at + 1] == "t"
            and text[at + 2] == "a"
            and text[at + 3] == "g"
            and text[at + 4] == "="
        ):
            while i < end:
                character = text[i]
                if character == ";" or character == "," or character == '"' or character <= " ":
                    break
                i += 1
            else:
                return text[at + 5 : end]
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
    address = NameAddr.__new__(NameAddr)
    n = len(text)
    begin = _behind_quotes(text, 0) if n and text[0] == '"' else 0
    angle = text.find("<", begin)
    comma = text.find(",", begin)
    if angle >= 0 and not 0 <= comma < angle:
        close = text.find(">", angle)
        if close < 0:
            address._begin(text, angle, "", n, n)
            return address
        semicolon = text.find(";", close)
        if semicolon < 0 or (comma >= 0 and 0 <= text.find(",", close) < semicolon):
            semicolon = n
        address._begin(text, angle, text[angle + 1 : close], semicolon, n)
        return address
    end = n if comma < 0 else comma
    semicolon = text.find(";", 0, end)
    if semicolon < 0:
        semicolon = end
    address._begin(text, 0, text[:semicolon].strip(), semicolon, end)
    return address


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
