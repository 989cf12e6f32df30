"""Variables that have a value while the script is still being read.

`loadmodulex`, `modparamx` and the replacements of `#!subst` may hold them. Kamailio gives all
others the values of a message that it makes up; here they are an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from sipway.language.lexer import variable_end

Environment: TypeAlias = Callable[[str], str | None]
"""The value of a variable of the environment, None if it is not set."""

# As Kamailio's formats show what has no value.
NULL: Final = "<null>"

_VARIABLE = re.compile(
    r"\$(?:(?P<dollar>\$)|(?P<name>\w+)\((?P<inner>\w+)\)"
    r"|\((?P<name2>\w+)\((?P<inner2>\w+)\)\)|(?P<other>\S?))",
    re.ASCII,
)
_UNSET: Final[dict[str | None, str | None]] = {
    "var": "0", "avp": None, "xavp": None, "xavu": None, "xavi": None,
}  # fmt: skip
_NUMBER = re.compile(r"-?\d{1,18}\Z", re.ASCII)


class EarlyError(ValueError):
    """Why a text can't be evaluated now, as a sentence for the user."""


def unset_variables(text: str) -> list[str]:
    """The variables of a script's own in a text: nothing is in them yet."""
    return [match[0] for match in _VARIABLE.finditer(text) if _own_name(match) in _UNSET]


def _own_name(match: re.Match[str]) -> str | None:
    name: str | None = match["name"] or match["name2"]
    return name


def evaluate_early(
    text: str,
    defines: Mapping[str, str | None],
    environment: Environment,
    *,
    null: str = NULL,
    unset: bool = False,
) -> str:
    """The text with its variables replaced; `null` for those without a value.

    `unset`: a script's own variables may be there, with what they hold before anything is
    assigned. Raises EarlyError.
    """
    if "$" not in text:
        return text

    def replace(match: re.Match[str]) -> str:
        if match["dollar"]:
            return "$"
        if unset and _own_name(match) in _UNSET:
            value = _UNSET[_own_name(match)]
        else:
            value = _value(match, defines, environment)
        return null if value is None else value

    return _VARIABLE.sub(replace, text)


def early_value(
    variable: str, defines: Mapping[str, str | None], environment: Environment
) -> int | str:
    """The value of one variable: `$defn(NAME)` is a number. Raises EarlyError."""
    match = _VARIABLE.fullmatch(variable)
    if match is None:
        raise EarlyError(_message(variable))
    value = _value(match, defines, environment)
    if value is not None and _NUMBER.match(value) and "defn" in (match["name"], match["name2"]):
        return int(value)
    return "" if value is None else value


def _value(
    match: re.Match[str], defines: Mapping[str, str | None], environment: Environment
) -> str | None:
    name = match["name"] or match["name2"]
    inner = match["inner"] or match["inner2"]
    if name == "env":
        return environment(inner)
    if name not in ("def", "defn", "defs", "defv"):
        end = variable_end(match.string, match.start()) or match.end()
        raise EarlyError(_message(match.string[match.start() : max(end, match.end())]))
    if name == "defn":
        return (defines.get(inner) or "") if inner in defines else "0"
    if inner not in defines:
        return None
    value = defines[inner] or ""
    if name == "def":
        return value
    plain = value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value
    return f'"{plain}"' if name == "defs" else plain


def _message(variable: str) -> str:
    return (
        f"{variable} has no value while the script is read; $env(NAME), $def(NAME) and "
        "$defn(NAME) have one"
    )
