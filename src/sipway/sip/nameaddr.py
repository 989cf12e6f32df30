"""name-addr and addr-spec with parameters: From, To, Contact, Route (RFC 3261 section 20.10)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NameAddr:
    """`"Display" <uri>;params`; `params` maps lower-case names to values, None without one."""

    uri: str
    display: str
    params: dict[str, str | None]

    @property
    def tag(self) -> str | None:
        return self.params.get("tag")


def parse_name_addr(text: str) -> NameAddr:
    """Read the first value of the field; what cannot be read is left empty."""
    begin = 0
    if text.startswith('"'):
        begin = _closing_quote(text, 0) + 1
    angle = text.find("<", begin)
    comma = text.find(",", begin)
    if angle >= 0 and not 0 <= comma < angle:
        close = text.find(">", angle)
        if close < 0:
            return NameAddr("", text[:angle].strip(), {})
        display = text[:angle].strip()
        return NameAddr(text[angle + 1 : close], display, _params(text[close + 1 :]))
    value = text if comma < 0 else text[:comma]
    uri, semicolon, params = value.partition(";")
    return NameAddr(uri.strip(), "", _params(semicolon + params))


def _closing_quote(text: str, start: int) -> int:
    i = start + 1
    while i < len(text):
        if text[i] == "\\":
            i += 1
        elif text[i] == '"':
            return i
        i += 1
    return len(text)


def _params(text: str) -> dict[str, str | None]:
    params: dict[str, str | None] = {}
    i = text.find(";")
    n = len(text)
    while 0 <= i < n and text[i] == ";":
        end = i + 1
        while end < n and text[end] not in ";,":
            end = _closing_quote(text, end) + 1 if text[end] == '"' else end + 1
        end = min(end, n)
        name, equals, value = text[i + 1 : end].partition("=")
        if name.strip():
            params.setdefault(name.strip().lower(), value.strip() if equals else None)
        i = end
    return params
