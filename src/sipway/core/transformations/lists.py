"""`{param.…}`: lists such as `a=1;b=2`; `{line.…}`: lines of a text."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TypeAlias

from sipway.core.transformations.kinds import Delimiter, transformation

Parameter: TypeAlias = tuple[str, str]


@lru_cache(maxsize=64)
def _grammar(separator: str) -> re.Pattern[str]:
    """One parameter, and the separator behind it, or the comma or the end where the list ends."""
    by = re.escape(separator)
    return re.compile(
        rf"([^\s=,{by}]*)\s*"
        rf"(?:=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s,{by}\"'][^\s,{by}]*))\s*)?"
        rf"(?:({by})\s*|(?=,)|\Z)"
    )


def parameters(text: str, separator: str = ";") -> list[Parameter]:
    """Names and values; a value is empty where there is none, and without its quotes.

    The list ends at a comma. Raises ValueError for an empty text and one that is no list.
    """
    if not text:
        raise ValueError("no list")
    grammar = _grammar(separator)
    found: list[Parameter] = []
    at = 0
    while True:
        match = grammar.match(text, at)
        if match is None:
            raise ValueError("no list")
        name, double, single, plain, more = match.groups()
        found.append((name, double or single or plain or ""))
        at = match.end()
        if more is None or at == len(text):
            return found


def _at(found: list[Parameter], index: int) -> Parameter:
    try:
        return found[index]
    except IndexError:
        return "", ""


def _named(text: str, name: str, separator: str) -> str | None:
    """The value of the last parameter of this name, None if there is none."""
    wanted = name.lower()
    for known, value in reversed(parameters(text, separator)):
        if known.lower() == wanted:
            return value
    return None


@transformation("param.value")
def _value(text: str, name: str, separator: Delimiter = ";") -> str:
    """The value of a parameter, empty if there is none; of the last one of the name."""
    return _named(text, name, separator) or ""


@transformation("param.in")
def _is_in(text: str, name: str, separator: Delimiter = ";") -> int:
    """1 if there is a parameter of this name, else 0."""
    return int(_named(text, name, separator) is not None)


@transformation("param.valueat")
def _value_at(text: str, index: int, separator: Delimiter = ";") -> str:
    """The value of the parameter at a place, from the end if negative."""
    return _at(parameters(text, separator), index)[1]


@transformation("param.name")
def _name_at(text: str, index: int, separator: Delimiter = ";") -> str:
    """The name of the parameter at a place, from the end if negative."""
    return _at(parameters(text, separator), index)[0]


@transformation("param.count")
def _count(text: str, separator: Delimiter = ";") -> int:
    """How many parameters there are."""
    return len(parameters(text, separator))


def _lines(text: str) -> list[str]:
    """The lines without their ends; an empty one at the end does not count."""
    if not text:
        raise ValueError("no lines")
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    if lines[-1] == "":
        lines.pop()
    return lines


@transformation("line.count")
def _line_count(text: str) -> str:
    """How many lines there are, as text."""
    return str(len(_lines(text)))


@transformation("line.at")
def _line_at(text: str, index: int) -> str:
    """The line at a place, from the end if negative; empty if there is none."""
    try:
        return _lines(text)[index]
    except IndexError:
        return ""


@transformation("line.sw")
def _line_starting_with(text: str, start: str) -> str:
    """The first line that starts with a text; empty if there is none."""
    return next((line for line in _lines(text) if line.startswith(start)), "")
