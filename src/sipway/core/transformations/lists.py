"""`{param.…}`: lists such as `a=1;b=2`; `{line.…}`: lines of a text."""

from __future__ import annotations

from sipway.core.transformations.strings import transformation

Parameter = tuple[str, str]


def _parameters(text: str, separator: str) -> list[Parameter]:
    """Names and values; a value is empty where there is none, and without its quotes."""
    found: list[Parameter] = []
    for piece in _split(text, separator[:1] or ";"):
        name, _, value = piece.partition("=")
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] == '"':
            value = value[1:-1]
        found.append((name.strip(), value))
    return found


def _split(text: str, separator: str) -> list[str]:
    """Cut at separators outside of double quotes."""
    if '"' not in text:
        return text.split(separator)
    pieces = [""]
    quoted = False
    for letter in text:
        if letter == '"':
            quoted = not quoted
        if letter == separator and not quoted:
            pieces.append("")
        else:
            pieces[-1] += letter
    return pieces


def _at(found: list[Parameter], index: str) -> Parameter:
    try:
        return found[int(index)]
    except IndexError:
        return "", ""


@transformation("param.value", least=1, most=2)
def _value(text: str, name: str, separator: str = ";") -> str | None:
    """The value of a parameter, empty if there is none."""
    if not text:
        return None
    wanted = name.lower()
    return next(
        (each for known, each in _parameters(text, separator) if known.lower() == wanted), ""
    )


@transformation("param.in", least=1, most=2)
def _is_in(text: str, name: str, separator: str = ";") -> int | None:
    """1 if there is a parameter of this name, else 0."""
    if not text:
        return None
    wanted = name.lower()
    return int(any(known.lower() == wanted for known, _ in _parameters(text, separator)))


@transformation("param.valueat", least=1, most=2)
def _value_at(text: str, index: str, separator: str = ";") -> str | None:
    """The value of the parameter at a place, from the end if negative."""
    return _at(_parameters(text, separator), index)[1] if text else None


@transformation("param.name", least=1, most=2)
def _name_at(text: str, index: str, separator: str = ";") -> str | None:
    """The name of the parameter at a place, from the end if negative."""
    return _at(_parameters(text, separator), index)[0] if text else None


@transformation("param.count", most=1)
def _count(text: str, separator: str = ";") -> int | None:
    """How many parameters there are."""
    return len(_parameters(text, separator)) if text else None


def _lines(text: str) -> list[str]:
    """The lines without their ends; an empty one at the end does not count."""
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    if lines[-1] == "":
        lines.pop()
    return lines


@transformation("line.count")
def _line_count(text: str) -> str | None:
    """How many lines there are, as text."""
    return str(len(_lines(text))) if text else None


@transformation("line.at", least=1, most=1)
def _line_at(text: str, index: str) -> str | None:
    """The line at a place, from the end if negative; empty if there is none."""
    if not text:
        return None
    try:
        return _lines(text)[int(index)]
    except IndexError:
        return ""


@transformation("line.sw", least=1, most=1)
def _line_starting_with(text: str, start: str) -> str | None:
    """The first line that starts with a text; empty if there is none."""
    if not text:
        return None
    return next((line for line in _lines(text) if line.startswith(start)), "")
